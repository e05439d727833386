"""Keys and text sent to a controlled screen whose owner has another keyboard: what was sent, and what came."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

import msgspec

from benchmarks.bench import Bench
from benchmarks.desk import grant
from benchmarks.program import Program, ProgramFailed
from benchmarks.report import Table, figure
from benchmarks.shared_screen import is_event, shared_screen
from meshconf.protocol.control.input import Input, Text
from tests.devices.input.combinations import (
    COMBINATIONS,
    LAYOUTS,
    SCRIPTS,
    combination,
    differing,
    received,
    typed,
    whole,
)
from tests.lab.display import Display
from tests.lab.hands import Hands

_EVERY_S = 0.01
"""Seconds between two inputs: far faster than hands, and within what an owner takes."""
_PATIENCE_S = 20.0
_TEXT = " ".join(SCRIPTS.values())
_NOTE = (
    "From one engine to the other, which injects them into a display of its own (Xvfb) with that layout, where a "
    "window has the keyboard. Combinations: characters, named keys, and shortcuts with Control, Alt, Shift and Meta, "
    f"each down and up. Text: {', '.join(SCRIPTS)}."
)


@dataclass(frozen=True)
class Keys:
    """What became of all of them."""

    sent: int
    received: int
    """Combinations that came at all."""
    differing: list[str]
    """Those that came otherwise than they were meant, and how."""
    text_sent: int
    text_received: int
    """Characters."""
    text_differing: int


def measure(bench: Bench) -> list[Table]:
    """Measure; of meshconf alone."""
    cells = bench.cells(LAYOUTS, LAYOUTS[:1])
    samples = bench.sweep(cells, {"meshconf": lambda layout: _send(bench, layout)})
    rows = [[layout, *_texts(samples.of("meshconf", layout))] for layout in cells]
    columns = [
        "owner's layout",
        "combinations sent",
        "received",
        "differing",
        "characters sent",
        "received",
        "differing",
    ]
    notes = [_NOTE, *(f"{layout}: {what}." for layout in cells for what in _differing(samples.of("meshconf", layout)))]
    return [Table("Keys on other keyboards", columns, rows, notes, samples.as_json())]


def _send(bench: Bench, layout: str) -> Keys:
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        subprocess.run(["setxkbmap", layout], env=display.env, check=True)
        owner, controller = stack.enter_context(shared_screen(bench, display.name))
        controller.wait_for(is_event("picture"))
        grant(owner, controller)
        hands = Hands(display.name)
        stack.callback(hands.close)
        for one in COMBINATIONS:
            _do(owner, controller, hands, combination(*one))
        _wait(hands, lambda: whole(hands.seen, len(COMBINATIONS)))
        keys = list(hands.seen)
        _do(owner, controller, hands, [Text(_TEXT)])
        _wait(hands, lambda: len(typed(hands.seen[len(keys) :])) >= len(_TEXT))
        text = typed(hands.seen[len(keys) :])
    return Keys(
        sent=len(COMBINATIONS),
        received=sum(bool(pressed) for pressed in received(keys)),
        differing=differing(keys),
        text_sent=len(_TEXT),
        text_received=len(text),
        text_differing=sum(one != other for one, other in zip_longest(_TEXT, text)),
    )


def _do(owner: Program, controller: Program, hands: Hands, inputs: Sequence[Input]) -> None:
    peer = owner.wait_for(is_event("room"))["self"]
    for one in inputs:
        controller.send({"do": "input", "peer": peer, **msgspec.to_builtins(one)})
        # Meanwhile keys are read, as by any program: what a borrowed keycode means is asked when it comes.
        next_one = time.monotonic() + _EVERY_S
        hands.wait(partial(_over, next_one))
    for _, refused in controller.said("error"):
        raise ProgramFailed(str(refused))


def _over(moment: float) -> bool:
    return time.monotonic() >= moment


def _wait(hands: Hands, condition: Callable[[], bool]) -> None:
    """Wait until it is so; what never comes is found missing afterwards."""
    deadline = time.monotonic() + _PATIENCE_S
    hands.wait(lambda: condition() or _over(deadline), 2 * _PATIENCE_S)


def _differing(samples: Sequence[Keys]) -> list[str]:
    return sorted({what for one in samples for what in one.differing})


def _texts(samples: Sequence[Keys]) -> list[str]:
    return [
        figure([one.sent for one in samples], 0),
        figure([one.received for one in samples], 0),
        figure([len(one.differing) for one in samples], 0),
        figure([one.text_sent for one in samples], 0),
        figure([one.text_received for one in samples], 0),
        figure([one.text_differing for one in samples], 0),
    ]
