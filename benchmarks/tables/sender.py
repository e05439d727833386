"""What sending costs: CPU seconds a second of the sender, by the number of viewers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Picture, Seat
from benchmarks.observe import observe
from benchmarks.reading import shown
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import HD, VGA, in_h264

PICTURES = (VGA, HD, in_h264(VGA), in_h264(HD))
VIEWERS = (1, 2, 3, 5, 8, 12)
_NOTE = (
    "CPU seconds a second of the sender's processes. The viewers sit in one process that acknowledges everything and "
    "decodes nothing. Floor: camera, meshconf's encoder and opus, nothing sent. In brackets: the share of "
    "pictures that arrived at the worst viewer where it was below 95 %, and the height sent where it was less "
    "than asked."
)


@dataclass(frozen=True)
class Cell:
    """What is sent, and to how many."""

    picture: Picture
    viewers: int

    def __str__(self) -> str:
        return f"{self.picture} to {self.viewers}"


@dataclass(frozen=True)
class Sample:
    """One measurement."""

    cpu: float
    shown: float
    """Share of pictures that arrived at the worst viewer."""
    height: int
    """Smallest that was sent."""
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure; a table a picture."""
    cells = bench.cells([Cell(p, n) for p in PICTURES for n in VIEWERS], [Cell(VGA, 1), Cell(VGA, 3)])
    entrants: dict[str, Callable[[Cell], Sample | None]] = {}
    entrants |= {one.name: partial(_send, bench, one) for one in bench.contenders}
    entrants[bench.floor.name] = partial(_encode, bench)
    samples = bench.sweep(cells, entrants)
    tables: list[Table] = []
    for picture in dict.fromkeys(cell.picture for cell in cells):
        counts = [cell.viewers for cell in cells if cell.picture == picture]
        rows = [
            [name, *(_text(picture, samples.of(name, Cell(picture, viewers))) for viewers in counts)]
            for name in entrants
        ]
        # All samples stand with the first.
        everything = None if tables else samples.as_json()
        tables.append(Table(f"Sender's CPU by viewers, {picture}", ["", *map(str, counts)], rows, [_NOTE], everything))
    return tables


def _send(bench: Bench, contender: Contender, cell: Cell) -> Sample:
    picture = cell.picture
    seats = [Seat("sender", bench.hosts.near, picture)]
    seats += [Seat(f"viewer{number}", bench.hosts.far, watches="lightly") for number in range(cell.viewers)]
    with bench.meeting(contender, seats) as meeting:
        window = observe(meeting, bench.seconds(8), settle=bench.seconds(4, 1), cost_of=["sender"])
    worst = min(shown(seconds, picture.fps) for seconds in window.views.values())
    height = min(window.heights_sent["sender"], default=picture.height)
    return Sample(window.spent.cpu["sender"], worst, height, window.spent.others_cpu)


def _encode(bench: Bench, cell: Cell) -> Sample | None:
    if cell.viewers != VIEWERS[0]:  # it has none
        return None
    return Sample(bench.floor.encode(cell.picture, bench.seconds(8)), 1.0, cell.picture.height, 0.0)


def _text(picture: Picture, samples: Sequence[Sample]) -> str:
    text = figure([sample.cpu for sample in samples])
    worst = min((sample.shown for sample in samples), default=1.0)
    height = min((sample.height for sample in samples), default=picture.height)
    remarks = [f"{worst:.0%}"] if worst < 0.95 else []
    remarks += [f"{height}p"] if height < picture.height else []
    return f"{text} ({', '.join(remarks)})" if remarks else text
