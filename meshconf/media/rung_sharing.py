"""What one encoder gives to several viewers: its bitrate, and who is too slow to share it.

All viewers of a rung get the same bytes, so the slowest decides. One that is far slower than the others goes down to
the next rung rather than dragging all with it. Pure.
"""

from __future__ import annotations

import statistics
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from meshconf.media.rungs import Rung

_RISE, _FALL = 0.10, 0.03
"""Smaller changes of bitrate are not worth making. A fall is followed sooner: what is too much waits in a pacer."""
_FAR_BELOW, _CLOSE = 0.5, 0.75
"""Shares of what a rung's viewers can usually take: below the first one leaves, above the second one may come back."""
_PATIENCE_S = 2.0
"""How long it must be above before it comes back."""

ViewerT = TypeVar("ViewerT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sharing(Generic[ViewerT]):
    """Who gets which rung, and what each rung that anybody gets is encoded with."""

    rungs: dict[ViewerT, Rung]
    bitrates_bps: dict[Rung, int]


def rung_bitrate(rung: Rung, budgets_bps: Iterable[int], current_bps: int | None = None) -> int:
    """The bitrate of a rung: what its slowest viewer can take, within the rung's range.

    Args:
        rung: the rung.
        budgets_bps: what the link of each of its viewers carries for it; the start bitrate if there is none.
        current_bps: its bitrate so far, kept if the change would be small.
    """
    wanted = min(rung.max_bps, max(rung.min_bps, min(budgets_bps, default=rung.start_bps)))
    if current_bps is not None and (1 - _FALL) * current_bps < wanted < (1 + _RISE) * current_bps:
        return current_bps
    return wanted


class RungSharing(Generic[ViewerT]):
    """Shares the rungs of one source among its viewers."""

    def __init__(self, rungs: Sequence[Rung]) -> None:
        """Share the rungs of one ladder, the largest first."""
        self._rungs = rungs
        self._bitrates: dict[Rung, int] = {}
        self._left: dict[tuple[ViewerT, Rung], float | None] = {}
        """Who has left a rung for the others' sake, and since when it has been close to them again."""

    def share(self, choices: Mapping[ViewerT, tuple[Rung, int]], now: float) -> Sharing[ViewerT]:
        """Decide anew.

        Args:
            choices: for each viewer that gets a picture the rung that was chosen for it, and what its link carries.
            now: monotonic seconds.
        """
        rungs = {viewer: rung for viewer, (rung, _) in choices.items()}
        left: dict[tuple[ViewerT, Rung], float | None] = {}
        for upper, lower in pairwise(self._rungs):
            useful = {viewer: min(choices[viewer][1], upper.max_bps) for viewer in rungs if rungs[viewer] == upper}
            usual = statistics.median_high(useful.values()) if useful else 0
            for viewer, bitrate_bps in useful.items():
                stays, close_since = self._stays(viewer, upper, bitrate_bps, usual, now)
                if not stays:
                    left[viewer, upper] = close_since
                    rungs[viewer] = lower
        self._left = left
        budgets: dict[Rung, list[int]] = {}
        for viewer, rung in rungs.items():
            budgets.setdefault(rung, []).append(choices[viewer][1])
        self._bitrates = {rung: rung_bitrate(rung, budgets[rung], self._bitrates.get(rung)) for rung in budgets}
        return Sharing(rungs, dict(self._bitrates))

    def _stays(
        self, viewer: ViewerT, rung: Rung, bitrate_bps: int, usual_bps: int, now: float
    ) -> tuple[bool, float | None]:
        """Whether a viewer gets the rung that it should, and if not, since when it has been close to the others."""
        if (viewer, rung) not in self._left:
            return bitrate_bps >= _FAR_BELOW * usual_bps, None
        if bitrate_bps < _CLOSE * usual_bps:
            return False, None
        close_since = self._left[viewer, rung]
        if close_since is None:
            return False, now
        return now - close_since >= _PATIENCE_S, close_since
