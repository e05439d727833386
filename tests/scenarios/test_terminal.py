"""People at terminals: the whole program through a real terminal, key by key."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from meshconf.protocol.invite import parse_invite
from tests.lab import terminal
from tests.lab.need import need
from tests.lab.terminal import Terminal
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import ROOT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]

MESHCONF = f"{shlex.quote(sys.executable)} -m meshconf"
DEVICES = ("--camera", "test", "--mic", "test", "--speaker", "null", "--no-windows")


class Person:
    """Somebody with a terminal and a home folder of their own."""

    def __init__(self, name: str, terminal: Terminal, home: Path) -> None:
        self.name = name
        self.terminal = terminal
        self.home = home
        self.before = terminal.state
        """The terminal as it was before meshconf."""

    def start(self, *arguments: str) -> None:
        """Type a meshconf command for a meeting."""
        self.terminal.type(f"{MESHCONF} {shlex.join(arguments)} --name {self.name} {shlex.join(DEVICES)}")

    @property
    def code(self) -> str:
        """The code as the invite panel shows it."""
        self.terminal.press("i")
        screen = self.terminal.wait_for("say the code", "or send the link", "esc close")
        self.terminal.press("Escape")
        self.terminal.wait_for("i Invite", absent="say the code")
        words = [word for word in screen.split() if word.count("-") >= 3]
        assert len(set(words)) == 1, screen
        parse_invite(words[0])
        return words[0]

    def row_of(self, name: str) -> str:
        """The row of a participant in the list of people."""
        return next((line for line in self.terminal.screen.splitlines() if f"▌ {name}" in line), "")

    def write(self, text: str) -> None:
        """Say something in the chat and go back to the keys."""
        self.terminal.press("t")
        # The focus moves a moment after the key; quicker letters would be keys of the page.
        self.terminal.wait_for("esc Back")
        self.terminal.type(text)
        self.terminal.wait_for(text, "Write to everybody")
        self.terminal.press("Escape")

    def command(self, line: str, asked: str = "") -> None:
        """Type a /command, say yes to the question that it asks, if any, and go back to the keys."""
        self.terminal.press("t")
        self.terminal.wait_for("esc Back")
        self.terminal.type(line)
        if asked:
            self.terminal.wait_for(asked)
            self.terminal.press("Right", "Enter")
        self.terminal.wait_for("Write to everybody", absent=asked or line)
        self.terminal.press("Escape")

    @property
    def processes(self) -> dict[int, str]:
        """The meshconf processes with this person's home: pids and command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environ = (folder / "environ").read_bytes()
            except OSError:
                continue
            if "meshconf" in command and f"MESHCONF_HOME={self.home}\0".encode() in environ:
                found[int(folder.name)] = command
        return found

    def clear_away(self) -> None:
        """End what a failed test left: a meeting outlives its terminal."""
        for pid in self.processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait_until_gone(self) -> None:
        """Wait until nothing of meshconf runs or lies about, and check that the terminal is as it was."""
        wait_until(lambda: not self.processes)
        assert list(self.home.rglob("*.sock")) == []
        assert self.terminal.state == self.before


@pytest.fixture
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, tuple[int, int]], Person]]:
    """Seats people at terminals."""
    need(terminal.missing())
    with ExitStack() as stack:

        def seat(name: str, size: tuple[int, int]) -> Person:
            home = tmp_path_factory.mktemp(name)
            screen = stack.enter_context(Terminal({"MESHCONF_HOME": str(home)}, ROOT, size))
            somebody = Person(name, screen, home)
            stack.callback(somebody.clear_away)
            return somebody

        yield seat


@pytest.fixture
def alice(person: Callable[[str, tuple[int, int]], Person]) -> Person:
    """At a terminal of comfortable size."""
    return person("alice", (110, 34))


@pytest.fixture
def cleo(person: Callable[[str, tuple[int, int]], Person]) -> Person:
    """At a small terminal."""
    return person("cleo", (60, 20))


@pytest.fixture
def bob(person: Callable[[str, tuple[int, int]], Person]) -> Person:
    """At a terminal of the classic size."""
    return person("bob", (80, 24))


def test_two_people_meet_talk_and_part(alice: Person, bob: Person, rendezvous: Rendezvous) -> None:
    alice.start("host", "Weekly stand-up", *rendezvous.options)
    alice.terminal.wait_for("Weekly stand-up", "alice (you)", "i Invite")
    bob.start("join", alice.code, *rendezvous.options)
    bob.terminal.wait_for("Weekly stand-up", "bob you", "alice ★")
    alice.terminal.wait_for("People · 2", "● bob")  # his picture, as a tile: there is no display
    assert "● mic ● cam ○ scr" in alice.row_of("bob")
    assert "● mic ● cam ○ scr" in bob.row_of("alice")

    bob.write("hello from bob")
    alice.terminal.wait_for("hello from bob")
    alice.write("Grüße, 漢字")
    bob.terminal.wait_for("Grüße, 漢字")

    bob.terminal.press("v")
    bob.terminal.wait_for("Camera off")
    wait_until(lambda: "● mic ○ cam ○ scr" in alice.row_of("bob"))

    bob.terminal.press("l")
    bob.terminal.wait_for("Leave the meeting?")
    bob.terminal.press("Enter")
    code, said = bob.terminal.wait_for_end()
    assert code == 0 and "You left Weekly stand-up after" in said and "the others go on" in said
    bob.wait_until_gone()
    alice.terminal.wait_for("People · 1", "bob left")

    alice.terminal.press("C-q")
    alice.terminal.wait_for("End for all")
    # Round the row of answers, whatever there is between; then the question whose first answer is no.
    alice.terminal.press("Left", "Left", "Enter")
    alice.terminal.wait_for("End the meeting for all?")
    alice.terminal.press("Right", "Enter")
    code, said = alice.terminal.wait_for_end()
    assert code == 0 and "You ended Weekly stand-up for all" in said and "meshconf join" not in said
    alice.wait_until_gone()


def test_the_host_ends_the_meeting_for_all(alice: Person, bob: Person, rendezvous: Rendezvous) -> None:
    alice.start("host", *rendezvous.options)
    alice.terminal.wait_for("alice (you)", "i Invite")
    bob.start("join", alice.code, *rendezvous.options)
    bob.terminal.wait_for("bob you", "alice ★")

    alice.terminal.press("l")
    alice.terminal.wait_for("End for all")
    alice.terminal.press("Left", "Left", "Enter")
    alice.terminal.wait_for("End the meeting for all?")
    alice.terminal.press("Right", "Enter")

    assert alice.terminal.wait_for_end()[0] == 0
    alice.wait_until_gone()
    bob.terminal.wait_for("ended")
    bob.terminal.press("Enter")
    code, said = bob.terminal.wait_for_end()
    assert code == 0 and "The meeting is over: it was ended for all." in said
    bob.wait_until_gone()


def test_a_meeting_goes_on_without_its_face_and_takes_commands(
    alice: Person, start: Start, rendezvous: Rendezvous
) -> None:
    alice.start("host", "Long day", *rendezvous.options)
    alice.terminal.wait_for("Long day", "alice (you)", "i Invite")
    bob = start("bob", "join", alice.code, *rendezvous.options, "--stats")
    bob.wait_for_event("first_frame", source="camera")

    alice.terminal.press("d")
    code, said = alice.terminal.wait_for_end()
    [engine] = [pid for pid, command in alice.processes.items() if "decoding.worker" not in command]
    assert code == 0 and f"attach --engine {engine}" in said and "Others join with" in said
    assert alice.terminal.state == alice.before
    assert alice.processes

    code, said = alice.terminal.run(f"{MESHCONF} ctl status")
    assert code == 0 and "Long day" in said and "you" in said and "bob" in said
    assert alice.terminal.run(f"{MESHCONF} ctl chat back in a minute")[0] == 0
    bob.wait_for_event("chat", 5.0, text="back in a minute")
    assert alice.terminal.run(f"{MESHCONF} ctl camera off")[0] == 0
    bob.wait_for_event("source", 5.0, source="camera", state="off")
    assert alice.terminal.run(f"{MESHCONF} ctl dance")[0] == 2

    alice.terminal.type(f"clear; {MESHCONF} attach")
    alice.terminal.wait_for("Long day", "People · 2", "Camera off", "back in a minute")
    bob.send({"do": "chat", "text": "welcome back"})
    alice.terminal.wait_for("welcome back")
    alice.terminal.press("l")
    alice.terminal.wait_for("Leave the meeting?")
    alice.terminal.press("Enter")
    assert alice.terminal.wait_for_end()[0] == 0
    alice.wait_until_gone()
    bob.wait_for_event("peer", 5.0, name="alice", state="left")


@pytest.mark.timeout(120)
def test_host_admin_and_member_each_do_what_their_role_allows(
    alice: Person, bob: Person, cleo: Person, rendezvous: Rendezvous
) -> None:
    alice.start("host", "Tea", *rendezvous.options)
    alice.terminal.wait_for("alice (you)", "i Invite")
    code = alice.code
    alice.command("/lobby on")
    alice.terminal.wait_for("You opened a lobby")

    bob.start("join", code, *rendezvous.options)
    bob.terminal.wait_for(f"You are in the lobby of {code}")
    alice.terminal.wait_for("bob waits", "new to you")
    alice.terminal.press("C-y")
    bob.terminal.wait_for("bob you", "alice ★")
    cleo.start("join", code, *rendezvous.options)
    cleo.terminal.wait_for("You are in the lobby")
    alice.terminal.wait_for("cleo waits")
    alice.terminal.press("C-n")
    code_of_refusal, said = cleo.terminal.wait_for_end()
    assert code_of_refusal == 4 and "did not let you in" in said

    alice.command("/admin bob")
    bob.terminal.wait_for("alice made you an admin", "bob you ☆")
    cleo.start("join", code, *rendezvous.options)
    bob.terminal.wait_for("cleo waits")
    bob.terminal.press("C-y")
    cleo.terminal.wait_for("cleo (you)", "bob ☆ admin")
    cleo.terminal.press("r")
    cleo.terminal.wait_for("Host and admins change this.", "Newcomers wait in the lobby.")
    cleo.terminal.press("Escape")

    bob.command("/forbid video cleo")
    cleo.terminal.wait_for("v ⊘ Camera")
    wait_until(lambda: "⊘ cam" in alice.row_of("cleo"))
    cleo.terminal.wait_for("alice ★ host", absent="Host and admins change this.")
    cleo.command("/msg alice psst")
    alice.terminal.wait_for("to you alone", "psst")
    assert "psst" not in bob.terminal.screen

    bob.terminal.press("l")
    bob.terminal.wait_for("e End for all", absent="Hand over")
    bob.terminal.press("Escape")
    alice.command("/remove cleo", asked="Remove cleo?")
    cleo.terminal.wait_for("You were removed")
    cleo.terminal.press("Enter")
    assert cleo.terminal.wait_for_end()[0] == 4
    cleo.wait_until_gone()

    alice.terminal.press("l")
    alice.terminal.wait_for("bob becomes host", "h Hand over")
    alice.terminal.press("Right", "Enter")
    alice.terminal.wait_for("next in line")
    alice.terminal.press("Enter")
    assert alice.terminal.wait_for_end()[0] == 0
    alice.wait_until_gone()
    bob.terminal.wait_for("bob you ★")
    bob.terminal.press("r")
    bob.terminal.wait_for("End for all")
    bob.terminal.press("Up", "Enter")
    bob.terminal.wait_for("End the meeting for all?")
    bob.terminal.press("Right", "Enter")
    assert bob.terminal.wait_for_end()[0] == 0
    bob.wait_until_gone()


def test_whoever_gives_up_in_the_lobby_leaves_nothing_behind(
    alice: Person, bob: Person, rendezvous: Rendezvous
) -> None:
    alice.start("host", "Tea", *rendezvous.options)
    alice.terminal.wait_for("alice (you)", "i Invite")
    code = alice.code
    alice.command("/lobby on")
    alice.terminal.wait_for("You opened a lobby")
    bob.start("join", code, *rendezvous.options)
    alice.terminal.wait_for("bob waits")
    bob.terminal.wait_for("You are in the lobby")
    bob.terminal.press("Escape")
    assert bob.terminal.wait_for_end()[0] == 0
    bob.wait_until_gone()
    alice.terminal.wait_for("Tea", absent="^y")


def test_an_engine_in_the_lobby_ends_with_the_face_that_started_it(
    alice: Person, bob: Person, rendezvous: Rendezvous
) -> None:
    alice.start("host", "Tea", *rendezvous.options)
    alice.terminal.wait_for("alice (you)", "i Invite")
    code = alice.code
    alice.command("/lobby on")
    alice.terminal.wait_for("You opened a lobby")
    bob.start("join", code, *rendezvous.options)
    bob.terminal.wait_for("You are in the lobby")
    [face] = [pid for pid, command in bob.processes.items() if "-m meshconf." not in command]
    os.kill(face, signal.SIGKILL)
    wait_until(lambda: not bob.processes)
    assert list(bob.home.rglob("*.sock")) == []
    alice.terminal.wait_for("Tea", absent="^y")


def test_an_engine_that_is_lost_is_a_failure_of_the_face(alice: Person, rendezvous: Rendezvous) -> None:
    alice.start("host", "Tea", *rendezvous.options)
    alice.terminal.wait_for("alice (you)", "i Invite")
    [engine] = [pid for pid, command in alice.processes.items() if "meshconf.headless" in command]
    os.kill(engine, signal.SIGKILL)
    alice.terminal.wait_for("engine of this meeting is gone")
    alice.terminal.press("Enter")
    code, said = alice.terminal.wait_for_end()
    assert code == 1 and "The meeting's engine is gone." in said and "Others join with" not in said
