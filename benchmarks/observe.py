"""Looks at a running meeting for a while: what it cost, and what its viewers said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import machine, processes
from benchmarks.contenders.base import Meeting
from benchmarks.reading import Second

_SLACK_S = 0.15
"""A program that speaks once a second is late by so much at most."""


@dataclass(frozen=True)
class Spent:
    """What a stretch of time took."""

    lasted: float
    """Seconds."""
    cpu: dict[str, float]
    """CPU seconds a second of each measured process with its descendants, by name."""
    others_cpu: float
    """CPU seconds a second that the machine spent on what is no part of the benchmark."""


@dataclass(frozen=True)
class Window:
    """A stretch of time in a meeting."""

    began: float
    """Unix time."""
    spent: Spent
    """What it took, by seat of those that are measured."""
    rss_bytes: dict[str, int]
    """Memory of each measured seat, with all its processes, at its end."""
    views: dict[tuple[str, str], list[Second]]
    """By viewer and sender; whole seconds only."""
    loop_lags_ms: dict[str, list[float]]
    heights_sent: dict[str, set[int]]
    """See `Meeting`."""


def spend(pids: Mapping[str, int], lasting: float = 0.0, *, meanwhile: Callable[[], None] | None = None) -> Spent:
    """Measure what processes take.

    Args:
        pids: whose, by name.
        lasting: seconds, at least.
        meanwhile: runs within the time.
    """
    before = {name: processes.cpu_s(pid) for name, pid in pids.items()}
    machine_before = machine.busy_s() - machine.ours_s()
    started = time.monotonic()
    if meanwhile is not None:
        meanwhile()
    time.sleep(max(0.0, lasting - (time.monotonic() - started)))
    after = {name: processes.cpu_s(pid) for name, pid in pids.items()}
    lasted = time.monotonic() - started
    others = machine.busy_s() - machine.ours_s() - machine_before
    return Spent(lasted, {name: (after[name] - before[name]) / lasted for name in pids}, max(0.0, others / lasted))


def observe(
    meeting: Meeting,
    lasting: float,
    *,
    settle: float = 0.0,
    cost_of: Sequence[str] = (),
    meanwhile: Callable[[], None] | None = None,
) -> Window:
    """Look for so long.

    Args:
        meeting: at what.
        lasting: seconds.
        settle: seconds to wait before, until rates have found their place.
        cost_of: seats whose processor time and memory are measured.
        meanwhile: runs within the time; what it takes counts.
    """
    time.sleep(settle)
    pids = {seat: meeting.pid(seat) for seat in cost_of}
    began = time.time()
    spent = spend(pids, lasting, meanwhile=meanwhile)
    memory = {seat: processes.rss_bytes(pid) for seat, pid in pids.items()}
    time.sleep(_SLACK_S)  # for the last second to be told
    ended = began + spent.lasted + _SLACK_S
    views = {
        pair: [second for second in seconds if second.at <= ended]
        for pair, seconds in meeting.readings(began + 1.0 - _SLACK_S).items()
    }
    return Window(
        began=began,
        spent=spent,
        rss_bytes=memory,
        views=views,
        loop_lags_ms={seat: meeting.loop_lags_ms(seat, began) for seat in pids},
        heights_sent={seat: meeting.heights_sent(seat, began) for seat in pids},
    )
