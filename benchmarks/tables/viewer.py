"""What viewing costs: CPU seconds a second of a viewer, by the number of senders it sees and hears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Seat
from benchmarks.observe import observe
from benchmarks.reading import shown
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import P360

SENDERS = (1, 3, 5, 7)
_NOTE = (
    "CPU seconds a second of the viewer's processes; pictures are decoded and shown nowhere, sound is mixed and "
    "played to nowhere. Floor: FFmpeg decoding as many pictures and voices, nothing received. In brackets: the "
    "share of pictures that arrived from the worst sender where it was below 95 %, the senders being on the same "
    "machine."
)


@dataclass(frozen=True)
class Sample:
    """One measurement."""

    cpu: float
    shown: float
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    cells = bench.cells(SENDERS, SENDERS[:2])
    entrants = {one.name: partial(_view, bench, one) for one in bench.contenders}
    entrants[bench.floor.name] = partial(_decode, bench)
    samples = bench.sweep(cells, entrants)
    rows = [[name, *(_text(samples.of(name, senders)) for senders in cells)] for name in entrants]
    columns = ["", *map(str, cells)]
    return [Table(f"Viewer's CPU by senders, {P360}", columns, rows, [_NOTE], samples.as_json())]


def _view(bench: Bench, contender: Contender, senders: int) -> Sample:
    seats = [Seat(f"sender{number}", bench.hosts.near, P360) for number in range(senders)]
    seats.append(Seat("viewer", bench.hosts.far, watches="all"))
    with bench.meeting(contender, seats) as meeting:
        window = observe(meeting, bench.seconds(8), settle=bench.seconds(4, 1), cost_of=["viewer"])
    worst = min(shown(seconds, P360.fps) for seconds in window.views.values())
    return Sample(window.spent.cpu["viewer"], worst, window.spent.others_cpu)


def _decode(bench: Bench, senders: int) -> Sample:
    return Sample(bench.floor.decode(P360, senders, bench.seconds(8)), 1.0, 0.0)


def _text(samples: Sequence[Sample]) -> str:
    worst = min((sample.shown for sample in samples), default=1.0)
    return figure([sample.cpu for sample in samples]) + (f" ({worst:.0%})" if worst < 0.95 else "")
