"""Roles and rules at the keyboard: a key, or a /command, is one command to the engine; what hurts is asked first."""

from __future__ import annotations

from typing import Any

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from meshconf.tui.screens.confirm import ConfirmScreen
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.meeting import MeetingScreen
from meshconf.tui.screens.person import PersonScreen
from meshconf.tui.screens.room import RoomScreen
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE, FakeEngine, room_state
from tests.tui.golden import assert_golden, screen_text
from tests.tui.stage import meeting, settled, tell, until, until_text

VERIFY_BOB = {"do": "verify", "peer": BOB}
PHRASE = {"event": "phrase", "peer": BOB, "name": "Bob", "phrase": "amber bison cedar delta ember fjord"}


def as_member() -> FakeEngine:
    return FakeEngine([*THREE_PEOPLE, room_state(host=BOB, admins=[])])


async def test_enter_opens_the_page_of_the_chosen_person_with_the_words_to_compare() -> None:
    async with meeting(size=(60, 20)) as (app, pilot, engine):
        await pilot.press("down", "down", "enter")
        assert isinstance(app.screen, PersonScreen) and engine.said() == [VERIFY_BOB]
        await tell(pilot, engine, PHRASE, {"event": "peer", "peer": BOB, "state": "connected", "identity": "known"})
        await assert_golden(app, "person-60x20")


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("a", {"do": "dismiss", "peer": BOB}),
        ("1", {"do": "forbid", "kind": "audio", "peer": BOB}),
        ("2", {"do": "forbid", "kind": "video", "peer": BOB}),
        ("3", {"do": "forbid", "kind": "screen", "peer": BOB}),
        ("4", {"do": "forbid", "kind": "control", "peer": BOB}),
    ],
)
async def test_a_key_on_a_persons_page_is_done_at_once_and_the_page_stays(key: str, command: dict[str, Any]) -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("down", "down", "enter", key)
        await pilot.pause()
        assert engine.said() == [VERIFY_BOB, command] and isinstance(app.screen, PersonScreen)


@pytest.mark.parametrize(
    ("key", "command"), [("h", {"do": "transfer_host", "peer": BOB}), ("x", {"do": "remove", "peer": BOB})]
)
async def test_what_hurts_is_asked_and_enter_is_no(key: str, command: dict[str, Any]) -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("down", "down", "enter", key)
        await settled(pilot)
        await until_text(
            app, lambda text: isinstance(app.screen, ConfirmScreen) and "Bob Kahn?" in text.replace(" the host", "")
        )
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == [VERIFY_BOB] and isinstance(app.screen, MeetingScreen)
        await pilot.press("enter", key, "y", "enter")
        await pilot.pause()
        assert engine.said()[-1] == command


async def test_people_of_one_name_are_told_apart_by_the_end_of_the_id() -> None:
    engine = FakeEngine([*THREE_PEOPLE, {"event": "peer", "peer": CLEO, "name": "Bob Kahn", "state": "connected"}])
    async with meeting(engine, (100, 30)) as (app, pilot, _):
        await until_text(app, lambda text: f"Bob Kahn ·{BOB[-4:]}" in text and f"Bob Kahn ·{CLEO[-4:]}" in text)
        await pilot.press("down", "down", "enter")
        await until_text(app, lambda text: f"id  {BOB}  another has the same name" in text)


async def test_all_keys_fit_below_a_chosen_person() -> None:
    async with meeting(size=(100, 30)) as (app, pilot, _):
        await pilot.press("down", "down")
        await until(lambda: "^q Quit" in screen_text(app))


async def test_arrows_and_enter_choose_an_action_too() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("down", "down", "enter", "down", "down", "down", "enter")
        await pilot.pause()
        assert engine.said()[-1] == {"do": "dismiss", "peer": BOB}


async def test_p_begins_a_private_line() -> None:
    async with meeting(size=(120, 36)) as (app, pilot, engine):
        await pilot.press("down", "down", "enter", "p")
        await pilot.pause()
        assert isinstance(app.focused, Input) and app.focused.value == "/msg Bob Kahn "
        await pilot.press(*"psst", "enter")
        await settled(pilot)
        assert engine.said()[-1] == {"do": "chat", "text": "psst", "to": BOB}
        await until_text(app, lambda text: "to Bob Kahn alone" in text)
        await tell(pilot, engine, {"event": "chat", "peer": ADA, "text": "psst", "to": BOB})
        await until_text(app, lambda text: text.count("psst") == 1)
        await tell(pilot, engine, {"event": "chat", "peer": BOB, "text": "what?", "to": ADA})
        await until_text(app, lambda text: "to you alone" in text)


async def test_a_member_is_offered_nothing_that_is_not_the_members() -> None:
    async with meeting(as_member()) as (app, pilot, engine):
        await pilot.press("down", "down", "down", "enter")
        await settled(pilot)
        await until_text(app, lambda text: "Remove" not in text and "Write to them alone" in text)
        await pilot.press("x", "h", "a", "1", "escape", "r")
        await settled(pilot)
        await until_text(
            app, lambda text: isinstance(app.screen, RoomScreen) and "Host and admins change this." in text
        )
        await pilot.press("l", "e")
        assert [command["do"] for command in engine.said()] == ["verify"]


async def test_a_new_role_changes_the_page_that_is_open() -> None:
    async with meeting(as_member()) as (app, pilot, engine):
        await pilot.press("r")
        await tell(pilot, engine, room_state(host=BOB, admins=[ADA]))
        await until_text(app, lambda text: "Lock" in text)
        await pilot.press("l")
        await pilot.pause()
        assert engine.said() == [{"do": "lock"}]


async def test_the_page_of_somebody_who_leaves_closes() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        await tell(pilot, engine, {"event": "peer", "peer": BOB, "name": "Bob Kahn", "state": "left"})
        await until(lambda: isinstance(app.screen, MeetingScreen))


async def test_another_key_under_a_known_name_is_marked_and_trusted_only_after_a_question() -> None:
    engine = FakeEngine([*THREE_PEOPLE, {"event": "peer", "peer": BOB, "state": "connected", "identity": "changed"}])
    async with meeting(engine, (60, 20)) as (app, pilot, _):
        await until_text(app, lambda text: "‼ other key" in text)
        await pilot.press("down", "down", "enter", "t")
        await settled(pilot)
        await until_text(
            app, lambda text: isinstance(app.screen, ConfirmScreen) and "Trust the new key of Bob Kahn?" in text
        )
        await pilot.press("y", "enter")
        await pilot.pause()
        assert engine.said()[-1] == {"do": "trust", "peer": BOB}


_ROOM_KEYS: dict[str, dict[str, Any]] = {
    "l": {"do": "lock"},
    "w": {"do": "lobby_on"},
    "b": {"do": "history_on"},
    "1": {"do": "forbid", "kind": "audio"},
    "2": {"do": "forbid", "kind": "video"},
    "3": {"do": "forbid", "kind": "screen"},
    "4": {"do": "forbid", "kind": "control"},
    "n": {"do": "rotate_code"},
}


async def test_a_key_on_the_rooms_page_is_done_at_once() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("r", *_ROOM_KEYS)
        await pilot.pause()
        assert engine.said() == list(_ROOM_KEYS.values()) and isinstance(app.screen, RoomScreen)


async def test_the_rooms_page_shows_the_rules_as_they_are() -> None:
    rules = room_state(locked=True, lobby=True, history=True, forbidden={"video": True, "audio": [CLEO]})
    async with meeting(FakeEngine([*THREE_PEOPLE, rules]), (60, 20)) as (app, pilot, _):
        await until_text(app, lambda text: "⊘ mic ⊘ cam ○ scr" in text)
        await pilot.press("r")
        await settled(pilot)
        await assert_golden(app, "room-60x20")


async def test_ending_from_the_rooms_page_is_asked_first() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("r", "e", "n")
        await pilot.pause()
        assert engine.said() == []
        await pilot.press("r", "e", "y", "enter")
        await pilot.pause()
        assert engine.said() == [{"do": "end"}]


_TYPED: list[tuple[str, dict[str, Any]]] = [
    ("/mute", {"do": "mute"}),
    ("/unmute", {"do": "unmute"}),
    ("/mic", {"do": "source", "source": "mic", "on": False}),
    ("/camera", {"do": "source", "source": "camera", "on": False}),
    ("/screen", {"do": "source", "source": "screen", "on": True}),
    ("/file https://example.org/a.ogg", {"do": "source", "source": "media", "on": True, "from": "https://example.org/a.ogg"}),
    ("/file off", {"do": "source", "source": "media", "on": False}),
    ("/admin Cleo", {"do": "appoint", "peer": CLEO}),
    ("/dismiss Bob", {"do": "dismiss", "peer": BOB}),
    ("/forbid video", {"do": "forbid", "kind": "video"}),
    ("/permit audio Cleo", {"do": "permit", "kind": "audio", "peer": CLEO}),
    ("/lock", {"do": "lock"}),
    ("/unlock", {"do": "unlock"}),
    ("/lobby on", {"do": "lobby_on"}),
    ("/history off", {"do": "history_off"}),
    ("/new-code", {"do": "rotate_code"}),
    ("/msg Cleo hi", {"do": "chat", "text": "hi", "to": CLEO}),
    ("/volume Cleo -6", {"do": "volume", "peer": CLEO, "gain_db": -6.0}),
    ("//etc", {"do": "chat", "text": "/etc"}),
    ("/verify Cleo", {"do": "verify", "peer": CLEO}),
]  # fmt: skip


async def test_a_typed_command_is_one_command_to_the_engine() -> None:
    async with meeting() as (app, pilot, engine):
        for line, command in _TYPED:
            before = len(engine.said())
            await write(pilot, line)
            assert engine.said()[before:] == [command], line
            await pilot.press("escape")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/host Cleo", {"do": "transfer_host", "peer": CLEO}),
        ("/remove Cleo", {"do": "remove", "peer": CLEO}),
        ("/trust Cleo", {"do": "trust", "peer": CLEO}),
        ("/end", {"do": "end"}),
    ],
)
async def test_a_typed_command_that_hurts_is_asked_first(line: str, command: dict[str, Any]) -> None:
    async with meeting() as (app, pilot, engine):
        await write(pilot, line)
        assert engine.said() == [] and isinstance(app.screen, ConfirmScreen)
        await pilot.press("y", "enter")
        await pilot.pause()
        assert engine.said() == [command]


async def test_leave_as_a_command_asks_as_its_key_does() -> None:
    async with meeting() as (app, pilot, engine):
        await write(pilot, "/leave")
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == [{"do": "leave"}]


async def test_help_lists_all_commands_or_tells_one() -> None:
    async with meeting() as (app, pilot, engine):
        await write(pilot, "/help")
        await until_text(app, lambda text: isinstance(app.screen, HelpScreen) and "/mute" in text)
        await pilot.press("escape", "escape")
        await write(pilot, "/help unlock")
        await until_text(app, lambda text: "/unlock: let people in again" in text)
        assert engine.said() == []


async def test_a_wrong_command_is_told_stays_to_be_put_right_and_is_never_said() -> None:
    async with meeting() as (app, pilot, engine):
        await write(pilot, "/forbid smoking")
        await until_text(app, lambda text: engine.said() == [] and "The form is:" in text)
        assert isinstance(app.focused, Input) and app.focused.value == "/forbid smoking"
        await until_text(app, lambda text: text.count("The form is:") == 1)
        await pilot.press(*"/lock", "enter")
        await pilot.pause()
        assert engine.said() == [{"do": "lock"}]


async def test_what_went_wrong_is_said_on_the_page_that_covers_the_chat() -> None:
    async with meeting(size=(60, 20)) as (app, pilot, engine):
        await pilot.press("r", "l")
        await tell(pilot, engine, {"event": "error", "message": "Another admin was quicker."})
        await until_text(app, lambda text: text.count("Another admin was quicker.") == 1)
        await pilot.press("l")
        await settled(pilot)
        await until_text(app, lambda text: "quicker" not in text)


async def test_a_word_to_the_person_covers_neither_input_nor_keys() -> None:
    async with meeting(size=(60, 20)) as (app, pilot, _):
        before = screen_text(app).splitlines()
        app.notify("Look here. " * 12)
        await until(lambda: "Look here." in screen_text(app))
        await until_text(app, lambda text: text.splitlines()[-8:] == before[-8:])


async def test_tab_completes_commands_kinds_and_names_and_goes_round() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t", *"/fo", "tab")
        field = app.focused
        assert isinstance(field, Input) and field.value == "/forbid "
        await pilot.press("tab", "tab")
        assert field.value == "/forbid camera "
        await pilot.press(*"cl", "tab")
        assert field.value == "/forbid camera Cleo Nakamura"
        await until_text(app, lambda text: "/forbid sound|camera" in text)
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == [{"do": "forbid", "kind": "video", "peer": CLEO}]


async def test_keys_that_come_in_one_rush_are_taken_in_their_order() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t")
        for key in ["/", "f", "o", "tab", "v", "tab", "enter", "n", "e", "x", "t"]:
            app.post_message(Key("slash" if key == "/" else key, key if len(key) == 1 else None))
        await until(lambda: isinstance(app.focused, Input) and app.focused.value == "next")
        await until(lambda: engine.said() == [{"do": "forbid", "kind": "video"}])


async def test_what_was_said_before_we_came_is_set_apart() -> None:
    async with meeting(FakeEngine(THREE_PEOPLE[:4])) as (app, pilot, engine):
        await tell(
            pilot, engine,
            {"event": "chat", "peer": BOB, "text": "an old line", "past": True, "t": 60.0},
            {"event": "chat", "peer": BOB, "text": "a new line", "t": 61.0},
        )  # fmt: skip
        lines = [line.split("││")[1].strip(" │") for line in screen_text(app).splitlines() if "││" in line]
        shown = [line for line in lines if line]
        assert shown[-6:-1] == ["── before you came ──", "Bob Kahn", "an old line", "Bob Kahn  12:00", "a new line"]


async def test_lines_carry_the_time_of_day_also_for_a_face_that_comes_late() -> None:
    async with meeting(FakeEngine(THREE_PEOPLE[:4])) as (app, pilot, engine):
        await tell(pilot, engine, {"event": "chat", "peer": BOB, "text": "an hour ago", "t": 100.0})
        await tell(pilot, engine, {"event": "chat", "peer": CLEO, "text": "just now", "t": 3700.0})
        await until_text(app, lambda text: "Bob Kahn  11:00" in text and "Cleo Nakamura  12:00" in text)


async def write(pilot: Any, line: str) -> None:
    """Put a line into the chat."""
    await pilot.press("t")
    pilot.app.screen.post_message(Paste(line))
    await pilot.press("enter")
    await pilot.pause()
