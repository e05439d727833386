"""A computer that is short of time encodes less, says so once, and tries again when it is calm."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest

from meshconf.conference.economy import LOWEST, SETTLING, Economy
from meshconf.media.rungs import ladder
from meshconf.types import SourceKind

RUNGS = ladder(SourceKind.CAMERA, 1280, 720, 30)


class Machine:
    """A computer that encodes 30 pictures a second, and how long each takes."""

    def __init__(self) -> None:
        self.now = 100.0
        self.told: list[str] = []
        self.camera = SimpleNamespace(encoding_s=0.0, captured_s=0.0)
        self.late = 0

    def begin(self) -> None:
        self.economy = Economy(self.told.append)
        self.run(SETTLING + 1, busy=0.2)

    def run(self, seconds: float, *, busy: float, lag: float = 0.0, late_each_s: int = 0) -> None:
        """Let time pass; `busy` is the share of it that encoding takes, 0 where nothing is encoded."""
        for tick in range(int(seconds * 10)):
            self.now += 0.1
            if busy:
                self.camera.encoding_s += 0.1 * busy
                self.camera.captured_s += 0.1
            if tick % 10 == 0:
                self.late += late_each_s
            self.economy.lagged(lag)
            self.economy.turn({SourceKind.CAMERA: cast(Any, self.camera)}, self.late)


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    with patch("meshconf.conference.economy.time.monotonic", lambda: machine.now):
        machine.begin()
        yield machine


def test_a_calm_computer_encodes_everything(machine: Machine) -> None:
    machine.run(60, busy=0.4)
    assert machine.economy.level == 0 and machine.told == []
    assert machine.economy.allowed(RUNGS) is RUNGS[0]


def test_a_busy_one_encodes_cheaper_then_smaller_and_says_so(machine: Machine) -> None:
    machine.run(3, busy=1.1)
    assert machine.economy.level == 1 and machine.economy.cpu_short
    assert machine.economy.allowed(RUNGS) is RUNGS[0]
    assert len(machine.told) == 1 and "busy" in machine.told[0]
    machine.run(20, busy=1.1)
    assert machine.economy.level == LOWEST and len(machine.told) == 1, "further steps are the same news"
    assert machine.economy.allowed(RUNGS) is RUNGS[2]


def test_sound_that_comes_late_counts_at_once(machine: Machine) -> None:
    machine.run(1.5, busy=0.3, late_each_s=5)
    assert machine.economy.level >= 1


def test_who_encodes_nothing_steps_nowhere(machine: Machine) -> None:
    machine.run(20, busy=0.0, lag=0.2)
    assert machine.economy.level == 0 and machine.told == []


def test_connecting_is_hard_work_and_soon_over(machine: Machine) -> None:
    machine.begin()
    machine.economy = Economy(machine.told.append)
    machine.run(SETTLING - 0.5, busy=0.3, lag=0.3)
    assert machine.economy.level == 0


def test_whoever_comes_later_costs_nobody_their_picture(machine: Machine) -> None:
    machine.economy.connecting()
    machine.run(SETTLING - 0.5, busy=0.3, lag=0.3, late_each_s=5)
    assert machine.economy.level == 0
    machine.run(2, busy=0.3)
    machine.run(2, busy=0.3, lag=0.3)
    assert machine.economy.level > 0


def test_what_was_taken_back_comes_again_when_there_is_time(machine: Machine) -> None:
    machine.run(3, busy=1.1)
    machine.run(60, busy=0.2)
    assert machine.economy.level == 0
    assert machine.told[-1] == "Your pictures are sent in full again."
