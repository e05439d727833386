"""The bridge tells the page no more than ten times a second, and everything."""

from __future__ import annotations

import asyncio

import pytest
from textual.message import Message

from meshconf.tui.bridge import Bridge
from meshconf.tui.change import Change
from meshconf.tui.messages import EngineGone, ModelChanged
from meshconf.tui.model import MeetingModel
from tests.tui.fakes import BOB, THREE_PEOPLE, FakeEngine


async def test_a_flood_of_levels_is_told_as_few_changes() -> None:
    engine = FakeEngine(THREE_PEOPLE)
    engine.tell(*({"event": "levels", "levels": {BOB: {"db": -number / 100}}} for number in range(1000)), None)
    told: list[Message] = []
    model = MeetingModel()
    await asyncio.wait_for(Bridge(engine, model, told.append).run(), 5)
    changes = [message for message in told if isinstance(message, ModelChanged)]
    assert len(changes) <= 4
    assert Change.LEVELS in changes[-1].change and model.people[BOB].level_db == -9.99
    assert isinstance(told[-1], EngineGone) and told[-1].sentence


async def test_an_engine_that_cannot_be_understood_is_told_in_a_sentence() -> None:
    engine = FakeEngine(THREE_PEOPLE)
    engine.tell(ValueError("Expecting value: line 1 column 1"))
    told: list[Message] = []
    await asyncio.wait_for(Bridge(engine, MeetingModel(), told.append).run(), 5)
    assert isinstance(told[-1], EngineGone) and "cannot be understood" in told[-1].sentence


async def told_of_the_end(*events: object) -> str:
    """The sentence for whose engine was killed after these events."""
    engine = FakeEngine([*events])
    told: list[Message] = []
    await asyncio.wait_for(Bridge(engine, MeetingModel(), told.append).run(), 5)
    assert isinstance(told[-1], EngineGone)
    return told[-1].sentence


@pytest.mark.parametrize("end", [None, ConnectionResetError(104, "reset")])
async def test_an_engine_that_was_killed_leaves_the_others_their_meeting_and_a_way_back(end: object) -> None:
    sentence = await told_of_the_end(*THREE_PEOPLE, end)
    assert sentence.startswith("The engine of this meeting is gone.") and "the others go on" in sentence
    assert sentence.splitlines()[-1] == "meshconf join 42-crumb-ozone-plank"
    without = {**THREE_PEOPLE[0], "invite": "", "link": ""}
    assert "and its code" in await told_of_the_end(without, *THREE_PEOPLE[1:], end)
    assert await told_of_the_end(THREE_PEOPLE[0], end) == "The engine of this meeting is gone."


async def test_replayed_times_do_not_set_the_clock_back() -> None:
    engine = FakeEngine([{"event": "notice", "text": "x", "t": 600.0}, {"event": "notice", "text": "y", "t": 3.0}])
    engine.tell(None)
    bridge = Bridge(engine, MeetingModel(), lambda _: None, clock=lambda: 1000.0)
    await bridge.run()
    assert bridge.elapsed == 600.0
