"""How many equal peers this machine holds: everybody sends to everybody, and sees and hears everybody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.bench import Bench
from benchmarks.contenders.base import Contender, Picture, Seat
from benchmarks.observe import observe
from benchmarks.reading import concealed, delays, mean, percentile, shown
from benchmarks.report import Table, figure
from benchmarks.tables.pictures import P180, P360, VGA

PICTURES = (VGA, P360, P180)
LARGEST = 14
ENOUGH_SHOWN = 0.95
GAPLESS = 0.01
"""Share of sound made up or left out, in the mean of all pairs, that nobody calls a gap."""
_NOTE = (
    "All processes on this one machine. A mesh holds when each pair shows at least 95 % of the pictures and at "
    "most 1 % of the sound is made up or missing. A larger one is tried until one does not hold. CPU: of one "
    "peer, CPU seconds a second."
)


@dataclass(frozen=True)
class Sample:
    """One mesh of one size."""

    shown: float
    """Share of pictures, worst pair."""
    delay_ms: float | None
    """Median of all pairs."""
    concealed: float | None
    cpu: float
    """Mean of all peers."""
    rss_bytes: float
    others_cpu: float

    @property
    def holds(self) -> bool:
        """Whether a meeting is possible so."""
        return self.shown >= ENOUGH_SHOWN and (self.concealed or 0.0) <= GAPLESS


def measure(bench: Bench) -> list[Table]:
    """Measure; the largest of each, and each step to it."""
    pictures = bench.cells(PICTURES, PICTURES[2:])
    taken: dict[tuple[str, Picture, int], list[Sample]] = {}
    largest: dict[tuple[str, Picture], list[int]] = {}
    for picture in pictures:
        for run in range(bench.runs):
            for name, size in _climb(bench, picture, run, taken).items():
                largest.setdefault((name, picture), []).append(size)
    names = [one.name for one in bench.contenders]
    summary = [
        [name, *(figure([float(size) for size in largest[name, picture]], 0) for picture in pictures)] for name in names
    ]
    steps = [[str(picture), name, str(size), *_texts(samples)] for (name, picture, size), samples in taken.items()]
    columns = ["picture", "", "peers", "pictures, worst pair", "delay p50", "sound missing", "CPU of a peer", "memory"]
    everything = [
        {"who": name, "picture": str(picture), "peers": size, "samples": [asdict(sample) for sample in samples]}
        for (name, picture, size), samples in taken.items()
    ]
    return [
        Table("Largest mesh of equal peers", ["", *map(str, pictures)], summary, [_NOTE], everything),
        Table("Meshes on the way there", columns, sorted(steps, key=lambda row: (row[0], row[1], int(row[2])))),
    ]


def _climb(
    bench: Bench, picture: Picture, run: int, taken: dict[tuple[str, Picture, int], list[Sample]]
) -> dict[str, int]:
    """One larger at a time for everybody who still holds; the largest that held, by name."""
    held = {one.name: 1 for one in bench.contenders}
    for size in range(2, (3 if bench.quick else LARGEST) + 1):
        for contender in bench.contenders:
            if held[contender.name] != size - 1:
                continue
            what = f"run {run + 1}, mesh of {size}, {picture}, {contender.name}"
            sample = bench.attempt(what, lambda size: _mesh(bench, contender, picture, size), size)  # noqa: B023
            if sample is not None:
                taken.setdefault((contender.name, picture, size), []).append(sample)
                if sample.holds:
                    held[contender.name] = size
    return held


def _mesh(bench: Bench, contender: Contender, picture: Picture, size: int) -> Sample:
    names = [f"peer{number}" for number in range(size)]
    seats = [Seat(name, bench.hosts.near, picture, "all") for name in names]
    with bench.meeting(contender, seats) as meeting:
        window = observe(meeting, bench.seconds(10), settle=bench.seconds(5, 1), cost_of=names)
    views = list(window.views.values())
    late = [delay for seconds in views for delay in delays(seconds)]
    sound = [missing for seconds in views if (missing := concealed(seconds)) is not None]
    return Sample(
        shown=min(shown(seconds, picture.fps) for seconds in views),
        delay_ms=percentile(late, 0.5) if late else None,
        concealed=mean(sound) if sound else None,
        cpu=mean(window.cpu.values()),
        rss_bytes=mean(window.rss_bytes.values()),
        others_cpu=window.others_cpu,
    )


def _texts(samples: list[Sample]) -> list[str]:
    return [
        f"{median(sample.shown for sample in samples):.0%}",
        figure([sample.delay_ms for sample in samples], 0, " ms"),
        figure([None if sample.concealed is None else sample.concealed * 100 for sample in samples], 1, " %"),
        figure([sample.cpu for sample in samples]),
        figure([sample.rss_bytes / 2**20 for sample in samples], 0, " MiB"),
    ]
