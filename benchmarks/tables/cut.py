"""An uplink that becomes thin for a while: 2 Mbit/s, then 300 kbit/s for twenty seconds, then 2 Mbit/s again."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from benchmarks import plot
from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Seat
from benchmarks.network.cable import Cable
from benchmarks.network.impairment import Impairment
from benchmarks.observe import Window, observe
from benchmarks.reading import Second, concealed, mean, percentile
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import HD

WIDE_BPS, THIN_BPS = 2_000_000.0, 300_000.0
BEFORE_S, CUT_S, AFTER_S = 15.0, 20.0, 30.0
BACK = 0.9
"""Share of the rate before at which it counts as recovered."""
_ROUND_TRIP_MS = 50
_NOTE = (
    f"{HD}, one sender and one viewer, 50 ms round trip, a queue of 250 ms. Delay: glass to glass, the median of "
    "each second, then its worst. Back: seconds from the end of the cut until the rate has been at 90 % of that "
    "before for two seconds; a dash if it was not within thirty. The series are in `cut-*.csv` and, where "
    "matplotlib is installed, in `cut.svg`."
)


@dataclass(frozen=True)
class Sample:
    """One cut."""

    before_bps: float
    during_bps: float
    """In the second half of the cut."""
    fps_during: float
    worst_delay_ms: float | None
    frozen_ms: float
    """During the cut and after."""
    concealed_worst: float | None
    """Share of sound, the worst second."""
    concealed: float | None
    back_s: float | None
    others_cpu: float
    series: tuple[Second, ...]
    """Times are seconds since the beginning."""


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    with Cable(bench.hosts.near) as cable:
        entrants = {one.name: partial(_look, bench, cable, one) for one in bench.contenders}
        samples = bench.sweep([HD], entrants)
    rows = [[one.name, *_texts(samples.of(one.name, HD))] for one in bench.contenders]
    first = {one.name: taken[0].series for one in bench.contenders if (taken := samples.of(one.name, HD))}
    _keep(bench, first)
    columns = [
        "",
        "before",
        "during",
        "pictures/s during",
        "worst delay",
        "frozen",
        "sound missing, worst second",
        "back",
    ]
    return [Table("A cut of the uplink", columns, rows, [_NOTE], samples.as_json())]


def _look(bench: Bench, cable: Cable, contender: Contender, cell: object) -> Sample:
    cable.clear()
    seats = [Seat("sender", bench.hosts.near, HD), Seat("viewer", bench.hosts.far, watches="all")]
    before, during, after = _phases(bench)
    with bench.meeting(contender, seats, stamps=True) as meeting:
        cable.impair(up=_link(WIDE_BPS), down=Impairment(delay_ms=_ROUND_TRIP_MS / 2))
        window = observe(
            meeting, before + during + after, settle=bench.seconds(10, 2), meanwhile=_cutting(cable, before, during)
        )
        cable.clear()
    return _judge(window, before, during)


def _phases(bench: Bench) -> tuple[float, float, float]:
    return bench.seconds(BEFORE_S, 3), bench.seconds(CUT_S, 4), bench.seconds(AFTER_S, 5)


def _link(rate_bps: float) -> Impairment:
    return Impairment(delay_ms=_ROUND_TRIP_MS / 2, rate_bps=rate_bps, queue_ms=250)


def _cutting(cable: Cable, before: float, during: float) -> Callable[[], None]:
    def cut() -> None:
        time.sleep(before)
        cable.impair(up=_link(THIN_BPS))
        time.sleep(during)
        cable.impair(up=_link(WIDE_BPS))

    return cut


def _judge(window: Window, before: float, during: float) -> Sample:
    series = [replace(second, at=second.at - window.began) for second in window.views["viewer", "sender"]]
    first = [second for second in series if second.at <= before]
    cut = [second for second in series if before < second.at <= before + during]
    rest = [second for second in series if second.at > before + during]
    late = cut[len(cut) // 2 :]
    rate = mean(second.down_bps for second in first)
    sound = [second.concealed for second in series if second.concealed is not None]
    delays = [median(second.delays_ms) for second in cut + rest if second.delays_ms]
    return Sample(
        before_bps=rate,
        during_bps=mean(second.down_bps for second in late),
        fps_during=mean(second.fps for second in late),
        worst_delay_ms=max(delays, default=None),
        frozen_ms=sum(second.frozen_ms or 0.0 for second in cut + rest),
        concealed_worst=percentile(sound, 1.0) if sound else None,
        concealed=concealed(series),
        back_s=back_after(rest, rate * BACK, before + during),
        others_cpu=window.spent.others_cpu,
        series=tuple(series),
    )


def back_after(rest: Sequence[Second], rate_bps: float, ended: float) -> float | None:
    """Seconds until a rate was reached for two seconds in a row; None if it never was.

    Args:
        rest: the seconds after the cut.
        rate_bps: what counts as back.
        ended: when the cut ended, on the clock of `rest`.
    """
    for one, next_one in zip(rest, rest[1:], strict=False):
        if one.down_bps >= rate_bps and next_one.down_bps >= rate_bps:
            # The rate is that of the second that ended then.
            return max(0.0, one.at - 1.0 - ended)
    return None


def _texts(samples: Sequence[Sample]) -> list[str]:
    return [
        figure([sample.before_bps / 1000 for sample in samples], 0, " kbit/s"),
        figure([sample.during_bps / 1000 for sample in samples], 0, " kbit/s"),
        figure([sample.fps_during for sample in samples], 0),
        figure([sample.worst_delay_ms for sample in samples], 0, " ms"),
        figure([sample.frozen_ms / 1000 for sample in samples], 1, " s"),
        figure([None if one.concealed_worst is None else one.concealed_worst * 100 for one in samples], 0, " %"),
        figure([sample.back_s for sample in samples], 0, " s"),
    ]


def _keep(bench: Bench, series: dict[str, tuple[Second, ...]]) -> None:
    for name, seconds in series.items():
        with (bench.results / f"cut-{name}.csv").open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(
                ["second", "bits_a_second", "delay_ms", "pictures_a_second", "height", "frozen_ms", "sound_missing"]
            )
            for one in seconds:
                late = round(median(one.delays_ms), 1) if one.delays_ms else ""
                rows.writerow(
                    [
                        round(one.at, 1),
                        round(one.down_bps),
                        late,
                        round(one.fps, 1),
                        one.height,
                        one.frozen_ms,
                        one.concealed,
                    ]
                )
    if plot.missing() is not None:
        return
    before, during, _ = _phases(bench)
    panels: dict[str, dict[str, plot.Line]] = {
        "kbit/s": {name: [(one.at, one.down_bps / 1000) for one in rows] for name, rows in series.items()},
        "delay, ms": {
            name: [(one.at, median(one.delays_ms) if one.delays_ms else None) for one in rows]
            for name, rows in series.items()
        },
        "pictures/s": {name: [(one.at, one.fps) for one in rows] for name, rows in series.items()},
        "height": {name: [(one.at, float(one.height)) for one in rows] for name, rows in series.items()},
    }
    plot.draw(bench.results / "cut.svg", panels, (before, before + during))
