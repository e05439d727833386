"""What is played to everybody: keys, position, and an end that is no failure."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meshconf.conference import events as api
from meshconf.conference.talk import playback as module
from meshconf.conference.talk.events import Playback as Told
from meshconf.conference.talk.playback import Playback
from meshconf.errors import DeviceError, Refused, UsageError
from meshconf.media.cushion import Cushion
from meshconf.protocol.room.state import Person, RoomState
from meshconf.types import Medium, PeerId, SourceKind
from tests.conference.mirror import studio_of
from tests.support.waiting import until

BEN = PeerId("ben")
OPEN = RoomState(host=PeerId("ana"), people={BEN: Person(b"", "ben")})
MEDIA = SourceKind.MEDIA


def _sound(path: Path, seconds: float) -> str:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(np.full(int(seconds * 48_000), 1000, dtype=np.int16).tobytes())
    return f"file:{path}"


@pytest.fixture
def song(tmp_path: Path) -> str:
    return _sound(tmp_path / "song.wav", 60)


class BensPlayer:
    """Ben's player and what it tells."""

    def __init__(self) -> None:
        self.room = OPEN
        self.told: list[api.Event] = []
        self.studio = studio_of(BEN, tell=self.told.append, on_change=lambda on: self.playback.changed())
        self.own = Cushion()
        self.playback = Playback(self.studio, self.own, room=lambda: self.room, tell=self.told.append)

    @property
    def states(self) -> list[str]:
        return [event.state for event in self.told if isinstance(event, Told)]

    @property
    def last(self) -> Told:
        return [event for event in self.told if isinstance(event, Told)][-1]

    @property
    def octets(self) -> int:
        return sum(self.studio.publishers[MEDIA].octets.values())


@pytest.fixture
async def ben() -> AsyncIterator[BensPlayer]:
    ben = BensPlayer()
    yield ben
    await ben.playback.close()
    await ben.studio.close()


async def test_a_song_is_held_moved_played_on_and_stopped(ben: BensPlayer, song: str) -> None:
    await ben.playback.play(song, at_s=10)
    assert ben.last.state == "playing" and ben.last.duration_s == 60 and not ben.last.repeat
    await until(lambda: ben.octets)
    await until(lambda: ben.own.pull() is not None)  # whoever plays it hears it, too
    ben.playback.pause()
    ben.playback.seek(30, 0)
    ben.playback.seek(None, -5)
    assert ben.last.position_s == 25
    ben.playback.seek(None, 500)
    assert ben.last.position_s == 60
    ben.playback.seek(0, 0)
    ben.playback.resume()
    await ben.playback.stop()
    assert [state for state, before in zip(ben.states, [""] + ben.states, strict=False) if state != before] == [
        "playing",
        "paused",
        "playing",
        "stopped",
    ]
    assert not ben.studio.publishers[MEDIA].on


async def test_its_position_is_told_while_it_plays(ben: BensPlayer, song: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TELL_EVERY", 0.05)
    await ben.playback.play(song)
    await until(lambda: ben.last.position_s > 0.15)


async def test_the_end_of_a_song_is_no_failure(ben: BensPlayer, tmp_path: Path) -> None:
    await ben.playback.play(_sound(tmp_path / "short.wav", 0.1))
    await until(lambda: ben.states[-1] == "stopped")
    assert [event.state for event in ben.told if isinstance(event, api.Source)] == ["on", "off"]
    assert not any(isinstance(event, api.Error) for event in ben.told)


async def test_an_empty_file_ends_at_once(ben: BensPlayer, tmp_path: Path) -> None:
    await ben.playback.play(_sound(tmp_path / "empty.wav", 0), repeat=True)
    await until(lambda: ben.states == ["playing", "stopped"])


async def test_a_file_given_as_source_is_repeated(ben: BensPlayer, song: str) -> None:
    await ben.playback.switch(on=True, spec=song)
    assert ben.last.repeat
    await ben.playback.play(song)
    assert not ben.last.repeat and ben.states == ["playing", "playing"]


async def test_what_cannot_be_opened_ends_what_played_and_says_so(ben: BensPlayer, song: str) -> None:
    await ben.playback.play(song)
    with pytest.raises(DeviceError):
        await ben.playback.play("file:/nowhere.ogg")
    assert ben.states == ["playing", "stopped"] and not ben.studio.publishers[MEDIA].on
    assert [event.state for event in ben.told if isinstance(event, api.Source)] == ["on", "off"]


async def test_keys_without_a_song_are_answered(ben: BensPlayer) -> None:
    for key in (ben.playback.pause, ben.playback.resume, lambda: ben.playback.seek(1, 0)):
        with pytest.raises(UsageError, match="Nothing is being played"):
            key()
    await ben.playback.stop()
    with pytest.raises(UsageError, match="file:PATH"):
        await ben.playback.play("test")


async def test_nothing_is_played_where_sound_is_forbidden(ben: BensPlayer, song: str) -> None:
    ben.room = replace(OPEN, silenced=frozenset({Medium.AUDIO}))
    with pytest.raises(Refused):
        await ben.playback.play(song)
    assert ben.states == []
