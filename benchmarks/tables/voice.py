"""Voices over bad lines: what is heard of them, how late, and how good it still is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.audio import engine, plain
from benchmarks.audio.heard import Heard
from benchmarks.audio.line import BURST_S, TRANSIT_S, Conditions
from benchmarks.audio.score import missing, mos
from benchmarks.audio.spoken import spoken
from benchmarks.bench import Bench, Samples, say
from benchmarks.report import Table, figure
from meshconf.types import SAMPLE_RATE

_WAYS: dict[str, Callable[..., Heard]] = {"meshconf": engine.call, "aiortc": plain.call}
_LOSSES = (0.0, 0.01, 0.05, 0.1, 0.2)
_JITTERS_S = (0.0, 0.03, 0.1)
_SETTLED_S = 5.0
_NOTE = (
    f"Each field: {' / '.join(_WAYS)}. Recorded speech, in virtual time: meshconf's encoder, sender with its copies "
    "and repairs, reports on a way back that is as bad, play-out and libopus; aiortc's encoder, its receiver's jitter "
    "buffer and decoder, and a speaker that plays a frame of the track each 20 ms. "
    f"The line takes {TRANSIT_S * 1000:.0f} ms and up to as much more as the jitter; bursts lose everything for "
    f"{BURST_S * 1000:.0f} ms on average. Filled: slots of 20 ms of speech with more than 2 % of its peak. "
    "Made up: came from no packet. Stall: silence of more than 100 ms within speech. Delay: from the mouth to the "
    "handing over to the speaker, without devices; growth: against the same jitter without loss. "
    "PESQ: wide band (ITU-T P.862.2) by the `pesq` package, 1.0 to 4.6."
)


@dataclass(frozen=True)
class Sample:
    """One call."""

    filled: float
    made_up: float
    stalls_per_minute: float
    delay_ms: float
    pesq: float | None


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    if (reason := missing()) is not None:
        say(reason)
    seconds = bench.seconds(60.0, 20.0)
    said = spoken(seconds)
    seeds = {name: iter(range(1, 1_000_000)) for name in _WAYS}

    def entrant(name: str) -> Callable[[Conditions], Sample]:
        # The same lines, one after the other, for everybody.
        return lambda conditions: judge(_WAYS[name](said, conditions, next(seeds[name])))

    cells = bench.cells(_conditions(), [Conditions(), Conditions(loss=0.1), Conditions(loss=0.1, bursts=True)])
    samples = bench.sweep(cells, {name: entrant(name) for name in _WAYS})
    columns = ["jitter", "loss", "filled", "made up", "stalls a minute", "delay", "growth", "PESQ"]
    rows = [_row(samples, conditions) for conditions in cells]
    return [Table("Voices over bad lines", columns, rows, [_NOTE], samples.as_json())]


def judge(heard: Heard) -> Sample:
    """What a listener would say."""
    seconds = heard.said.size / SAMPLE_RATE
    return Sample(
        filled=heard.filled,
        made_up=heard.made_up,
        stalls_per_minute=heard.stalls * 60 / seconds,
        delay_ms=heard.delay_s(_SETTLED_S, seconds) * 1000,
        pesq=mos(heard),
    )


def _conditions() -> Sequence[Conditions]:
    return [
        Conditions(loss, bursts, jitter_s)
        for jitter_s in _JITTERS_S
        for bursts in (False, True)
        for loss in _LOSSES
        if loss or not bursts
    ]


def _row(samples: Samples[Conditions, Sample], conditions: Conditions) -> list[str]:
    def beside(value: Callable[[Sample], float | None], digits: int, unit: str = "") -> str:
        return " / ".join(figure([value(one) for one in samples.of(name, conditions)], digits, unit) for name in _WAYS)

    return [
        f"{conditions.jitter_s * 1000:.0f} ms",
        f"{conditions.loss:.0%}{' in bursts' if conditions.bursts else ''}",
        beside(lambda one: one.filled * 100, 1, " %"),
        beside(lambda one: one.made_up * 100, 1, " %"),
        beside(lambda one: one.stalls_per_minute, 0),
        beside(lambda one: one.delay_ms, 0, " ms"),
        " / ".join(_growth(samples, name, conditions) for name in _WAYS),
        beside(lambda one: one.pesq, 2),
    ]


def _growth(samples: Samples[Conditions, Sample], name: str, conditions: Conditions) -> str:
    lossless = samples.of(name, Conditions(jitter_s=conditions.jitter_s))
    pairs = zip(samples.of(name, conditions), lossless, strict=False)
    return figure([with_loss.delay_ms - without.delay_ms for with_loss, without in pairs], 0, " ms")
