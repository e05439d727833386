"""Whoever types without having gone to the input does no harm by it, however fast or slowly."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from meshconf.tui.app import MeshconfApp
from meshconf.tui.screens.confirm import ConfirmScreen
from meshconf.tui.screens.control import ControlScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.meeting import MeetingScreen
from meshconf.tui.screens.play import PlayScreen
from tests.tui.fakes import BOB, THREE_PEOPLE, FakeEngine, room_state
from tests.tui.stage import meeting, settled, tell, until, until_text

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


def burst(app: MeshconfApp, text: str) -> None:
    """All keys at once, as a slow line gives them."""
    for letter in text:
        key = {"\n": "enter", "\t": "tab", " ": "space", "/": "slash", "\b": "backspace"}.get(letter, letter)
        app.post_message(Key(key, letter if letter.isprintable() else None))


@pytest.mark.parametrize("written", ["hello there", "leave", "q", "/hand", "drop\bp that"])
async def test_a_burst_behind_t_is_what_is_written(written: str) -> None:
    async with meeting(pause_s=60.0) as (app, pilot, engine):
        burst(app, "t" + written)
        line = written.replace("p\b", "")
        await until(lambda: app.screen.query_one("#message", Input).value == line)
        assert [one for one in engine.said() if one["do"] != "view"] == []


async def test_a_burst_with_an_enter_at_its_end_is_said() -> None:
    async with meeting(pause_s=60.0) as (app, pilot, engine):
        burst(app, "thello there\ngo on\n")
        await until(lambda: [one["text"] for one in engine.said() if one["do"] == "chat"] == ["hello there", "go on"])
        assert {one["do"] for one in engine.said()} <= {"chat", "view"} and app.screen.query_one("#message").has_focus


async def test_a_burst_behind_any_key_that_opens_a_line_goes_there() -> None:
    async with meeting() as (app, pilot, engine):
        burst(app, "f/tmp/song.mp3")
        await until(lambda: isinstance(app.screen, PlayScreen))
        await until(lambda: app.screen.query_one("#place", Input).value == "/tmp/song.mp3")
        await pilot.press("escape", "down", "down", "enter")
        await settled(pilot)
        burst(app, "phello")
        await until(lambda: isinstance(app.screen, MeetingScreen))
        await until(lambda: app.screen.query_one("#message", Input).value.endswith(" hello"))
        assert harm(engine) == []


async def test_pasted_text_waits_for_the_line_too() -> None:
    async with meeting() as (app, _, _):
        app.post_message(Key("t", "t"))
        app.post_message(Paste("one line"))
        burst(app, "!")
        await until(lambda: app.screen.query_one("#message", Input).value == "one line!")


async def test_a_key_whose_receiver_is_gone_holds_the_next_one_not_for_ever() -> None:
    async with meeting() as (app, _, engine):
        with patch.object(MeshconfApp, "on_key_passed", lambda *_: None):
            burst(app, "hh")
            await until(lambda: [one["do"] for one in engine.said()].count("hand") == 2)


async def test_a_key_that_waited_is_no_answer_to_who_asks_for_control_meanwhile() -> None:
    async with meeting() as (app, pilot, engine):
        keys = [Key("up", None), Key("enter", None)]
        await tell(pilot, engine, {"event": "control", "peer": BOB, "name": "Bob", "role": "controlled",
                                   "state": "requested"})  # fmt: skip
        dialog = app.screen
        assert isinstance(dialog, ControlScreen)
        # It was open long enough to be read, and the keys come late.
        dialog.opened_at -= 1.0
        for key in keys:
            key.time = dialog.opened_at - 0.1
            app.post_message(key)
        await settled(pilot)
        assert app.screen is dialog and [one["do"] for one in engine.said()] == []
