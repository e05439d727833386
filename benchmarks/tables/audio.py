"""Sound besides bad lines: clocks that drift, lips, a crowd in one mix, and the time from mouth to ear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.audio import crowd, faces, mouth_to_ear
from benchmarks.bench import Bench
from benchmarks.observe import spend
from benchmarks.report import Table, figure
from tests.lab import sound
from tests.media.congestion.link import Conditions
from tests.media.voice.line import ScriptedDecoder, line, listen, vowel

_PPM = (-1000, -100, 100, 1000)
_LINES = {
    "calm": Conditions(),
    "jitter 30 ms": Conditions(jitter_s=0.03),
    "jitter 100 ms": Conditions(jitter_s=0.1),
    "jitter 30 ms, 5 % loss": Conditions(jitter_s=0.03, loss=0.05),
}
_DRIFT_NOTE = "Delay that play-out adds to the line's, in the first and the last ten seconds; virtual time."
_LIPS_NOTE = "A voice and its camera through sender, line, receivers and lip sync, in virtual time; after ten seconds."
_CROWD_NOTE = (
    f"{crowd.PEERS} recorded voices without a pause, each turned up by 6 dB; lines with 30 ms of jitter and 1 % loss. "
    "CPU of decoding, play-out, meters and mix, in seconds a second. Sum: its highest peak without the limiter."
)
_EAR_NOTE = (
    "Recorded speech through a microphone, two engines and a speaker of a private PulseAudio on this machine, with "
    "cleaning, by correlation of each second. Devices: a program that only plays what it hears, with its blocks of "
    "20 ms and the sound server's buffers. Engines: what comes on top."
)


@dataclass(frozen=True)
class Drifted:
    """Half an hour."""

    first_ms: float
    last_ms: float
    made_up: float


@dataclass(frozen=True)
class Lips:
    """One line."""

    p95_ms: float


@dataclass(frozen=True)
class Ear:
    """Some seconds of one way."""

    p50_ms: float
    p95_ms: float
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure."""
    return [_drift(bench), _lips(bench), _crowd(bench), _mouth_to_ear(bench)]


def _drift(bench: Bench) -> Table:
    seconds = bench.seconds(1800.0, 60.0)

    def drifted(ppm: int) -> Drifted:
        heard = listen(line(seconds + 1, sender_ppm=ppm), ScriptedDecoder(vowel()), seconds, sender_ppm=ppm)
        made_up = heard.share(heard.counters.concealed)
        return Drifted(heard.delay_ms(2, 12), heard.delay_ms(seconds - 10), made_up)

    samples = bench.sweep(bench.cells(_PPM, [1000]), {"meshconf": drifted})
    rows = []
    for ppm in _PPM:
        if taken := samples.of("meshconf", ppm):
            row = [figure([one.first_ms for one in taken], 1, " ms"), figure([one.last_ms for one in taken], 1, " ms")]
            rows.append([f"{ppm} ppm", *row, figure([one.made_up * 100 for one in taken], 1, " %")])
    columns = ["sender's clock", "delay at first", "at last", "made up"]
    return Table(f"Clocks that drift for {seconds / 60:.0f} min", columns, rows, [_DRIFT_NOTE], samples.as_json())


def _lips(bench: Bench) -> Table:
    seconds = bench.seconds(60.0, 15.0)
    seeds = iter(range(1, 1_000_000))

    def lips(name: str) -> Lips:
        return Lips(faces.p95_s(faces.skews_s(_LINES[name], seconds, next(seeds))) * 1000)

    samples = bench.sweep(bench.cells(list(_LINES), list(_LINES)[:1]), {"meshconf": lips})
    rows = [[name, figure([one.p95_ms for one in samples.of("meshconf", name)], 0, " ms")] for name in _LINES]
    return Table("Lip sync", ["line", "apart, p95"], rows, [_LIPS_NOTE], samples.as_json())


def _crowd(bench: Bench) -> Table:
    seconds = bench.seconds(30.0, 5.0)
    seeds = iter(range(1, 1_000_000, 1000))
    samples = bench.sweep([seconds], {"meshconf": lambda length: crowd.listen(length, next(seeds))})
    taken = samples.of("meshconf", seconds)
    row = [
        figure([one.cpu for one in taken], 3),
        figure([one.clipped for one in taken], 0),
        figure([one.peak_without_limiter for one in taken]),
    ]
    return Table("Eight speak at once", ["CPU", "samples clipped", "sum"], [row], [_CROWD_NOTE], samples.as_json())


def _mouth_to_ear(bench: Bench) -> Table:
    seconds = bench.seconds(30.0, 10.0)
    ways = {"devices": mouth_to_ear.through_devices, "all": mouth_to_ear.through_engines}
    samples = bench.sweep([seconds], {name: _timed(way) for name, way in ways.items()})
    devices, everything = (samples.of(name, seconds) for name in ways)
    least = [one.p50_ms for one in devices]
    engines = [
        [value - floor for value, floor in zip(values, least, strict=False)]
        for values in ([one.p50_ms for one in everything], [one.p95_ms for one in everything])
    ]
    rows = [
        ["devices", figure(least, 0, " ms"), figure([one.p95_ms for one in devices], 0, " ms")],
        ["engines", *(figure(values, 0, " ms") for values in engines)],
        ["all", *(figure([get(one) for one in everything], 0, " ms") for get in (_p50, _p95))],
    ]
    return Table("Mouth to ear", ["", "p50", "p95"], rows, [_EAR_NOTE], samples.as_json())


def _timed(way: Callable[[float], mouth_to_ear.Delays]) -> Callable[[float], Ear | None]:
    def look(seconds: float) -> Ear | None:
        if sound.missing() is not None:
            return None
        heard: list[mouth_to_ear.Delays] = []
        spent = spend({}, meanwhile=lambda: heard.append(way(seconds)))
        return Ear(heard[0].p50_ms, heard[0].p95_ms, spent.others_cpu)

    return look


def _p50(one: Ear) -> float:
    return one.p50_ms


def _p95(one: Ear) -> float:
    return one.p95_ms
