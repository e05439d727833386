"""What a /command means, how Tab goes on, and what is said to a wrong one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.errors import UsageError
from meshconf.tui.slash import LINE_VERBS, Names, completions, help_lines, hint, is_command, said, understood

NAMES = Names(
    present=[("Bob", "bob2"), ("Bob Kahn", "bob1"), ("Cleo Nakamura", "cleo1"), ("Twin", "t1"), ("Twin", "t2")],
    waiting=[("Dan Okafor", "dan1")],
)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/mute", {"do": "mute"}),
        ("/camera", {"do": "source", "source": "camera"}),
        ("/host Cleo Nakamura", {"do": "transfer_host", "peer": "cleo1"}),
        ("/HOST cleo", {"do": "transfer_host", "peer": "cleo1"}),
        ('/admin "Bob"', {"do": "appoint", "peer": "bob2"}),
        ("/dismiss bob kahn", {"do": "dismiss", "peer": "bob1"}),
        ("/remove t2", {"do": "remove", "peer": "t2"}),
        ("/admit Dan Okafor", {"do": "admit", "peer": "dan1"}),
        ("/deny dan", {"do": "deny", "peer": "dan1"}),
        ("/forbid video", {"do": "forbid", "kind": "video"}),
        ("/forbid camera", {"do": "forbid", "kind": "video"}),
        ("/permit sound", {"do": "permit", "kind": "audio"}),
        ("/permit audio Bob Kahn", {"do": "permit", "kind": "audio", "peer": "bob1"}),
        ("/lobby off", {"do": "lobby_off"}),
        ("/history on", {"do": "history_on"}),
        ("/new-code", {"do": "rotate_code"}),
        ("/msg Bob Kahn  see you / later", {"do": "chat", "to": "bob1", "text": "see you / later"}),
        ("/msg Bob see you", {"do": "chat", "to": "bob2", "text": "see you"}),
        ("/volume Cleo Nakamura -6", {"do": "volume", "peer": "cleo1", "gain_db": -6.0}),
        ("/verify Bob Kahn", {"do": "verify", "peer": "bob1"}),
        ("/help", {"do": "help"}),
        ("/help lock", {"do": "help", "word": "lock"}),
    ],
)
def test_a_line_means_a_command(line: str, command: dict[str, Any]) -> None:
    assert is_command(line) and understood(line, NAMES) == command


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/", "/help lists them"),
        ("/ mute", "/help lists them"),
        ("/forbidd video", "did you mean `/forbid sound|camera|screen|control [NAME]`?"),
        ("/forbid smoking", "The form is: /forbid sound|camera|screen|control [NAME]"),
        ("/mute now", "The form is: /mute"),
        ("/host", "The form is: /host NAME"),
        ("/host Zoe", "nobody called 'Zoe'; there is Bob, Bob Kahn"),
        ("/host Twin", "Several are called 'Twin'; give the id: t1, t2"),
        ("/admit Bob", "nobody called 'Bob'; there is Dan Okafor"),
        ("/msg Bob", "The form is: /msg NAME TEXT..."),
        ("/volume Bob loud", "The form is: /volume NAME DB"),
    ],
)
def test_a_wrong_line_is_answered_with_what_is_right(line: str, answer: str) -> None:
    with pytest.raises(UsageError) as raised:
        understood(line, NAMES)
    assert answer in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "become"),
    [
        ("/unl", ["/unlock"]),
        ("/fo", ["/forbid "]),
        ("/forbid ", ["/forbid sound ", "/forbid camera ", "/forbid screen ", "/forbid control "]),
        ("/forbid v", ["/forbid video "]),
        ("/forbid ca", ["/forbid camera "]),
        ("/forbid camera cl", ["/forbid camera Cleo Nakamura"]),
        ("/forbid video cl", ["/forbid video Cleo Nakamura"]),
        ("/host cleo", ["/host Cleo Nakamura"]),
        ("/msg cleo", ["/msg Cleo Nakamura "]),
        ("/admit ", ["/admit Dan Okafor"]),
        ("/lobby o", ["/lobby on", "/lobby off"]),
        ("/help fo", ["/help forbid"]),
        ("/msg Bob hello", []),
        ("/xyz ", []),
        ("hello", []),
        ("//lock", []),
    ],
)
def test_a_line_goes_on_as_its_command_has_it(typed: str, become: list[str]) -> None:
    assert completions(typed, NAMES) == become


def test_who_is_called_as_we_are_is_the_other() -> None:
    two = Names(present=[("root", "r1"), ("root", "r2")], own="r2")
    assert understood("/host root", two) == {"do": "transfer_host", "peer": "r1"}
    three = Names(present=[("root", "r1"), ("root", "r3"), ("root", "r2")], own="r2")
    assert understood("/host ·r3", three) == {"do": "transfer_host", "peer": "r3"}
    with pytest.raises(UsageError, match="give the id: r1, r3[.]"):
        understood("/host root", three)


def test_two_slashes_say_one() -> None:
    assert not is_command("//etc/hosts") and said("//etc/hosts") == "/etc/hosts"


def test_the_form_is_shown_while_a_command_is_typed() -> None:
    assert hint("/volume Bob") == "/volume NAME DB"
    assert hint("/vol") == hint("volume") == hint("//volume") == ""


def test_help_has_one_line_for_each_command() -> None:
    assert len(help_lines()) == len(LINE_VERBS)
    assert help_lines("/lock") == ["/lock: let nobody new in"]
    with pytest.raises(UsageError, match="did you mean `/forbid sound"):
        help_lines("forbidd")


@given(st.text(alphabet='/"abmsg voluhkNo \t', max_size=30))
def test_no_line_however_odd_does_more_than_be_refused(line: str) -> None:
    completions(line, NAMES)
    hint(line)
    if is_command(line):
        try:
            understood(line, NAMES)
        except UsageError as error:
            assert str(error)
