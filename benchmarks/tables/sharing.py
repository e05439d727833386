"""Two meetings on one thin uplink: how they share it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Seat
from benchmarks.network.cable import Cable
from benchmarks.network.impairment import Impairment
from benchmarks.observe import observe
from benchmarks.reading import concealed, mean
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import HD

LINK_BPS = 2_000_000.0
_NOTE = (
    f"Two senders of {HD} behind one uplink of 2 Mbit/s with 50 ms round trip and a queue of 250 ms; each has a "
    "viewer of its own. Fairness is Jain's index of the two rates: 1 is equal, 0.5 is all for one. The second "
    "joins twenty seconds after the first."
)


@dataclass(frozen=True)
class Pair:
    """Who shares, by name."""

    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first} beside {self.second}"


@dataclass(frozen=True)
class Sample:
    """Two meetings side by side."""

    first_bps: float
    second_bps: float
    fps: tuple[float, float]
    concealed: tuple[float | None, float | None]
    others_cpu: float

    @property
    def fairness(self) -> float:
        """Jain's index."""
        total = self.first_bps + self.second_bps
        return total**2 / (2 * (self.first_bps**2 + self.second_bps**2)) if total else 0.0


def measure(bench: Bench) -> list[Table]:
    """Measure everybody beside itself, and the first contender beside each of the others."""
    by_name = {one.name: one for one in bench.contenders}
    names = list(by_name)
    pairs = [Pair(name, name) for name in names] + [Pair(names[0], name) for name in names[1:]]
    with Cable(bench.hosts.near) as cable:
        cells = bench.cells(pairs, pairs[:1])
        samples = bench.sweep(cells, {"": partial(_share, bench, cable, by_name)})
    rows = [[str(pair), *_texts(samples.of("", pair))] for pair in cells]
    columns = ["", "the first", "the second", "fairness", "pictures/s", "sound missing"]
    return [Table("Two meetings on one uplink", columns, rows, [_NOTE], samples.as_json())]


def _share(bench: Bench, cable: Cable, by_name: dict[str, Contender], pair: Pair) -> Sample:
    cable.clear()
    with ExitStack() as stack:
        link = Impairment(delay_ms=25, rate_bps=LINK_BPS, queue_ms=250)
        seats = [
            [Seat("sender", bench.hosts.near, HD), Seat("viewer", host, watches="all")]
            for host in (bench.hosts.far, bench.hosts.third)
        ]
        first = stack.enter_context(bench.meeting(by_name[pair.first], seats[0]))
        cable.impair(up=link, down=Impairment(delay_ms=25))
        observe(first, bench.seconds(20, 1))
        second = stack.enter_context(bench.meeting(by_name[pair.second], seats[1]))
        looked = observe(first, bench.seconds(40, 3), settle=bench.seconds(10, 1))
        cable.clear()
        views = [meeting.readings(looked.began + 1.0)["viewer", "sender"] for meeting in (first, second)]
    rates = [mean(one.down_bps for one in seconds) for seconds in views]
    fps = [mean(one.fps for one in seconds) for seconds in views]
    sound = [concealed(seconds) for seconds in views]
    return Sample(rates[0], rates[1], (fps[0], fps[1]), (sound[0], sound[1]), looked.spent.others_cpu)


def _texts(samples: Sequence[Sample]) -> list[str]:
    sound = [[None if (part := one.concealed[side]) is None else part * 100 for one in samples] for side in (0, 1)]
    return [
        figure([sample.first_bps / 1000 for sample in samples], 0, " kbit/s"),
        figure([sample.second_bps / 1000 for sample in samples], 0, " kbit/s"),
        figure([sample.fairness for sample in samples]),
        " / ".join(figure([sample.fps[side] for sample in samples], 0) for side in (0, 1)),
        " / ".join(figure(side, 1, " %") for side in sound),
    ]
