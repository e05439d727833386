"""Helper processes: where their last words go, and that they end."""

from __future__ import annotations

import signal
import stat
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

import meshconf
from meshconf import paths
from meshconf.child_process import kill, see_off, spawn

Program = Callable[[str], object]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Writes the module `helper`, which a new process finds."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return (tmp_path / "helper.py").write_text


async def test_what_it_says_on_stderr_is_kept_for_this_user_alone(program: Program, own_home: Path) -> None:
    program(
        "import meshconf, os, sys\n"
        "print(meshconf.__file__, sys.argv[1], os.environ['COLOUR'])\n"
        "sys.exit('there is no such thing')\n"
    )
    for _ in range(2):
        process = await spawn("helper", "an argument", log_name="helper.log", environ={"COLOUR": "green"})
        said, _ = await process.communicate()
        assert process.returncode == 1
        assert said.decode().split() == [meshconf.__file__, "an", "argument", "green"]
    kept = own_home / "log" / "helper.log"
    assert kept.read_text() == "there is no such thing\n" * 2
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


async def test_a_log_that_has_grown_large_is_put_aside(
    program: Program, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "LARGEST_LOG", 10)
    program("import sys; sys.exit(sys.argv[1])")
    for word in ("first, which is long", "second", "third"):
        await (await spawn("helper", word, log_name="helper.log")).communicate()
    assert (own_home / "log" / "helper.old.log").read_text() == "first, which is long\n"
    assert (own_home / "log" / "helper.log").read_text() == "second\nthird\n"


async def test_without_a_log_it_runs_all_the_same(
    program: Program, own_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (own_home / "log").write_text("a file")
    program("print('here')")
    said, _ = await (await spawn("helper", log_name="helper.log")).communicate()
    assert said == b"here\n" and "cannot be written" in caplog.text


async def test_who_does_not_end_when_asked_is_killed(program: Program) -> None:
    program("import sys, time; print('up', flush=True); sys.stdin.read(); time.sleep(3600)")
    process = await spawn("helper", log_name="helper.log")
    assert process.stdin is not None and process.stdout is not None
    await process.stdout.readline()
    process.stdin.close()
    await see_off(process, within=0.01)
    assert process.returncode == -signal.SIGKILL
    kill(process)


async def test_who_ends_when_asked_is_not_killed(program: Program) -> None:
    program("import sys; sys.stdin.read()")
    process = await spawn("helper", log_name="helper.log")
    assert process.stdin is not None
    process.stdin.close()
    await see_off(process, within=20)
    assert process.returncode == 0


async def test_what_cannot_be_started_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "missing"))
    before = psutil.Process().num_fds()
    with pytest.raises(FileNotFoundError):
        await spawn("helper", log_name="helper.log")
    assert psutil.Process().num_fds() == before
