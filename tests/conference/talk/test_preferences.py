"""What was chosen about sound comes back, names nobody, stays small, and a damaged file costs nothing but itself."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from meshconf.conference.talk.preferences import MOST, PreferenceFile, Preferences
from meshconf.conference.talk.volumes import AS_IT_COMES, Volume
from meshconf.types import PeerId

ADA = PeerId("abcdefghij234567")


def _id(number: int) -> PeerId:
    return PeerId(f"{number:016d}".translate(str.maketrans("0189", "abcd")))


def test_what_was_chosen_comes_back(tmp_path: Path) -> None:
    chosen = Preferences(sounds=False, while_muted="listen")
    chosen.set_volume(ADA, Volume(-6, True))
    chosen.set_volume(None, Volume(3, True))
    PreferenceFile(tmp_path / "new").save(chosen)
    kept = PreferenceFile(tmp_path / "new").load()
    assert (kept.sounds, kept.while_muted, kept.gain_db) == (False, "listen", 3)
    assert kept.volumes() == {ADA: Volume(-6, True)}


def test_the_file_is_for_this_user_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    PreferenceFile(tmp_path).save(Preferences())
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_who_is_heard_as_they_come_is_not_kept() -> None:
    chosen = Preferences()
    chosen.set_volume(ADA, Volume(2))
    chosen.set_volume(ADA, AS_IT_COMES)
    assert chosen.volumes() == {}


def test_of_too_many_those_changed_longest_ago_are_forgotten(tmp_path: Path) -> None:
    chosen = Preferences()
    for number in range(MOST + 5):
        chosen.set_volume(_id(number), Volume(1))
    chosen.set_volume(_id(5), Volume(2))
    PreferenceFile(tmp_path).save(chosen)
    kept = PreferenceFile(tmp_path).load().volumes()
    assert len(kept) == MOST and _id(4) not in kept and kept[_id(5)] == Volume(2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}x",
        b"\xff",
        b'{"version":2}',
        b'{"people":{"../etc":{}}}',
        b'{"gain_db":1e9}',
        b'{"while_muted":"maybe"}',
        b"[" * 100_000,
        b" " * 2_000_000,
    ],
)
def test_a_damaged_file_counts_as_empty_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    file = PreferenceFile(tmp_path)
    (tmp_path / "sound.json").write_bytes(content)
    assert file.load() == Preferences()
    file.save(Preferences(sounds=False))
    assert not file.load().sounds


def test_a_folder_that_cannot_be_written_ends_no_meeting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    PreferenceFile(tmp_path / "file").save(Preferences())
    assert PreferenceFile(tmp_path / "file").load() == Preferences()
