"""The rate of a link: down when packets wait, below what the link carries until the queue is gone, then straight back.

Additive increase near what was last known to be too much, faster where nothing is known; multiplicative decrease from
what came out at the far end while there was a queue, which is what the link carries of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

MIN_BPS = 30_000
"""Never less: sound has to pass."""

BACKOFF = 0.9
"""Share of what the link carries that is sent while the queue drains, less more the longer the queue."""

DRAIN = 0.6
"""Seconds in which a queue should be gone."""

DEEPEST = 0.4
"""Share of what the link carries that is sent however long the queue."""

WORSE = 1.2
"""Times the wait at which it was taken back from which on more is taken back."""

RECOVERY = 0.94
"""Share of what the link carries that is sent as soon as the queue is gone."""

ADDITIVE = 60_000
"""Increase in bits/s per second near the last limit, at 1 Mbit/s; goes with the root of the rate.

Less than in proportion: of two flows on one link the smaller gains on the larger."""

MULTIPLICATIVE = 0.15
"""Increase per second, as a share, where no limit is known."""

BEYOND = 1.1
"""Times the last limit from which on it is no limit any more."""

TRIED = 1.0
"""Share of the last limit that has to come out before that is believed."""

UNUSED = 1.5
"""Times the acknowledged rate above which the rate does not grow: what was not tried is not known."""

UNUSED_BPS = 150_000
"""Bits/s more than that up to which it does grow: the next larger picture needs as much to be tried at all."""


@dataclass(frozen=True, slots=True)
class Path:
    """What is known of the path when the rate is decided."""

    queue_s: float
    threshold_s: float
    """Wait from which on the link counts as congested."""
    acknowledged_bps: float
    """What would have come in the last second without loss that nobody can help."""
    busy_bps: float | None
    newest_sent: float
    """When the newest packet was sent that has arrived."""
    round_trip_s: float
    rising: bool = False
    """Whether the link has just become slower; then the wait tells less than is coming."""
    newest_wait_s: float = 0.0
    """Wait of the newest packet beyond what we ourselves cause."""


class Rate:
    """The rate of one link.

    Args:
        start_bps: where it begins.
        max_bps: never more.
    """

    def __init__(self, start_bps: float, max_bps: float) -> None:
        self.bps = start_bps
        self.max_bps = max_bps
        self.draining = False
        """Whether it is held down until a queue is gone."""
        self.limit: float | None = None
        """What the link carried when it last was too much, in bits/s; None: not known, or not true any more."""
        self._updated: float | None = None
        self._began = 0.0
        self._cut_at = 0.0
        self._queue_at_cut = 0.0
        self._patience = 0.0

    def update(self, path: Path, now: float) -> bool:
        """Decide anew, after each report; true if the queue is not ours, and is to be taken as the path itself."""
        elapsed = 0.0 if self._updated is None else min(0.2, max(0.0, now - self._updated))
        self._updated = now
        if self.draining:
            return self._drain(path, now)
        if path.rising or path.queue_s > path.threshold_s:
            self._drain_from(now)
            self._back_off(path, now)
        else:
            self._increase(path, elapsed)
        return False

    def lower(self, bps: float) -> None:
        """Take back to what was found out in another way; this is a limit as well."""
        self.limit = max(MIN_BPS, bps)
        self.bps = min(self.bps, self.limit)

    def starve(self, now: float) -> None:
        """Halve, since nothing is heard; what was is tried again as soon as reports tell of empty queues."""
        if not self.draining:
            self._drain_from(now)
        self.bps = max(MIN_BPS, self.bps / 2)
        self._cut_at, self._queue_at_cut, self._patience = now, 0.0, now + 1.0

    def lift(self, bps: float) -> None:
        """Raise to what was found out in another way."""
        if bps > self.bps and not self.draining:
            self.bps = min(self.max_bps, bps)
            if self.limit is not None and self.bps > BEYOND * self.limit:
                self.limit = None

    def forget_limit(self) -> None:
        """The link is not what it was when it last was too much."""
        if not self.draining:
            self.limit = None

    def _drain_from(self, now: float) -> None:
        self.draining, self._began, self.limit = True, now, self.bps

    def _drain(self, path: Path, now: float) -> bool:
        if path.queue_s < path.threshold_s / 3 and path.newest_wait_s < path.threshold_s:
            self._recover()
        elif path.newest_sent <= self._began:
            self._back_off(path, now)
        elif now > self._patience:
            # Ours would be gone by now: somebody else fills the queue, or the path has become longer.
            self._recover()
            return True
        elif path.newest_sent > self._cut_at and path.queue_s > WORSE * self._queue_at_cut:
            # Although less is sent: the link itself has become slower, and what comes tells how slow.
            self._began = now
            self._back_off(path, now)
        return False

    def _back_off(self, path: Path, now: float) -> None:
        limit = self.bps if self.limit is None else self.limit
        if path.newest_sent <= self._began:
            # Sent before anything was taken back: the rate at which this came is no consequence of it, but news.
            limit = min(limit, path.acknowledged_bps if path.busy_bps is None else path.busy_bps)
        share = max(DEEPEST, BACKOFF - max(path.queue_s, path.newest_wait_s) / DRAIN)
        self.limit = limit
        self.bps = max(MIN_BPS, min(self.bps, limit * share))
        self._cut_at, self._queue_at_cut = now, path.queue_s
        self._patience = now + path.round_trip_s + 0.2 + 3 * path.queue_s / (1 - share)

    def _recover(self) -> None:
        self.draining = False
        if self.limit is not None:
            self.bps = max(self.bps, RECOVERY * self.limit)

    def _increase(self, path: Path, elapsed: float) -> None:
        if self.bps > UNUSED * path.acknowledged_bps + UNUSED_BPS:
            return
        if self.limit is not None and self.bps > BEYOND * self.limit:
            if path.acknowledged_bps < TRIED * self.limit:
                return
            self.limit = None
        if self.limit is None:
            self.bps *= 1 + MULTIPLICATIVE * elapsed
        else:
            self.bps += ADDITIVE * sqrt(self.bps / 1e6) * elapsed
        self.bps = min(self.bps, self.max_bps)
