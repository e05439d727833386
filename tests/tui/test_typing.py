"""Whoever types without having gone to the input does no harm by it, however fast or slowly."""

from __future__ import annotations

import pytest
from textual.events import Key

from meshconf.tui.screens.confirm import ConfirmScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.fakes import BOB, THREE_PEOPLE, FakeEngine, room_state
from tests.tui.stage import meeting, settled, until, until_text

ALONE = THREE_PEOPLE[:1]
HARM = {"leave", "end", "remove", "transfer_host", "trust"}
WORDS = ["hello", "clear", "leave", "lee", "label", "real", "all"]


def harm(engine: FakeEngine) -> list[str]:
    """What was asked of the engine that cannot be taken back."""
    return [command["do"] for command in engine.said() if command["do"] in HARM]


@pytest.mark.parametrize("pause_s", [0.0, 60.0], ids=["slowly", "fast"])
@pytest.mark.parametrize("word", WORDS)
async def test_a_typed_word_ends_nothing(word: str, pause_s: float) -> None:
    async with meeting(FakeEngine(ALONE), pause_s=pause_s) as (app, pilot, engine):
        await pilot.press(*word)
        await pilot.pause()
        assert harm(engine) == [] and app.return_value is None


@pytest.mark.parametrize("word", ["hello", "leave", "label", "cool", "all", "lol", "real"])
async def test_the_enter_at_the_end_of_a_word_is_no_answer(word: str) -> None:
    async with meeting(pause_s=60.0) as (app, pilot, engine):
        await pilot.press(*word, "enter")
        await pilot.pause()
        assert harm(engine) == [] and app.return_value is None


async def test_a_line_that_comes_in_one_piece_ends_nothing() -> None:
    async with meeting(pause_s=60.0) as (app, pilot, engine):
        for key in ["l", "e", "a", "v", "e", "enter", "y", "enter"]:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(lambda: app.message_queue_size == 0)
        await settled(pilot)
        assert harm(engine) == [] and isinstance(app.screen, LeaveScreen)


async def test_keys_that_come_while_the_face_ends_are_lost_in_silence() -> None:
    async with meeting() as (app, _, _):
        for _ in range(8):
            app.post_message(Key("x", "x"))


async def test_a_word_that_is_typed_slowly_chooses_to_stay() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press(*"hello", "enter")
        await pilot.pause()
        assert harm(engine) == [] and isinstance(app.screen, MeetingScreen)


async def test_a_word_on_the_page_of_a_person_removes_nobody() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("down", "down", "enter", *"xy")
        await pilot.pause()
        assert harm(engine) == [] and isinstance(app.screen, ConfirmScreen)


async def test_the_role_of_host_is_not_given_back_by_a_word() -> None:
    engine = FakeEngine([*THREE_PEOPLE, room_state(), {"event": "host_returned", "peer": BOB, "name": "Bob"}])
    async with meeting(engine) as (_, pilot, _):
        await pilot.press(*"by")
        await pilot.pause()
        assert harm(engine) == []


async def test_who_types_a_word_on_the_page_is_told_how_to_write() -> None:
    async with meeting(pause_s=60.0) as (app, pilot, _):
        await pilot.press(*"good")
        await until_text(app, lambda text: app.return_value is None and "press t first" in text)
