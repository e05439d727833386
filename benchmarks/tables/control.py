"""Somebody else's screen under one's own hands: from a key to the changed picture, and what it costs both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.bench import Bench
from benchmarks.desk import Desk, desk
from benchmarks.observe import spend
from benchmarks.program import ProgramFailed
from benchmarks.reading import percentile
from benchmarks.report import Table, figure
from tests.lab.json_program import Line

TRIES = 200
MOTIONS_PER_S = 60.0
_KEYS = "key presses"
_STILL = "nothing moves"
_MOVING = f"the mouse moves {MOTIONS_PER_S:.0f} times a second"
_GAP_S = (0.35, 0.65)
"""Least and most seconds between two tries: never in step with the pictures."""
_MEAN_GAP_S = sum(_GAP_S) / 2
_LOST_AFTER_S = 2.0
_NOTE = (
    "Two engines with windows on displays of 1920x1080 (Xvfb), on the LAN. On the owner's display, above a page of "
    "text, a window changes its colour at each key press. The key is pressed by XTEST on the controller's display, "
    "where meshconf's window has the focus. From there until the owner's program has the key, and until the other "
    "colour is among the pixels of the controller's window, looked at every millisecond. Lost: not within two seconds."
)
_COST_NOTE = "While control lasts: percent of a core of all processes of each engine; motions are those that arrived."


@dataclass(frozen=True)
class Reactions:
    """Many key presses."""

    key_ms: list[float]
    """Until the owner's program had the key."""
    seen_ms: list[float]
    """Until the controller's window showed the other colour."""
    lost: int
    others_cpu: float


@dataclass(frozen=True)
class Cost:
    """CPU seconds a second, and motions a second."""

    owner: float
    controller: float
    motions: float
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure; of meshconf alone."""
    cells = bench.cells([_KEYS, _STILL, _MOVING])
    typed = bench.sweep([cell for cell in cells if cell == _KEYS], {"meshconf": lambda _: _react(bench)})
    costs = bench.sweep([cell for cell in cells if cell != _KEYS], {"meshconf": lambda cell: _cost(bench, cell)})
    reactions = typed.of("meshconf", _KEYS)
    rows = [
        ["key at the owner's program", *_texts(reactions, lambda one: one.key_ms)],
        ["colour in the controller's window", *_texts(reactions, lambda one: one.seen_ms)],
    ]
    cost_rows = [
        [
            cell,
            figure([100 * one.owner for one in costs.of("meshconf", cell)], 1, " %"),
            figure([100 * one.controller for one in costs.of("meshconf", cell)], 1, " %"),
            figure([one.motions for one in costs.of("meshconf", cell)], 0),
        ]
        for cell in cells
        if cell != _KEYS
    ]
    columns = ["from the key press to", "p50", "p95", "tries", "lost"]
    return [
        Table("Control, felt", columns, rows if _KEYS in cells else [], [_NOTE], typed.as_json()),
        Table("Control, its cost", ["", "owner", "controller", "motions/s"], cost_rows, [_COST_NOTE], costs.as_json()),
    ]


def _react(bench: Bench) -> Reactions:
    tries = round(bench.seconds(TRIES * _MEAN_GAP_S, 10 * _MEAN_GAP_S) / _MEAN_GAP_S)
    dice = Random(6)
    with desk(bench) as there:
        time.sleep(bench.seconds(5))
        reactions: list[tuple[float | None, float | None]] = []

        def press() -> None:
            for presses in range(1, tries + 1):
                time.sleep(dice.uniform(*_GAP_S))
                reactions.append(_press(there, presses))

        spent = spend({}, meanwhile=press)
    keys = [1000 * arrived for arrived, _ in reactions if arrived is not None]
    seen = [1000 * shown for _, shown in reactions if shown is not None]
    if not keys or not seen:
        raise ProgramFailed("no key press was seen")
    return Reactions(keys, seen, len(reactions) - len(seen), spent.others_cpu)


def _press(there: Desk, presses: int) -> tuple[float | None, float | None]:
    """Press once; seconds until the key was there and until the colour was seen."""
    with there.pressing() as pressed:
        seen = there.sees(presses, _LOST_AFTER_S)

    def is_it(line: Line) -> bool:
        return bool(line["event"] == "key" and line["presses"] == presses)

    try:
        arrived = float(there.flipper.wait_for(is_it, _LOST_AFTER_S)["at"])
    except ProgramFailed:
        return None, None
    return arrived - pressed, None if seen is None else seen - pressed


def _cost(bench: Bench, cell: str) -> Cost:
    seconds = bench.seconds(20)
    with desk(bench) as there:
        time.sleep(bench.seconds(8))
        before = len(there.flipper.said("motion"))

        def move() -> None:
            due, number = time.monotonic(), 0
            for number in range(round(seconds * MOTIONS_PER_S)):
                time.sleep(max(0.0, due + number / MOTIONS_PER_S - time.monotonic()))
                there.move(number / MOTIONS_PER_S)

        pids = {"owner": there.owner.pid, "controller": there.controller.pid}
        spent = spend(pids, seconds, meanwhile=move if cell == _MOVING else None)
        motions = (len(there.flipper.said("motion")) - before) / spent.lasted
    return Cost(spent.cpu["owner"], spent.cpu["controller"], motions, spent.others_cpu)


def _texts(samples: Sequence[Reactions], times: Callable[[Reactions], list[float]]) -> list[str]:
    return [
        figure([percentile(times(one), 0.5) for one in samples], 0, " ms"),
        figure([percentile(times(one), 0.95) for one in samples], 0, " ms"),
        str(sum(len(times(one)) for one in samples)),
        str(sum(one.lost for one in samples)),
    ]
