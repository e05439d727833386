"""The meeting page: each key does what the footer says, at every size, whatever the others send."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from meshconf.errors import SignalingLost
from meshconf.tui.change import Change
from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.invite import InviteScreen
from meshconf.tui.screens.leave import LeaveScreen
from meshconf.tui.screens.meeting import MeetingScreen
from meshconf.tui.screens.play import PlayScreen
from tests.tui.fakes import ADA, BOB, CLEO, LINK, THREE_PEOPLE, FakeEngine
from tests.tui.golden import assert_golden, screen_text
from tests.tui.stage import meeting, settled, until, until_text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
async def test_the_page_looks_as_agreed(size: tuple[int, int]) -> None:
    async with meeting(size=size) as (app, _, _):
        await assert_golden(app, f"meeting-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_the_invite_looks_as_agreed(size: tuple[int, int]) -> None:
    async with meeting(size=size) as (app, pilot, _):
        await pilot.press("i")
        await settled(pilot)
        await assert_golden(app, f"invite-{size[0]}x{size[1]}")


@pytest.mark.parametrize(("key", "source", "on"), [("v", "camera", False), ("s", "screen", True)])
async def test_switch_keys_toggle_sources(key: str, source: str, on: bool) -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press(key)
        assert engine.said() == [{"do": "source", "source": source, "on": on}]
        await until_text(app, lambda text: ("starting" if on else "stopping") in text)


async def test_what_is_written_is_sent_and_shown_once() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t", *"m v", "enter")
        assert engine.said() == [{"do": "chat", "text": "m v"}]
        engine.tell({"event": "chat", "peer": ADA, "text": "m v"})
        await until(lambda: engine.drained)
        await until_text(app, lambda text: text.count("m v ") == 1)
        await pilot.press("escape", "m")
        assert engine.said()[-1] == {"do": "mute"}


async def test_l_and_then_enter_leaves_at_once() -> None:
    async with meeting(pause_s=60.0) as (app, pilot, engine):
        await pilot.press("l")
        assert isinstance(app.screen, LeaveScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == [{"do": "leave"}]
        engine.tell({"event": "left", "reason": "left"}, None)
        await until(lambda: app.return_value == 0)
        assert engine.closed


async def test_the_host_can_end_the_meeting_for_all() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("ctrl+q", "e", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == []
        await pilot.press("ctrl+q", "e", "enter", "y", "enter")
        await pilot.pause()
        assert engine.said() == [{"do": "end"}]


async def test_a_guest_cannot_end_the_meeting() -> None:
    async with meeting(FakeEngine([*THREE_PEOPLE, {"event": "room_state", "host": BOB}])) as (app, pilot, engine):
        await pilot.press("l", "e")
        assert engine.said() == [] and isinstance(app.screen, LeaveScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, LeaveScreen)


async def test_d_detaches_and_leaves_the_meeting_running() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("d")
        await until(lambda: app.return_value == 0)
        assert engine.said() == [] and engine.closed


async def test_the_invite_is_copied_and_renewed() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("i")
        assert isinstance(app.screen, InviteScreen)
        await pilot.press("c")
        assert app.clipboard == "42-crumb-ozone-plank"
        await pilot.press("y")
        assert app.clipboard == LINK
        await pilot.press("r")
        assert engine.said() == [{"do": "rotate_code"}]
        engine.tell({"event": "room", "self": ADA, "invite": "7-crust-ozone-planet", "link": LINK})
        await until(lambda: engine.drained)
        await until_text(app, lambda text: "7-crust-ozone-planet" in text)


async def test_news_that_arrive_while_the_invite_opens_do_no_harm() -> None:
    async with meeting() as (app, pilot, engine):
        page = app.screen
        assert isinstance(page, MeetingScreen)
        page.action_invite()
        # In the same turn of the loop: the panel is on the stack, what it holds is not there yet.
        page._show(Change.ROOM)
        await until_text(app, lambda text: isinstance(app.screen, InviteScreen) and "say the code" in text)
        assert engine.said() == []


async def test_f_asks_for_a_file_plays_it_and_stops_it(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.touch()
    async with meeting() as (app, pilot, engine):
        await pilot.press("f", *"nothing", "enter")
        assert isinstance(app.screen, PlayScreen) and engine.said() == []
        await until_text(app, lambda text: "There is no such file." in text)
        app.screen.query_one(Input).value = str(song)
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == [{"do": "play", "from": f"file:{song}"}]
        engine.tell({"event": "source", "peer": ADA, "source": "media", "state": "on"})
        await until(lambda: engine.drained)
        await until_text(app, lambda text: "● File on" in text)
        await pilot.press("f")
        assert engine.said()[-1] == {"do": "source", "source": "media", "on": False}, "sound that is no file"


async def test_ctrl_c_twice_leaves_and_once_more_does_not_wait_for_the_engine() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("ctrl+c", "ctrl+c")
        assert engine.said() == [{"do": "leave"}]
        await pilot.press("ctrl+c")
        await until(lambda: app.return_value == 0)


async def test_ctrl_c_copies_where_something_is_selected() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t", *"copy me", "shift+home", "ctrl+c")
        assert app.clipboard == "copy me" and isinstance(app.screen, MeetingScreen) and engine.said() == []


async def test_a_long_paste_of_many_lines_is_one_message_within_the_limit() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t")
        app.post_message(Paste("first\nsecond\n" + "x" * 5000))
        await pilot.pause()
        await pilot.press("enter")
        (said,) = engine.said()
        assert said["text"].startswith("first second xxx") and len(said["text"]) == 4000


@pytest.mark.parametrize(("size", "with_code"), [((60, 20), False), ((80, 24), False), ((120, 40), True)])
async def test_whoever_is_alone_is_told_how_to_bring_others_in(size: tuple[int, int], with_code: bool) -> None:
    async with meeting(FakeEngine(THREE_PEOPLE[:1]), size) as (app, pilot, engine):
        screen = screen_text(app)
        assert "Nobody else is here yet" in screen and "say  42-crumb-ozone-plank" in screen
        # A QR code is whole or not there; its corners are the first thing that a camera looks for.
        assert screen.count("█▀▀▀▀▀█") == (3 if with_code else 0)
        assert ("QR code" in screen) is not with_code
        engine.tell(THREE_PEOPLE[2])
        await until(lambda: engine.drained)
        await settled(pilot)
        await until_text(app, lambda text: "Nobody else is here yet" not in text)


async def test_who_speaks_out_of_sight_is_named() -> None:
    guests = [{"event": "peer", "peer": f"g{n:02}", "name": f"Guest {n:02}", "state": "connected"} for n in range(32)]
    engine = FakeEngine([*THREE_PEOPLE, *guests, {"event": "levels", "levels": {BOB: {"db": -60}}}])
    engine.tell({"event": "levels", "levels": {"g31": {"db": -9, "speaking": True}}})
    async with meeting(engine, (60, 20)) as (app, _, _):
        await until_text(app, lambda text: "People · 35" in text and "Guest 31 speaking" in text)


async def test_who_returns_in_the_same_moment_has_a_row_again() -> None:
    async with meeting() as (app, pilot, engine):
        page = app.screen
        assert isinstance(page, MeetingScreen)
        for state in ("left", "connected"):
            page.model.apply({"event": "peer", "peer": BOB, "name": "Bob Kahn", "state": state})
            page._show(Change.PEOPLE)
        await until_text(app, lambda text: "▌ Bob Kahn" in text)


async def test_a_click_does_as_the_key_of_a_switch() -> None:
    async with meeting() as (app, pilot, engine):
        row = next(number for number, line in enumerate(screen_text(app).splitlines()) if "v ● Camera on" in line)
        await pilot.click(offset=(screen_text(app).splitlines()[row].index("Camera"), row))
        assert engine.said() == [{"do": "source", "source": "camera", "on": False}]


async def test_what_another_face_of_the_same_engine_does_is_seen_here() -> None:
    async with meeting() as (app, pilot, engine):
        engine.tell(
            {"event": "chat", "peer": ADA, "text": "said in the other terminal"},
            {"event": "source", "peer": ADA, "source": "camera", "state": "off"},
        )
        await until(lambda: engine.drained)
        await until_text(app, lambda text: "other" in text and "○ Camera off" in text)


async def test_plus_and_minus_set_the_volume_of_the_chosen_person() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("down", "down", "plus", "minus", "minus")
        assert [command["gain_db"] for command in engine.said()] == [3.0, 0.0, -3.0]
        assert {command["peer"] for command in engine.said()} == {BOB}


async def test_help_opens_and_closes() -> None:
    async with meeting() as (app, pilot, _):
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, HelpScreen)


async def test_a_lost_engine_is_told_in_a_sentence() -> None:
    async with meeting() as (app, pilot, engine):
        engine.tell(SignalingLost("The engine stopped."))
        await until(lambda: isinstance(app.screen, EndedScreen))
        await until_text(app, lambda text: "The engine stopped." in text)
        await pilot.press("enter")
        await until(lambda: app.return_value == 0)


async def test_a_command_that_fails_is_told_and_nothing_breaks() -> None:
    async with meeting() as (app, pilot, engine):
        engine.error = SignalingLost("The engine does not listen.")
        await pilot.press("m")
        await until_text(app, lambda text: "does not listen" in text)


async def test_hostile_names_and_words_do_no_harm() -> None:
    evil = "[bold red]\x1b[2J\u202e[/] [@click=app.exit]x[/]" + "W" * 300
    engine = FakeEngine(
        [
            {"event": "room", "self": ADA, "title": evil, "invite": evil, "link": evil},
            {"event": "peer", "peer": BOB, "name": evil, "state": "connected"},
            {"event": "peer", "peer": CLEO, "name": "\u05d0" * 200, "state": "reconnecting", "path": evil},
            {"event": "chat", "peer": BOB, "text": evil, "name": evil},
            {"event": "error", "message": evil},
            {"event": "notice", "text": evil},
            {"event": evil},
        ]
    )
    async with meeting(engine, (60, 20)) as (app, pilot, _):
        text = screen_text(app)
        assert "\x1b" not in text and "\u202e" not in text and "[bold red]" in text
        await pilot.press("i")
        await settled(pilot)
        await until_text(app, lambda text: "\x1b" not in text)
