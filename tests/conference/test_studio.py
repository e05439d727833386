"""Our own sources keep the room's rules by themselves: they do not start, or stop, and say why."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from meshconf.conference import events
from meshconf.conference.publishing import sound
from meshconf.conference.screen_commands import Blank, Freeze
from meshconf.devices.open import open_audio_source
from meshconf.errors import Refused, UsageError
from meshconf.protocol.room.state import Person, RoomState
from meshconf.types import Medium, PeerId, SourceKind
from tests.conference.mirror import Seen, studio_of
from tests.support.waiting import until

ANA, BEN = PeerId("ana"), PeerId("ben")
OPEN = RoomState(host=ANA, people={ANA: Person(b"", "ana"), BEN: Person(b"", "ben")})
SILENT = replace(OPEN, silenced=frozenset({Medium.AUDIO}))
MIC, CAMERA = SourceKind.MIC, SourceKind.CAMERA


class BensStudio:
    """Ben's studio and what it tells."""

    def __init__(self) -> None:
        self.told: list[events.Event] = []
        self.on: list[SourceKind] = []
        self.mirror = Seen()
        self.studio = studio_of(BEN, tell=self.told.append, mirror=self.mirror, on_change=self._changed)

    def _changed(self, on: list[SourceKind]) -> None:
        self.on = on

    async def sends(self, source: SourceKind, room: RoomState = OPEN) -> None:
        """Switch a source on, and wait until it sends."""
        await self.studio.switch(source, lambda: room, on=True, spec="test")
        if (pictures := self.studio.pictures.get(source)) is not None:
            pictures.wanted = {pictures.rungs[-1]: pictures.rungs[-1].start_bps}
        await until(lambda: self.studio.publishers[source].octets)

    @property
    def states(self) -> list[str]:
        """What was told of sources, in order."""
        return [event.state for event in self.told if isinstance(event, events.Source)]


@pytest.fixture
async def ben() -> AsyncIterator[BensStudio]:
    """Ben, who sends nothing yet."""
    ben = BensStudio()
    yield ben
    await ben.studio.close()


async def test_a_source_is_switched_on_and_off(ben: BensStudio) -> None:
    await ben.sends(MIC)
    assert ben.on == [MIC]
    await ben.studio.switch(MIC, lambda: OPEN, on=False)
    assert ben.on == [] and ben.states == ["on", "off"]


async def test_a_forbidden_start_is_refused_with_the_reason(ben: BensStudio) -> None:
    with pytest.raises(Refused, match="sound") as caught:
        await ben.studio.switch(MIC, lambda: SILENT, on=True, spec="test")
    assert caught.value.reason == "forbidden"
    assert not ben.studio.publishers[MIC].on and ben.told == []


async def test_a_running_source_that_is_forbidden_stops_and_the_others_go_on(ben: BensStudio) -> None:
    for source in (MIC, CAMERA):
        await ben.sends(source)
    ben.studio.ruled(SILENT)
    await until(lambda: ben.on == [CAMERA])
    assert ben.states == ["on", "on", "forbidden"]


@pytest.mark.parametrize("state", [OPEN, replace(SILENT, admins=(BEN,)), replace(SILENT, host=BEN)])
async def test_rules_that_do_not_concern_us_stop_nothing(ben: BensStudio, state: RoomState) -> None:
    await ben.sends(MIC)
    ben.studio.ruled(state)
    await asyncio.sleep(0)
    assert ben.on == [MIC]


async def test_a_source_that_is_forbidden_while_its_device_opens_does_not_send(
    ben: BensStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, may_open = threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        opening.set()
        may_open.wait(5)
        return open_audio_source(*args, **kwargs)

    monkeypatch.setattr(sound, "open_audio_source", slow)
    rules = [OPEN]
    switching = asyncio.create_task(ben.studio.switch(MIC, lambda: rules[-1], on=True, spec="test"))
    await until(opening.is_set)
    rules.append(SILENT)
    ben.studio.ruled(SILENT)
    may_open.set()
    await asyncio.gather(switching, return_exceptions=True)
    assert not ben.studio.publishers[MIC].on


async def test_pictures_are_encoded_only_while_somebody_watches(ben: BensStudio) -> None:
    await ben.studio.switch(CAMERA, lambda: OPEN, on=True, spec="test")
    publisher = ben.studio.pictures[CAMERA]
    await until(lambda: len(ben.mirror.frames) > 5)
    assert publisher.octets == {}
    half = publisher.rungs[1]
    publisher.wanted = {half: half.start_bps}
    await until(lambda: publisher.octets)
    assert set(publisher.octets) == {half.index}


async def test_a_screen_is_frozen_blanked_and_shown_again_and_each_is_told(ben: BensStudio) -> None:
    await ben.sends(SourceKind.SCREEN)
    for command in (Freeze(), Blank(on=True), Blank(), Freeze(on=False)):
        ben.studio.cover(command)
    showing = [event.showing for event in ben.told if isinstance(event, events.Source)]
    assert showing == ["live", "frozen", "blank", "frozen", "live"]
    ben.studio.cover(Freeze())
    await ben.sends(SourceKind.SCREEN)
    assert ben.studio.screen.cast.showing == "live"


async def test_what_is_not_shared_cannot_be_frozen(ben: BensStudio) -> None:
    with pytest.raises(UsageError, match="not shared"):
        ben.studio.cover(Freeze())
