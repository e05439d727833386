"""Leaving as host, admin and member, and being told why it is over."""

from __future__ import annotations

import pytest

from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.leave import LeaveScreen
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE, FakeEngine, room_state
from tests.tui.stage import meeting, tell, until, until_text


async def test_a_host_is_told_who_becomes_host() -> None:
    async with meeting() as (app, pilot, _):
        await pilot.press("l")
        await pilot.pause()
        await until_text(app, lambda text: "Bob Kahn becomes host." in text)
        await until_text(app, lambda text: "h Hand over" in text and "e End for all" in text)


async def test_the_next_in_line_without_admins_is_who_came_first() -> None:
    async with meeting(FakeEngine([*THREE_PEOPLE, room_state(admins=[])])) as (app, pilot, _):
        await pilot.press("l")
        await pilot.pause()
        await until_text(app, lambda text: "Bob Kahn becomes host." in text)


async def test_a_host_hands_over_to_somebody_and_leaves_once_that_is_done() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("l", "h", "enter")
        await pilot.pause()
        await until_text(app, lambda text: "next in line" in text)
        await pilot.press("2")
        await pilot.pause()
        assert engine.said() == [{"do": "transfer_host", "peer": CLEO}]
        await tell(pilot, engine, room_state(host=CLEO, admins=[BOB]))
        assert engine.said()[-1] == {"do": "leave"}


async def test_a_host_whose_handing_over_is_refused_stays() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("l", "h", "enter", "1")
        await pilot.pause()
        await tell(pilot, engine, {"event": "error", "code": "refused", "message": "Nobody answers.", "id": 1})
        await tell(pilot, engine, room_state(host=CLEO))
        assert engine.said() == [{"do": "transfer_host", "peer": BOB}]


async def test_an_admin_may_end_the_meeting_but_has_nothing_to_hand_over() -> None:
    async with meeting(FakeEngine([*THREE_PEOPLE, room_state(host=BOB, admins=[ADA])])) as (app, pilot, engine):
        await pilot.press("l", "h")
        await until_text(app, lambda text: isinstance(app.screen, LeaveScreen) and "Hand over" not in text)
        await pilot.press("e", "enter")
        await pilot.pause()
        await until_text(app, lambda text: engine.said() == [] and "End the meeting for all?" in text)
        await pilot.press("y", "enter")
        await pilot.pause()
        assert engine.said() == [{"do": "end"}]


@pytest.mark.parametrize(
    ("reason", "sentence", "code"),
    [
        ("ended", "ended for all", 0),
        ("removed", "cannot come back", 4),
        ("stranded", "join again", 5),
        ("interrupted", "stopped on this computer", 0),
        ("left", "You left", 0),
    ],
)
async def test_every_end_has_its_sentence_and_exit_code(reason: str, sentence: str, code: int) -> None:
    async with meeting() as (app, pilot, engine):
        engine.tell({"event": "left", "reason": reason}, None)
        await until(lambda: isinstance(app.screen, EndedScreen))
        await until_text(app, lambda text: sentence in text)
        await pilot.press("enter")
        await until(lambda: app.return_value is not None)
    assert app.return_value == code
