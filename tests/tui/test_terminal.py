"""The face in real terminals of many kinds: it can be read in each, and gives each back as it was."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import terminal
from tests.lab.need import need
from tests.lab.terminal import Terminal

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]

ROOT = Path(__file__).parents[2]
FACE = f"{shlex.quote(sys.executable)} -m tests.tui.face"


@pytest.fixture
def seat() -> Iterator[Terminal]:
    """A terminal of the classic size."""
    need(terminal.missing())
    with Terminal({}, ROOT, (80, 24)) as one:
        yield one


@pytest.mark.parametrize("kind", ["NO_COLOR=1", "TERM=dumb", "TERM=linux", "TERM=xterm-16color", "COLORTERM=truecolor"])
def test_every_kind_of_terminal_shows_the_meeting_and_is_left_as_it_was(seat: Terminal, kind: str) -> None:
    before = seat.state
    seat.type(f"{kind} {FACE} meeting")
    seat.wait_for("People · 3", "▌ Bob Kahn", "m ● Microphone on", "l Leave")
    seat.press("d")
    assert seat.wait_for_end()[0] == 0
    assert seat.state == before


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("COLORTERM=truecolor", "▀▀▀"), ("COLORTERM= NO_COLOR=1", "▀▀▀"), ("COLORTERM= TERM=linux", "▓▓▓")],
)
def test_pictures_are_seen_in_every_kind_of_terminal(kind: str, sign: str) -> None:
    need(terminal.missing())
    with Terminal({}, ROOT, (100, 30)) as seat:
        before = seat.state
        seat.type(f"{kind} {FACE} pictures")
        seat.wait_for(sign, "● Bob Kahn", "Cleo Nakamura", "You", "p Pictures")
        seat.press("p")
        seat.wait_for("People · 3", absent=sign)
        seat.press("p")
        seat.wait_for(sign)
        seat.press("d")
        assert seat.wait_for_end()[0] == 0
        assert seat.state == before


def test_a_terminated_face_gives_the_terminal_back(seat: Terminal, tmp_path: Path) -> None:
    before = seat.state
    number = tmp_path / "pid"
    seat.type(f"sh -c 'echo $$ > {number}; exec {FACE} crowd'")
    seat.wait_for("People · 32")
    os.kill(int(number.read_text()), signal.SIGTERM)
    code, said = seat.wait_for_end()
    assert code == 0 and "Detached" in said
    assert seat.state == before
