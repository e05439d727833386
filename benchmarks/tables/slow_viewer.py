"""One viewer of five behind a line of 300 kbit/s: what the other four notice of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Seat
from benchmarks.network.cable import Cable
from benchmarks.network.impairment import Impairment
from benchmarks.observe import observe
from benchmarks.reading import Second, delays, frozen_share, mean, percentile
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import VGA

THIN_BPS = 300_000.0
_NOTE = (
    f"{VGA} to five viewers; the line to the fifth is then cut to 300 kbit/s with a queue of 250 ms. Of the four "
    "others: before → with the thin line. All five decode."
)


@dataclass(frozen=True)
class Look:
    """What the four saw for a while."""

    fps: float
    down_bps: float
    delay_ms: float | None
    frozen: float | None
    """Share of the time."""


@dataclass(frozen=True)
class Sample:
    """Before and with the thin line."""

    before: Look
    after: Look
    fifth: Look
    """The one behind it."""
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    with Cable(bench.hosts.third) as cable:
        samples = bench.sweep([VGA], {one.name: partial(_look, bench, cable, one) for one in bench.contenders})
    rows = [[one.name, *_texts(samples.of(one.name, VGA))] for one in bench.contenders]
    columns = ["", "pictures/s", "kbit/s", "delay p50, ms", "frozen, %", "the fifth: pictures/s", "kbit/s"]
    return [Table("One thin line of five", columns, rows, [_NOTE], samples.as_json())]


def _look(bench: Bench, cable: Cable, contender: Contender, cell: object) -> Sample:
    cable.clear()
    others = [Seat(f"viewer{number}", bench.hosts.far, watches="all") for number in range(4)]
    fifth = Seat("fifth", bench.hosts.third, watches="all")
    with bench.meeting(contender, [Seat("sender", bench.hosts.near, VGA), *others, fifth], stamps=True) as meeting:
        before = observe(meeting, bench.seconds(10), settle=bench.seconds(5, 1))
        cable.impair(down=Impairment(rate_bps=THIN_BPS, queue_ms=250))
        after = observe(meeting, bench.seconds(20), settle=bench.seconds(5, 1))
        cable.clear()
    four = [(seat.name, "sender") for seat in others]
    return Sample(
        _see(before.views[pair] for pair in four),
        _see(after.views[pair] for pair in four),
        _see([after.views["fifth", "sender"]]),
        after.spent.others_cpu,
    )


def _see(views: Iterable[Sequence[Second]]) -> Look:
    seconds = [second for view in views for second in view]
    late = delays(seconds)
    return Look(
        fps=mean(second.fps for second in seconds),
        down_bps=mean(second.down_bps for second in seconds),
        delay_ms=percentile(late, 0.5) if late else None,
        frozen=frozen_share(seconds),
    )


def _texts(samples: Sequence[Sample]) -> list[str]:
    looks = ([sample.before for sample in samples], [sample.after for sample in samples])
    return [
        " → ".join(figure([look.fps for look in side], 1) for side in looks),
        " → ".join(figure([look.down_bps / 1000 for look in side], 0) for side in looks),
        " → ".join(figure([look.delay_ms for look in side], 0) for side in looks),
        " → ".join(figure([None if look.frozen is None else look.frozen * 100 for look in side], 1) for side in looks),
        figure([sample.fifth.fps for sample in samples], 1),
        figure([sample.fifth.down_bps / 1000 for sample in samples], 0),
    ]
