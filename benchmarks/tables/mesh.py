"""How many equal peers this machine holds: everybody sends to everybody, and sees and hears everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
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
    "most 1 % of the sound is made up or missing. A larger one is tried until one does not hold; a dash: none of "
    "those tried did. CPU: of one peer, CPU seconds a second."
)


@dataclass(frozen=True)
class Cell:
    """One mesh."""

    picture: Picture
    peers: int

    def __str__(self) -> str:
        return f"{self.picture}, {self.peers} peers"


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


Taken = dict[tuple[str, Cell], list[Sample]]
"""Of each run, by who and mesh."""


def measure(bench: Bench) -> list[Table]:
    """Measure; the largest of each, and each step to it."""
    every = [Cell(picture, peers) for picture in PICTURES for peers in range(2, LARGEST + 1)]
    cells = bench.cells(every, [Cell(P180, 2), Cell(P180, 3)])
    pictures = list(dict.fromkeys(cell.picture for cell in cells))
    taken: Taken = {}
    largest: dict[tuple[str, Picture], list[float | None]] = {}
    for picture in pictures:
        for run in range(bench.runs):
            steps = [cell for cell in cells if cell.picture == picture]
            for name, peers in _climb(bench, steps, run, taken).items():
                largest.setdefault((name, picture), []).append(peers)
    summary = [[one.name, *(figure(largest[one.name, picture], 0) for picture in pictures)] for one in bench.contenders]
    order = sorted(taken, key=lambda key: (str(key[1].picture), key[0], key[1].peers))
    rows = [[str(cell.picture), name, str(cell.peers), *_texts(taken[name, cell])] for name, cell in order]
    columns = ["picture", "", "peers", "pictures, worst pair", "delay p50", "sound missing", "CPU of a peer", "memory"]
    everything = [
        {"who": name, "cell": str(cell), "samples": [asdict(sample) for sample in samples]}
        for (name, cell), samples in taken.items()
    ]
    return [
        Table("Largest mesh of equal peers", ["", *map(str, pictures)], summary if cells else [], [_NOTE], everything),
        Table("Meshes on the way there", columns, rows),
    ]


def _climb(bench: Bench, steps: Sequence[Cell], run: int, taken: Taken) -> dict[str, float | None]:
    """One step after the other for everybody who still holds; the largest that held, by name, None if none did."""
    held: dict[str, float | None] = {one.name: None for one in bench.contenders}
    climbing = list(bench.contenders)
    for cell in steps:
        for contender in climbing[:]:
            what = f"run {run + 1}, {cell}, {contender.name}"
            sample = bench.attempt(what, partial(_mesh, bench, contender), cell)
            if sample is not None:
                taken.setdefault((contender.name, cell), []).append(sample)
            if sample is not None and sample.holds:
                held[contender.name] = cell.peers
            else:
                climbing.remove(contender)
    return held


def _mesh(bench: Bench, contender: Contender, cell: Cell) -> Sample:
    names = [f"peer{number}" for number in range(cell.peers)]
    seats = [Seat(name, bench.hosts.near, cell.picture, "all") for name in names]
    with bench.meeting(contender, seats) as meeting:
        window = observe(meeting, bench.seconds(10), settle=bench.seconds(5, 1), cost_of=names)
    views = list(window.views.values())
    late = [delay for seconds in views for delay in delays(seconds)]
    sound = [missing for seconds in views if (missing := concealed(seconds)) is not None]
    return Sample(
        shown=min(shown(seconds, cell.picture.fps) for seconds in views),
        delay_ms=percentile(late, 0.5) if late else None,
        concealed=mean(sound) if sound else None,
        cpu=mean(window.spent.cpu.values()),
        rss_bytes=mean(window.rss_bytes.values()),
        others_cpu=window.spent.others_cpu,
    )


def _texts(samples: list[Sample]) -> list[str]:
    return [
        f"{median(sample.shown for sample in samples):.0%}",
        figure([sample.delay_ms for sample in samples], 0, " ms"),
        figure([None if sample.concealed is None else sample.concealed * 100 for sample in samples], 1, " %"),
        figure([sample.cpu for sample in samples]),
        figure([sample.rss_bytes / 2**20 for sample in samples], 0, " MiB"),
    ]
