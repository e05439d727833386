"""Glass to glass: from the moment a camera gives a picture until it is decoded, by the stamp in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.contenders.base import CannotMeet, Contender, Picture, Seat
from benchmarks.observe import observe
from benchmarks.reading import delays, percentile
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import SLOW, VGA, in_h264

PICTURES = (VGA, SLOW, in_h264(VGA))
_NOTE = (
    "Sender and viewer on one machine, nothing else in the meeting; p50 / p95 in milliseconds. The stamp is "
    "painted when the camera gives the picture and read when it is decoded; neither camera nor display is part of "
    "it. meshconf reads up to ten pictures a second, the others every one."
)


@dataclass(frozen=True)
class Sample:
    """One meeting."""

    p50_ms: float
    p95_ms: float
    pictures: int
    """How many were read."""
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    cells = bench.cells(PICTURES, PICTURES[:2])
    samples = bench.sweep(cells, {one.name: partial(_look, bench, one) for one in bench.contenders})
    rows = []
    for contender in bench.contenders:
        texts = []
        for picture in cells:
            taken = samples.of(contender.name, picture)
            texts.append(f"{figure([one.p50_ms for one in taken], 0)} / {figure([one.p95_ms for one in taken], 0)}")
        rows.append([contender.name, *texts])
    return [Table("Glass to glass", ["", *map(str, cells)], rows, [_NOTE], samples.as_json())]


def _look(bench: Bench, contender: Contender, picture: Picture) -> Sample:
    seats = [Seat("sender", bench.hosts.near, picture), Seat("viewer", bench.hosts.far, watches="all")]
    with bench.meeting(contender, seats, stamps=True) as meeting:
        window = observe(meeting, bench.seconds(20), settle=bench.seconds(4, 1), cost_of=["viewer"])
    late = delays(window.views["viewer", "sender"])
    if not late:
        raise CannotMeet("no stamp could be read")
    return Sample(percentile(late, 0.5), percentile(late, 0.95), len(late), window.spent.others_cpu)
