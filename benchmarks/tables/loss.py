"""Pictures and freezes on bad cables: losses at random and in bursts, at two round trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Seat
from benchmarks.network.cable import Cable
from benchmarks.network.impairment import Impairment
from benchmarks.observe import observe
from benchmarks.reading import concealed, freezes, frozen_share, shown
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import VGA

LOSSES = (0.01, 0.02, 0.05, 0.10, 0.20)
BURSTS = (1.0, 4.0)
"""Mean number of packets lost in a row."""
ROUND_TRIPS_MS = (50, 150)
_NOTE = (
    f"{VGA}, one sender and one viewer; every packet in both directions may be lost. Share of the pictures shown · "
    "freezes longer than 200 ms a minute · longer than 500 ms a minute · share of the sound made up or missing."
)


@dataclass(frozen=True)
class Cell:
    """One kind of cable."""

    burst: float
    loss: float
    round_trip_ms: int

    def __str__(self) -> str:
        kind = "random" if self.burst == 1 else f"bursts of {self.burst:.0f}"
        return f"{self.loss:.0%} {kind}, {self.round_trip_ms} ms"


@dataclass(frozen=True)
class Sample:
    """One meeting on it."""

    shown: float
    over_200_ms: float
    """Freezes a minute."""
    over_500_ms: float
    frozen: float | None
    """Share of the time within freezes."""
    concealed: float | None
    lost: float
    """Share of packets that the cable really lost."""
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    every = [Cell(burst, loss, trip) for burst in BURSTS for trip in ROUND_TRIPS_MS for loss in LOSSES]
    cells = bench.cells(every, [Cell(1.0, 0.05, 50)])
    with Cable(bench.hosts.near) as cable:
        samples = bench.sweep(cells, {one.name: partial(_look, bench, cable, one) for one in bench.contenders})
    names = [one.name for one in bench.contenders]
    rows = [[str(cell), *(_text(samples.of(name, cell)) for name in names)] for cell in cells]
    return [Table("Loss", ["loss, round trip", *names], rows, [_NOTE], samples.as_json())]


def _look(bench: Bench, cable: Cable, contender: Contender, cell: Cell) -> Sample:
    bad = Impairment(delay_ms=cell.round_trip_ms / 2, loss=cell.loss, burst=cell.burst)
    cable.clear()
    seats = [Seat("sender", bench.hosts.near, VGA), Seat("viewer", bench.hosts.far, watches="all")]
    with bench.meeting(contender, seats, stamps=True) as meeting:
        before = cable.impair(up=bad, down=bad)["up"]
        window = observe(meeting, bench.seconds(30, 5), settle=bench.seconds(4, 2), cost_of=["viewer"])
        after = cable.clear()["up"]
    seconds = window.views["viewer", "sender"]
    found = freezes(seconds)
    per_minute = 60 / window.spent.lasted
    lost, passed = after.lost - before.lost, after.passed - before.passed
    return Sample(
        shown=shown(seconds, VGA.fps),
        over_200_ms=len(found) * per_minute,
        over_500_ms=sum(length > 500 for length in found) * per_minute,
        frozen=frozen_share(seconds),
        concealed=concealed(seconds),
        lost=lost / max(1, lost + passed),
        others_cpu=window.spent.others_cpu,
    )


def _text(samples: Sequence[Sample]) -> str:
    if not samples:
        return "–"
    return " · ".join(
        [
            figure([sample.shown * 100 for sample in samples], 0, " %"),
            figure([sample.over_200_ms for sample in samples], 0),
            figure([sample.over_500_ms for sample in samples], 0),
            figure([None if sample.concealed is None else sample.concealed * 100 for sample in samples], 1, " %"),
        ]
    )
