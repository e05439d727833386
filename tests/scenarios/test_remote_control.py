"""Somebody without a display takes the mouse and keyboard of somebody who has one; and somebody else tries to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from tests.lab.display import Display, missing
from tests.lab.hands import Hands
from tests.lab.need import need
from tests.lab.network import Host
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine
from tests.support.rogue_engine import Rogue

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]

SCRIPTS = "Grüße, Жизнь! αβγ שלום 漢字 😀 ~{[@]}"
"""Latin, Cyrillic, Greek, Hebrew and Han, and signs that stand elsewhere on each layout."""
CONTROL = ("Control", "ControlLeft")


class Seat:
    """A place to start an engine that has this display, or none, and no windows there."""

    def __init__(self, display: str | None) -> None:
        self._display = display

    def popen(self, command: Sequence[str], *, env: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
        """Start there; as `Host` on a network."""
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE")
        env = {name: value for name, value in env.items() if name not in hidden}
        if self._display is not None:
            env["DISPLAY"] = self._display
        return subprocess.Popen(command, env=env, **options)


class Pair:
    """Ada shares her screen; the other has no display at all."""

    def __init__(self, start: Start, rendezvous: Rendezvous, display: Display) -> None:
        self.display = display
        self.ada = start(
            "Ada", "host", *rendezvous.options, "--screen", "default", where=cast(Host, Seat(display.name))
        )
        self.ada.wait_for_event("source", source="screen", state="on")
        self._id = 100

    def meet(self, other: Engine) -> None:
        """Wait until both see each other."""
        self.other = other
        other.wait_connected(self.ada)
        self.ada.wait_connected(other)

    def control(self, minutes: int = 5) -> None:
        """Ask, be asked, be granted."""
        self.say(self.other, {"do": "control_request", "peer": self.ada.peer})
        asked = self.ada.wait_for_event("control", state="requested", role="controlled")
        assert (asked["peer"], asked["name"], asked["identity"]) == (self.other.peer, self.other.name, "new")
        self.say(self.ada, {"do": "control_grant", "peer": asked["peer"], "minutes": minutes})
        granted = self.other.wait_for_event("control", state="granted", role="controller")
        assert granted["seconds"] == minutes * 60

    def act(self, **input: Any) -> None:
        """The other does something at Ada's."""
        self.say(self.other, {"do": "input", "peer": self.ada.peer, **input})

    def say(self, engine: Engine, command: dict[str, Any], answer: str = "ok") -> None:
        """Give a command that is answered so."""
        self._id += 1
        found = engine.ask(command, id=self._id)
        assert found["event"] == answer, found


@pytest.fixture
def display() -> Iterator[Display]:
    need(missing("xterm", "xdotool"))
    with Display(1280, 720) as display:
        yield display


@pytest.fixture
def pair(start: Start, rendezvous: Rendezvous, display: Display) -> Pair:
    pair = Pair(start, rendezvous, display)
    pair.meet(start("Bob", "join", pair.ada.invite, *rendezvous.options, where=cast(Host, Seat(None))))
    return pair


def test_typed_dragged_and_taken_back_by_the_owner(pair: Pair, tmp_path: Path) -> None:
    pair.say(pair.other, {"do": "input", "peer": pair.ada.peer, "kind": "text", "text": "no"}, "error")
    pair.control()
    written = tmp_path / "typed.txt"
    command = ["xterm", "-u8", "-geometry", "80x20+0+0", "-e", f"cat > {written}"]
    with subprocess.Popen(command, env=pair.display.env) as terminal, ExitStack() as stack:
        stack.callback(terminal.kill)
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--class", "xterm"], check=True,
                       env=pair.display.env, stdout=subprocess.DEVNULL)  # fmt: skip
        hands = Hands(pair.display.name, cover=False)
        hands.wait(written.exists)
        pair.act(kind="press", button="left", x=0.1, y=0.2)
        pair.act(kind="release", button="left", x=0.1, y=0.2)
        pair.act(kind="text", text=f"{SCRIPTS}\n")
        hands.wait(lambda: written.read_text().endswith("\n"))
        for kind, (key, code) in [("key_down", CONTROL), ("key_down", ("d", "KeyD")), ("key_up", ("d", "KeyD")),
                                  ("key_up", CONTROL)]:  # fmt: skip
            pair.act(kind=kind, key=key, code=code)
        terminal.wait(10)  # Ctrl+D ended it
        hands.close()
    assert written.read_text() == f"{SCRIPTS}\n"

    hands = Hands(pair.display.name)
    pair.act(kind="press", button="left", x=0.25, y=0.5)
    for n in range(1, 21):
        pair.act(kind="move", x=0.25 + n / 40, y=0.5)
    pair.act(kind="release", button="left", x=0.75, y=0.5)
    hands.wait(lambda: ("release", 1) in [seen[:2] for seen in hands.seen])
    places = hands.places[hands.places.index(("press", 320, 360)) : hands.places.index(("release", 960, 360)) + 1]
    assert [x for _, x, _ in places] == sorted(x for _, x, _ in places) and len(places) > 2

    pair.act(kind="key_down", key="Shift", code="ShiftLeft")
    hands.wait(hands.held)
    subprocess.run(["xdotool", "key", "x"], env=pair.display.env, check=True)
    pair.other.wait_for_event("control_paused", paused=True)
    hands.wait(lambda: not hands.held())
    pair.other.wait_for_event("control_paused", paused=False)
    pair.act(kind="key_down", key="ж")
    pair.act(kind="press", button="right", x=0.5, y=0.5)
    hands.wait(lambda: len(hands.held()) == 2)
    subprocess.run(["xdotool", "key", "Escape", "Escape", "Escape"], env=pair.display.env, check=True)
    pair.other.wait_for_event("control", state="ended", reason="panic")
    hands.wait(lambda: not hands.held())
    ended = pair.ada.wait_for_event("control", state="ended")
    assert ended["counts"]["text"] == len(SCRIPTS) + 1
    pair.say(pair.other, {"do": "input", "peer": pair.ada.peer, "kind": "text", "text": "no"}, "error")
    assert SCRIPTS not in (pair.ada.home / "log" / "control.log").read_text()
    hands.close()


def test_a_crash_of_the_engine_leaves_nothing_held(pair: Pair) -> None:
    pair.control()
    hands = Hands(pair.display.name)
    pair.act(kind="key_down", key="Control", code="ControlLeft")
    pair.act(kind="press", button="left", x=0.5, y=0.5)
    hands.wait(lambda: len(hands.held()) == 2)
    pair.ada.kill()
    hands.wait(lambda: not hands.held())
    hands.close()


def test_a_modified_member_gets_nowhere(
    start: Start, rendezvous: Rendezvous, display: Display, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pair = Pair(start, rendezvous, display)
    with ExitStack() as stack:
        rogue = stack.enter_context(
            Rogue("Mallory", "join", pair.ada.invite, *rendezvous.options, home=tmp_path_factory.mktemp("rogue"))
        )
        pair.meet(rogue)
        hands = Hands(display.name)
        rogue.lie("act_uninvited")
        pair.control()
        assert hands.seen == [] and hands.places == []

        rogue.lie("hold_and_flood", peer=pair.ada.peer, seconds=1.0)
        ended = pair.ada.wait_for_event("control", state="ended", role="controlled")
        assert ended["reason"] in ("flood", "lost")
        hands.wait(lambda: not hands.held())
        assert sum(kind == "key down" for kind, _, _ in hands.seen) <= 600
        pair.say(pair.ada, {"do": "chat", "text": "still here"})

        rogue.ask({"do": "chat", "text": "connected, or again"}, id=2)
        pair.ada.wait_for_event("chat", text="connected, or again")
        before, told = len(hands.seen), pair.ada.mark()
        rogue.lie("act_uninvited")
        rogue.lie("ask_again_and_again")
        rogue.ask({"do": "chat", "text": "done"}, id=1)
        pair.ada.wait_for_event("chat", text="done", since=told)
        assert [event for event in pair.ada.events[told:] if event["event"] == "control"] == []
        hands.wait(lambda: True)
        assert len(hands.seen) == before
        hands.close()
