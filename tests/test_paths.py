from __future__ import annotations

import os
import pwd
import stat
import warnings
from pathlib import Path

import pytest

from meshconf import paths
from meshconf.errors import MeshconfError

LONGEST_NAME = "4194304.sock"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No home of ours and no session: all there is to go by is the temporary folder, which this returns."""
    folder = tmp_path_factory.mktemp("t")
    monkeypatch.delenv("MESHCONF_HOME")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", pwd.getpwuid(os.getuid()).pw_dir)
    monkeypatch.setattr(paths, "_user", lambda: "nobody-logged-in")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(paths, "_LAST_RESORT", str(folder))
    return folder


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_without_a_session_sockets_lie_in_a_private_folder_and_nobody_is_warned(bare: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = paths.runtime_dir()
    assert folder.parent == bare
    assert _mode(folder) == 0o700


def test_the_folder_of_the_session_is_preferred(bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert paths.runtime_dir() == tmp_path / "meshconf"


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "HOME"])
def test_second_selves_in_one_session_stay_apart(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, variable: str
) -> None:
    session = tmp_path_factory.mktemp("s")  # not tmp_path: the way to a socket has to be short
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    found = {paths.runtime_dir()}
    for self in "ab":
        monkeypatch.setenv(variable, str(session / self))
        found.add(paths.runtime_dir())
        assert paths.runtime_dir().parent == session
    assert len(found) == 3


def test_the_folder_of_somebody_elses_session_is_left_alone(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/proc/1" if os.getuid() else "/nowhere")
    assert paths.runtime_dir().parent == bare


def test_a_folder_that_others_could_enter_is_closed(bare: Path) -> None:
    paths.runtime_dir().chmod(0o777)
    assert _mode(paths.runtime_dir()) == 0o700


def test_a_link_that_waits_in_our_place_is_not_followed(bare: Path, tmp_path: Path) -> None:
    (bare / "meshconf-nobody-logged-in").symlink_to(tmp_path)
    with pytest.raises(MeshconfError, match="somebody else"):
        paths.runtime_dir()


def test_a_long_path_gives_way_to_a_short_one_and_second_selves_stay_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = set()
    for self in "ab":
        monkeypatch.setenv("MESHCONF_HOME", str(tmp_path / (self * 100)))
        folder = paths.runtime_dir()
        found.add(folder)
        assert len(os.fsencode(folder / LONGEST_NAME)) <= 103
        folder.rmdir()
    assert len(found) == 2


def test_a_log_and_its_folder_are_closed_also_where_they_were_open(own_home: Path) -> None:
    folder = own_home / "log"
    old, new = folder / "old.log", folder / "new.log"
    folder.mkdir()
    folder.chmod(0o755)
    old.write_text("before\n")
    old.chmod(0o644)
    for path in (old, new):
        with open(paths.open_log(path.name), "a") as log:
            log.write("now\n")
    assert old.read_text() == "before\nnow\n"
    assert [_mode(path) for path in (folder, old, new)] == [0o700, 0o600, 0o600]


def test_what_a_log_is_linked_to_keeps_its_rights(own_home: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared.log"
    shared.touch()
    shared.chmod(0o644)
    (own_home / "log").mkdir()
    (own_home / "log" / "engine.log").symlink_to(shared)
    os.close(paths.open_log("engine.log"))
    assert _mode(shared) == 0o644


def test_no_folder_at_all_is_a_sentence(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(MeshconfError, match=r"No space left.*MESHCONF_HOME"):
        paths.runtime_dir()


def test_an_unknown_home_is_a_sentence_not_a_folder_called_tilde(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda _: "~/.local/share/meshconf")
    with pytest.raises(MeshconfError, match="HOME"):
        paths.data_dir()
