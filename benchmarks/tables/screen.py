"""A shared screen: how soon small text is sharp at the viewer, and what it costs both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.bench import Bench
from benchmarks.likeness import psnr, ssim
from benchmarks.network.cable import Cable
from benchmarks.network.impairment import Impairment
from benchmarks.observe import spend
from benchmarks.program import Program, ProgramFailed
from benchmarks.report import Table, figure
from benchmarks.shared_screen import shared_screen
from benchmarks.stage import HEIGHT, WIDTH, Stage
from meshconf.pictures.bus import PictureReader
from tests.support.engine import ROOT

_AFTER_S = (0.25, 0.5, 1.0, 2.0)
_PAGES = 4
_CROP = np.s_[40:200, 0:640]
"""Rows and columns of the page of which a picture is kept."""
_TEXTS = ("meshconf/rtc/sender.py", "meshconf/protocol/mesh.py")
_THIN = Impairment(rate_bps=1e6, delay_ms=5, queue_ms=300)
_LINES = {
    "LAN": (Impairment(), 1),
    "LAN, two columns": (Impairment(), 2),
    "1 Mbit/s": (_THIN, 1),
    "1 Mbit/s, two columns": (_THIN, 2),
    "1 Mbit/s, 5 % lost": (replace(_THIN, loss=0.05), 1),
}
"""What is wrong with the line, and how many columns of text a page has."""
_NOTE = (
    "A page of terminal text, 8 points, 1920x1080, is replaced by another; two columns fill it. The picture on the "
    "viewer's bus against what is on the sharer's display, brightness only: SSIM over all pages (the worst), and PSNR. "
    "A part of the last page, as it is and below as it was seen after half a second, is kept as a picture."
)
_COST_NOTE = (
    "Percent of a core of all processes of the engine, and pictures a second at the viewer, on the LAN. Nothing "
    "shared: the same meeting with the screen off. Scrolling: 30 lines of text a second; film: all of the screen, as "
    "often."
)


@dataclass(frozen=True)
class Sharpness:
    """How like the page is, so many seconds after it is there; by page."""

    ssim: list[list[float]]
    psnr: list[list[float]]


@dataclass(frozen=True)
class Cost:
    """CPU seconds a second, and pictures a second."""

    sharer: float
    viewer: float
    pictures: float
    others_cpu: float


def measure(bench: Bench) -> list[Table]:
    """Measure; of meshconf alone, since the others share no screens here."""
    cells = bench.cells([*_LINES, *_DOINGS])
    sharpness = bench.sweep(
        [cell for cell in cells if cell in _LINES], {"meshconf": lambda line: _sharpness(bench, line)}
    )
    costs = bench.sweep([cell for cell in cells if cell in _DOINGS], {"meshconf": lambda doing: _cost(bench, doing)})
    rows = [[line, *_texts(sharpness.of("meshconf", line))] for line in _LINES if line in cells]
    columns = ["", *(f"SSIM after {after:g} s" for after in _AFTER_S), "PSNR after 0.5 s"]
    cost_rows = [
        [
            doing,
            figure([100 * one.sharer for one in costs.of("meshconf", doing)], 1, " %"),
            figure([100 * one.viewer for one in costs.of("meshconf", doing)], 1, " %"),
            figure([one.pictures for one in costs.of("meshconf", doing)], 1),
        ]
        for doing in _DOINGS
        if doing in cells
    ]
    return [
        Table("Small text on a shared screen", columns, rows, [_NOTE], sharpness.as_json()),
        Table(
            "Cost of a shared screen", ["", "sharer", "viewer", "pictures/s"], cost_rows, [_COST_NOTE], costs.as_json()
        ),
    ]


class _Meeting:
    def __init__(self, stage: Stage, sharer: Program, viewer: Program) -> None:
        self.stage, self.sharer, self.viewer = stage, sharer, viewer
        told = viewer.wait_for(lambda line: line["event"] == "picture" and bool(line["bus"]))
        self.reader = PictureReader(str(told["bus"]))

    def seen(self) -> npt.NDArray[np.uint8]:
        """The brightness of what the viewer sees."""
        deadline = time.monotonic() + 5
        while (picture := self.reader.read()) is None or picture.shape != (HEIGHT * 3 // 2, WIDTH):
            if time.monotonic() > deadline:
                raise ProgramFailed("the viewer has no whole picture")
            time.sleep(0.01)
        return picture[:HEIGHT]


@contextmanager
def _meeting(bench: Bench, stage: Stage) -> Iterator[_Meeting]:
    with shared_screen(bench, stage.name) as (sharer, viewer):
        meeting = _Meeting(stage, sharer, viewer)
        try:
            yield meeting
        finally:
            meeting.reader.close()


def _sharpness(bench: Bench, line: str) -> Sharpness:
    impairment, columns = _LINES[line]
    with Cable(bench.hosts.near) as cable, Stage([ROOT / text for text in _TEXTS], columns=columns) as stage:
        cable.impair(up=impairment, down=impairment)
        with _meeting(bench, stage) as meeting:
            time.sleep(bench.seconds(8))
            likeness, noise = [], []
            for number in range(1, _PAGES + 1):
                stage.page(number % 2)
                shown = time.monotonic()
                pictures = [_at(shown + after, meeting) for after in _AFTER_S]
                time.sleep(1.0)
                true = _captured(stage)
                likeness.append([ssim(true, picture) for picture in pictures])
                noise.append([psnr(true, picture) for picture in pictures])
            _keep(bench.results / f"text, {line}.png".replace("/", " per "), true, pictures[_AFTER_S.index(0.5)])
    return Sharpness(likeness, noise)


def _at(moment: float, meeting: _Meeting) -> npt.NDArray[np.uint8]:
    time.sleep(max(0.0, moment - time.monotonic()))
    return meeting.seen()


def _captured(stage: Stage) -> npt.NDArray[np.uint8]:
    """The brightness of what is on the display, in limited range (BT.601)."""
    import mss

    with mss.MSS(display=stage.name, with_cursor=True) as display:
        shot = display.grab(display.monitors[1])
    blue, green, red = np.frombuffer(shot.raw, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., :3].transpose(2, 0, 1) / 255
    return np.asarray(np.rint(16 + 65.481 * red + 128.553 * green + 24.966 * blue), np.uint8)


def _keep(file: Path, true: npt.NDArray[np.uint8], seen: npt.NDArray[np.uint8]) -> None:
    """Keep a part of a page as it is, and below it as it was seen half a second after it came: for eyes."""
    import mss.tools

    both = np.concatenate([true[_CROP], seen[_CROP]])
    height, width = both.shape
    mss.tools.to_png(np.repeat(both[..., np.newaxis], 3, axis=2).tobytes(), (width, height), output=str(file))


def _cost(bench: Bench, doing: str) -> Cost:
    with Stage([ROOT / text for text in _TEXTS]) as stage, _meeting(bench, stage) as meeting:
        _DOINGS[doing](meeting)
        time.sleep(bench.seconds(8))
        before, pids = _written(meeting), {"sharer": meeting.sharer.pid, "viewer": meeting.viewer.pid}
        spent = spend(pids, bench.seconds(20))
        pictures = (_written(meeting) - before) / spent.lasted
        return Cost(spent.cpu["sharer"], spent.cpu["viewer"], pictures, spent.others_cpu)


def _written(meeting: _Meeting) -> int:
    newest = meeting.reader.newest()
    return newest.number if newest is not None else 0


def _off(meeting: _Meeting) -> None:
    meeting.sharer.ask({"do": "source", "source": "screen", "on": False})


_DOINGS: dict[str, Callable[[_Meeting], None]] = {
    "nothing shared": _off,
    "idle screen": lambda meeting: None,
    "scrolling text": lambda meeting: meeting.stage.scroll(),
    "film": lambda meeting: meeting.stage.film(),
}


def _texts(samples: Sequence[Sharpness]) -> list[str]:
    def at(which: Callable[[Sharpness], list[list[float]]], place: int) -> list[float]:
        return [page[place] for sample in samples for page in which(sample)]

    cells = []
    for place in range(len(_AFTER_S)):
        found = at(lambda sample: sample.ssim, place)
        cells.append(f"{figure(found, 4)} ({min(found):.4f})" if found else "–")
    return [*cells, figure(at(lambda sample: sample.psnr, _AFTER_S.index(0.5)), 1, " dB")]
