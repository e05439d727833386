"""What goes on inside a sender with twelve viewers: its event loop, its memory, and where its time goes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import copies
from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Meeting, Seat
from benchmarks.observe import observe
from benchmarks.reading import percentile
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import VGA

VIEWERS = 12
_TOP = 20
_LOOKS = 20
"""Looks at the lag in a second, of which the worst is told."""
_NOTE = (
    "Loop lag: how late a sleeper of 50 ms wakes up in the sender's event loop, of which the worst of each second is "
    "told: half and 99 % of the seconds; p99 of all looks is where those worst ones are below for 0.99^20 of the "
    "seconds. Chromium has no loop that can be asked. "
    "Memory counts shared pages in each process, and the scene (40 MiB) where it is mapped. Copied: "
    "what went through memcpy and memmove of the C library in a meeting of its own, divided by the 30 pictures a "
    "second of the camera; a picture itself has 450 KiB. What codecs and the kernel copy in loops of their own is not "
    "in it, nor is Chromium, which has such loops everywhere."
)


@dataclass(frozen=True)
class Sample:
    """One meeting."""

    worst_p50_ms: float | None
    worst_p99_ms: float | None
    lag_p99_ms: float | None
    rss_bytes: float
    cpu: float
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure; then sample the stacks of those that are Python."""
    viewers = 3 if bench.quick else VIEWERS
    samples = bench.sweep([viewers], {one.name: partial(_look, bench, one) for one in bench.contenders})
    copied = _copied(bench, viewers)
    rows = []
    for contender in bench.contenders:
        taken = samples.of(contender.name, viewers)
        rows.append(
            [
                contender.name,
                figure([sample.lag_p99_ms for sample in taken], 1, " ms"),
                figure([sample.worst_p50_ms for sample in taken], 1, " ms"),
                figure([sample.worst_p99_ms for sample in taken], 1, " ms"),
                figure([sample.rss_bytes / 2**20 for sample in taken], 0, " MiB"),
                figure([sample.cpu for sample in taken]),
                figure(copied.get(contender.name, []), 0, " KiB"),
            ]
        )
    columns = ["", "loop lag p99", "worst of a second p50", "p99", "memory", "CPU", "copied per picture"]
    title = f"Inside a sender with {viewers} viewers, {VGA}"
    return [Table(title, columns, rows, [_NOTE], samples.as_json()), *_profiles(bench, viewers)]


def _meet(bench: Bench, contender: Contender, viewers: int, look: Callable[[Meeting], Sample | None]) -> Sample | None:
    seats = [Seat("sender", bench.hosts.near, VGA)]
    seats += [Seat(f"viewer{number}", bench.hosts.far, watches="lightly") for number in range(viewers)]
    with bench.meeting(contender, seats) as meeting:
        return look(meeting)


def _look(bench: Bench, contender: Contender, viewers: int) -> Sample | None:
    def look(meeting: Meeting) -> Sample:
        window = observe(meeting, bench.seconds(30), settle=bench.seconds(4, 1), cost_of=["sender"])
        lags = window.loop_lags_ms["sender"]
        return Sample(
            worst_p50_ms=percentile(lags, 0.5) if lags else None,
            worst_p99_ms=percentile(lags, 0.99) if lags else None,
            lag_p99_ms=percentile(lags, 0.99**_LOOKS) if lags else None,
            rss_bytes=window.rss_bytes["sender"],
            cpu=window.spent.cpu["sender"],
            others_cpu=window.spent.others_cpu,
        )

    return _meet(bench, contender, viewers, look)


def _copied(bench: Bench, viewers: int) -> dict[str, list[float]]:
    """KiB that each contender copies for one picture, where that can be counted."""
    copied: dict[str, list[float]] = {}
    if copies.missing() is not None:
        return copied
    for contender in bench.contenders:
        if contender.name == "chromium":
            continue

        def measure(viewers: int, contender: Contender = contender) -> None:
            def count(meeting: Meeting) -> None:
                time.sleep(bench.seconds(4, 1))
                pid, lasting = meeting.pid("sender"), bench.seconds(10)
                before = counter.bytes_copied(pid)
                time.sleep(lasting)
                copied[contender.name] = [(counter.bytes_copied(pid) - before) / 1024 / (lasting * VGA.fps)]

            with copies.counting() as counter:
                _meet(bench, contender, viewers, count)

        bench.attempt(f"copies of {contender.name}", measure, viewers)
    return copied


def _profiles(bench: Bench, viewers: int) -> list[Table]:
    profiler = shutil.which("py-spy", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if profiler is None:
        return [
            Table("Profile of a sender", ["skipped"], [["py-spy is not installed: pip install meshconf[benchmark]"]])
        ]
    tables = []
    for contender in bench.contenders:
        if contender.name == "chromium":  # no Python inside
            continue
        stacks = bench.results / f"profile-{contender.name}.txt"

        def sample(meeting: Meeting, stacks: Path = stacks) -> None:
            options = {
                "pid": meeting.pid("sender"),
                "duration": round(bench.seconds(15)),
                "rate": 200,
                "format": "raw",
                "output": stacks,
            }
            line = [text for name, value in options.items() for text in (f"--{name}", str(value))]
            # Threads that are stopped to be looked at all seem to run: only an unstopped one is seen to wait.
            done = subprocess.run([profiler, "record", "--nonblocking", *line], capture_output=True, text=True)
            if done.returncode:
                raise OSError(done.stderr.strip())

        bench.attempt(f"profile of {contender.name}", partial(_meet, bench, contender, look=sample), viewers)
        if stacks.exists():
            rows = [
                [name, f"{own:.1%}", f"{whole:.1%}"] for name, own, whole in hottest(stacks.read_text().splitlines())
            ]
            title = f"Where the time of {contender.name} goes, {viewers} viewers"
            tables.append(Table(title, ["function", "itself", "with what it calls"], rows))
    return tables


def hottest(stacks: Iterable[str]) -> Sequence[tuple[str, float, float]]:
    """The functions in which most of the time passes.

    Args:
        stacks: lines of collapsed stacks: frames from the outermost, joined by semicolons, then a number of samples.

    Returns:
        Function, share of the samples in itself, share with what it calls; most time in itself first.
    """
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for line in stacks:
        frames, _, number = line.rpartition(" ")
        names = [re.sub(r":\d+\)$", ")", frame) for frame in frames.split(";")]
        own[names[-1]] += int(number)
        for name in set(names):
            whole[name] += int(number)
    total = own.total() or 1
    return [(name, count / total, whole[name] / total) for name, count in own.most_common(_TOP)]
