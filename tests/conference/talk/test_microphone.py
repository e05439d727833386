"""Mute, push-to-talk and the device behind them: what is heard, what is open, what is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from meshconf.conference import events as api
from meshconf.conference.talk import events
from meshconf.conference.talk.microphone import OwnMicrophone
from meshconf.config import MutedMic, Options
from meshconf.errors import Refused
from meshconf.protocol.room.state import Person, RoomState
from meshconf.rtc.feed import Viewer
from meshconf.types import BLOCK, Medium, PeerId, SourceKind
from tests.conference.mirror import studio_of
from tests.support.waiting import until

ANA, BEN = PeerId("ana"), PeerId("ben")
OPEN = RoomState(host=ANA, people={ANA: Person(b"", "ana"), BEN: Person(b"", "ben")})
SILENT = replace(OPEN, silenced=frozenset({Medium.AUDIO}))
MIC = SourceKind.MIC
VOICE = np.random.default_rng(1).integers(-6000, 6000, BLOCK).astype(np.int16)


class Counting(Viewer):
    """A link that counts what it is given."""

    def __init__(self) -> None:
        self.frames = 0

    def submit(self, kind: SourceKind, packets: object) -> bool:
        self.frames += 1
        return True


class BensMicrophone:
    """Ben's microphone, a link of his, and what is told."""

    def __init__(self, while_muted: MutedMic = "keep", **options: object) -> None:
        self.room, self.now = OPEN, 0.0
        self.told: list[api.Event] = []
        self.on: list[SourceKind] = []
        given = replace(Options(), **options)  # type: ignore[arg-type]
        self.studio = studio_of(BEN, tell=self.told.append, options=given, on_change=self._changed)
        self.microphone = OwnMicrophone(
            self.studio, given, while_muted, room=lambda: self.room, tell=self.told.append, clock=lambda: self.now
        )
        self.link = Counting()
        self.studio.feeds[MIC].attach(self.link)

    def _changed(self, on: list[SourceKind]) -> None:
        self.on = on
        self.microphone.changed()

    async def is_heard(self) -> None:
        """Wait until something leaves."""
        before = self.link.frames
        await until(lambda: self.link.frames > before + 1)

    async def is_not_heard(self) -> None:
        """See that nothing leaves while the device, if it is open, gives several blocks."""
        before = self.link.frames
        blocks: list[object] = []
        publisher = self.studio.sounds[MIC]
        captured = publisher.on_captured
        publisher.on_captured = lambda block, clean: blocks.append(block)
        await until(lambda: len(blocks) > 3 or not publisher.on)
        publisher.on_captured = captured
        assert self.link.frames == before

    @property
    def states(self) -> list[str]:
        return [event.state for event in self.told if isinstance(event, api.Source)]

    @property
    def last(self) -> events.Microphone:
        return [event for event in self.told if isinstance(event, events.Microphone)][-1]

    @property
    def codes(self) -> list[str | None]:
        return [event.code for event in self.told if isinstance(event, api.Notice)]

    async def close(self) -> None:
        await self.microphone.close()
        await self.studio.close()


@pytest.fixture
async def ben() -> AsyncIterator[BensMicrophone]:
    """Ben, whose microphone is on."""
    ben = BensMicrophone()
    await ben.microphone.begin("test")
    yield ben
    await ben.close()


async def test_muted_means_that_nothing_is_encoded_and_the_device_stays_ready(ben: BensMicrophone) -> None:
    await ben.is_heard()
    await ben.microphone.mute()
    await ben.is_not_heard()
    assert ben.on == [] and ben.last.open and ben.last.muted and not ben.last.on_air
    await ben.microphone.unmute()
    assert ben.on == [MIC]
    await ben.is_heard()
    assert ben.states == ["on", "off", "on"]


async def test_a_mute_counts_from_the_moment_of_the_command(ben: BensMicrophone) -> None:
    await ben.is_heard()
    muting = ben.microphone.mute()
    with pytest.raises(StopIteration):
        while True:  # step by step, without the loop: it waits for nothing
            muting.send(None)
    await ben.is_not_heard()


async def test_the_key_is_heard_while_it_is_held(ben: BensMicrophone) -> None:
    await ben.microphone.set_push_to_talk(True)
    await ben.is_not_heard()
    await ben.microphone.press()
    await ben.microphone.press()
    await ben.is_heard()
    await ben.microphone.release()
    await ben.is_not_heard()
    assert ben.states == ["on", "off", "on", "off"], "a key that repeats is told once"


async def test_a_key_held_for_too_long_is_let_go_of(ben: BensMicrophone) -> None:
    await ben.microphone.mute()
    await ben.microphone.press(hold=0.05)
    ben.now += 0.05
    await until(lambda: not ben.last.on_air)
    assert ben.codes == ["released"]


async def test_the_device_is_released_where_that_was_chosen() -> None:
    ben = BensMicrophone("release", start_muted=True)
    await ben.microphone.begin("test")
    assert not ben.studio.sounds[MIC].on, "what is muted from the start is not opened at all"
    await ben.microphone.unmute()
    await ben.is_heard()
    await ben.microphone.mute()
    assert not ben.last.open
    await ben.microphone.press()
    await ben.is_heard()
    await ben.microphone.release()
    assert not ben.last.open
    await ben.microphone.set_push_to_talk(True)
    assert ben.last.open and not ben.last.on_air, "whoever talks by a key has the device ready"
    await ben.close()


async def test_a_meeting_can_begin_muted_or_by_key() -> None:
    for ben in (BensMicrophone(start_muted=True), BensMicrophone(push_to_talk=True)):
        await ben.microphone.begin("test")
        await ben.is_not_heard()
        assert ben.last.open and ben.last.muted and ben.states == ["off"]
        await ben.microphone.unmute()
        await ben.is_heard()
        await ben.close()


async def test_whoever_switches_the_source_on_is_heard_but_not_past_the_key(ben: BensMicrophone) -> None:
    await ben.microphone.mute()
    await ben.microphone.switch(on=True, spec="test")
    await ben.is_heard()
    await ben.microphone.set_push_to_talk(True)
    await ben.microphone.switch(on=True, spec="test")
    await ben.is_not_heard()
    await ben.microphone.switch(on=False)
    assert not ben.last.open


async def test_what_the_room_forbids_no_key_gives(ben: BensMicrophone) -> None:
    await ben.microphone.mute()
    ben.room = SILENT
    for verb in (ben.microphone.unmute, ben.microphone.press):
        with pytest.raises(Refused):
            await verb()
    with pytest.raises(Refused):
        await ben.microphone.set_push_to_talk(True)
    await ben.is_not_heard()


@pytest.mark.parametrize(("while_muted", "told"), [("listen", ["talking-while-muted"]), ("keep", [])])
async def test_only_who_chose_it_is_told_of_talking_while_muted(while_muted: MutedMic, told: list[str]) -> None:
    ben = BensMicrophone(while_muted, start_muted=True)
    for _ in range(100):
        ben.now += 0.02
        ben.studio.sounds[MIC].on_captured(VOICE, VOICE)
    assert ben.codes == told
    await ben.close()


async def test_a_microphone_that_gives_nothing_is_told(ben: BensMicrophone) -> None:
    for _ in range(300):
        ben.now += 0.02
        ben.studio.sounds[MIC].on_captured(np.zeros(BLOCK, dtype=np.int16), VOICE)
    assert ben.codes == ["dead-microphone"]


async def test_a_microphone_that_is_gone_is_not_called_silent_as_well(ben: BensMicrophone) -> None:
    ben.studio.sounds[MIC].lost = True
    for _ in range(300):
        ben.now += 0.02
        ben.studio.sounds[MIC].on_captured(np.zeros(BLOCK, dtype=np.int16), VOICE)
    assert ben.codes == []
