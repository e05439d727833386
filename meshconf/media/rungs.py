"""The ladder of rungs: in which sizes a source may be encoded, and which of them a viewer gets.

A rung is a size, a frame rate and a range of bitrates. Rungs are few, and encoded only while somebody watches them;
`rung_sharing.py` decides their bitrates. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meshconf.types import SourceKind

_CAMERA_ANCHOR = (1280 * 720 * 30, 2_500_000)
_SCREEN_ANCHOR = (1920 * 1080 * 30, 8_000_000)
"""Pixels a second, and the bitrate beyond which they look no better."""
_GROWTH = 0.75
"""Exponent by which bitrate grows with pixels a second: neighbours in space and time resemble each other the more."""
_CAMERA_SHARES = (0.25, 0.6)
_SCREEN_SHARES = (0.02, 0.25)
"""Least and first bitrate as shares of the highest. Text that stands still needs little, and small text cannot be read
in half its size: on thin links a screen comes whole and less often."""

_LOWEST_HEIGHT = 90
_LOWEST_CAMERA_FPS = 15
_SCREEN_FPS = 30
_SLOW_SCREEN_FPS = 5
_SCREEN_LIMIT = (3840, 2160)
"""What every viewer decodes."""
_MOST_CAMERA_RUNGS = 3

_ENOUGH = 0.8
"""A rung of this share of the wanted height or frame rate will do; the rest is scaled up."""
_HEADROOM = 1.3
"""Share of a rung's least bitrate that a link must carry before its viewer steps up."""
_PATIENCE_S, _MOST_PATIENCE_S = 1.5, 24.0
"""How long it must carry that at first; twice as long after each step up that had to be taken back."""
_PROOF_S = 20.0
"""How long a step up has to last to have been right."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to encode a source."""

    index: int
    """0 is the largest."""
    width: int
    """Pixels, even."""
    height: int
    """Pixels, even."""
    fps: int
    """Highest frame rate."""
    min_bps: int
    """Below this a smaller rung looks better."""
    max_bps: int
    """Above this it looks no better."""
    start_bps: int
    """What to begin with while nothing is known about the links."""


def ladder(kind: SourceKind, width: int, height: int, fps: int) -> tuple[Rung, ...]:
    """The rungs of a source, the largest first.

    A camera is encoded whole, in half and in quarter size, the last at 15 pictures a second. A screen comes in full
    size (at most about 4K) and in half, at up to 30 pictures a second, and in half at 5 for the thinnest links.

    Args:
        kind: a source of pictures.
        width: pixels of the capture.
        height: pixels of the capture.
        fps: pictures a second of the capture.

    Raises:
        ValueError: sounds have no rungs, or the size is below 2x2 or the rate is not positive.
    """
    if kind.is_audio or min(width, height) < 2 or fps <= 0:
        raise ValueError("only pictures with a size and a rate have rungs")
    if kind is SourceKind.SCREEN:
        formats, anchor, shares = _screen_formats(width, height, fps), _SCREEN_ANCHOR, _SCREEN_SHARES
    else:
        formats, anchor, shares = _camera_formats(width, height, fps), _CAMERA_ANCHOR, _CAMERA_SHARES
    rungs = []
    for index, (rung_width, rung_height, rung_fps) in enumerate(formats):
        pixel_rate, best_bps = anchor
        most = best_bps * (rung_width * rung_height * rung_fps / pixel_rate) ** _GROWTH
        least, first = (max(1000, _round(share * most)) for share in shares)
        rungs.append(Rung(index, rung_width, rung_height, rung_fps, least, max(least, _round(most)), first))
    return tuple(rungs)


class RungChooser:
    """Which rung of one source one viewer gets: down at once, up with patience, and at once when its wish changes."""

    def __init__(self, rungs: Sequence[Rung]) -> None:
        """Choose among the rungs of one ladder, the largest first."""
        self.rungs = rungs
        self._wanted: int | None = None
        self._current: int | None = None
        self._carried_since: list[float | None] = [None] * len(rungs)
        self._patience = _PATIENCE_S
        self._stepped_up_at: float | None = None

    def choose(self, want_height: int, want_fps: int, paused: bool, budget_bps: int, now: float) -> Rung | None:
        """The rung from now on; None if the viewer shows nothing or its link carries nothing.

        Args:
            want_height: pixels in which the viewer shows it.
            want_fps: pictures a second that it can use.
            paused: whether it shows nothing.
            budget_bps: what its link carries for this source.
            now: monotonic seconds.
        """
        self._note_headroom(budget_bps, now)
        if paused:
            self._wanted = self._current = None
            return None
        wanted = self.enough(want_height, want_fps).index
        best = self._best_carried(wanted, budget_bps)
        # Indexes grow as rungs shrink.
        too_much = self._current is not None and (best is None or best > self._current)
        self._judge_step(too_much, now)
        if wanted != self._wanted or best is None or too_much:
            self._wanted, self._current = wanted, best
        else:
            self._step_up(wanted, now)
        return None if self._current is None else self.rungs[self._current]

    def _judge_step(self, too_much: bool, now: float) -> None:
        """See whether the last step up was right: it lasted, or the link carries no longer what it carried then."""
        if self._stepped_up_at is None:
            return
        lasted = now - self._stepped_up_at >= _PROOF_S
        if lasted or too_much:
            self._patience = _PATIENCE_S if lasted else min(_MOST_PATIENCE_S, 2 * self._patience)
            self._stepped_up_at = None

    def _note_headroom(self, budget_bps: int, now: float) -> None:
        for index, rung in enumerate(self.rungs):
            if budget_bps < _HEADROOM * rung.min_bps:
                self._carried_since[index] = None
            elif self._carried_since[index] is None:
                self._carried_since[index] = now

    def enough(self, want_height: int, want_fps: int) -> Rung:
        """The smallest rung that serves the wish; the largest if none does."""
        largest = self.rungs[0]
        height = _ENOUGH * min(want_height, largest.height)
        fps = _ENOUGH * min(want_fps, largest.fps)
        serving = [rung for rung in self.rungs if rung.height >= height and rung.fps >= fps]
        return serving[-1]

    def _best_carried(self, wanted: int, budget_bps: int) -> int | None:
        for index in range(wanted, len(self.rungs)):
            if self.rungs[index].min_bps <= budget_bps:
                return index
        return None

    def _step_up(self, wanted: int, now: float) -> None:
        end = len(self.rungs) if self._current is None else self._current
        for index in range(wanted, end):
            since = self._carried_since[index]
            if since is not None and now - since >= self._patience:
                self._current, self._stepped_up_at = index, now
                return


def _camera_formats(width: int, height: int, fps: int) -> list[tuple[int, int, int]]:
    halvings = [
        halving for halving in range(_MOST_CAMERA_RUNGS) if halving == 0 or _even(height / 2**halving) >= _LOWEST_HEIGHT
    ]
    formats = [(_even(width / 2**halving), _even(height / 2**halving), fps) for halving in halvings]
    if len(formats) > 1:
        formats[-1] = (*formats[-1][:2], min(fps, _LOWEST_CAMERA_FPS))
    return formats


def _screen_formats(width: int, height: int, fps: int) -> list[tuple[int, int, int]]:
    shrink = min(1.0, _SCREEN_LIMIT[0] / width, _SCREEN_LIMIT[1] / height)
    full = (_even(width * shrink), _even(height * shrink))
    half = (_even(full[0] / 2), _even(full[1] / 2))
    rate, slow = min(fps, _SCREEN_FPS), min(fps, _SLOW_SCREEN_FPS)
    formats = [(*full, rate)]
    if half[1] >= _LOWEST_HEIGHT:
        formats.append((*half, rate))
    if slow < rate:
        formats.append((*formats[-1][:2], slow))
    return formats


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)


def _round(bitrate_bps: float) -> int:
    return round(bitrate_bps / 1000) * 1000
