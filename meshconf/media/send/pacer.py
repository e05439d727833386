"""When packets leave: a frame that is small goes at once, a large one (a keyframe) in portions, never as one burst.

Token buckets: bytes gather at the pace of the link, up to what routers on the way take without complaint. What is sent
again has a bucket of its own besides, so that nobody gets more by asking than the link carries.
"""

from __future__ import annotations

SLOT = 0.005
"""Seconds between two portions."""

BURST = 12_000
"""Bytes that may leave at once after a pause, ten packets; links that carry more than this in a slot get more."""

SMALLEST_BURST = 3_600
"""Bytes that may leave at once on the slowest link: a small picture must not need three slots."""

FACTOR = 2.5
"""Pace against the bitrate aimed at: a keyframe of five times the usual size is through in two frames' time."""

DRAINING = 1.2
"""The same while a queue on the way drains: voices wait in it."""

MIN_PACE = 150_000.0
"""Bits a second below which nothing is paced: a stream cannot be slower than its own packets."""

REPAIRS = 0.5
"""Seconds of the bitrate aimed at that may be sent again after a pause: as long an outage is repaired at once."""


class Pacer:
    """The buckets of one link."""

    def __init__(self, now: float, target_bps: float = 2_000_000.0) -> None:
        self._pictures = _Bucket(now)
        self._repairs = _Bucket(now)
        self.set_target(target_bps)
        self._pictures.fill()
        self._repairs.fill()

    def set_target(self, bps: float, *, congested: bool = False) -> None:
        """The link's bitrate as estimated, in bits a second, and whether more was sent than it carries."""
        rate = max(MIN_PACE, (DRAINING if congested else FACTOR) * bps) / 8
        slot = rate * SLOT
        # Timers are late by some, and what a full bucket does not take is lost to the pace.
        self._pictures.set(rate, max(SMALLEST_BURST, min(BURST, 2 * slot), 1.5 * slot))
        self._repairs.set(bps / 8, bps / 8 * REPAIRS)

    def allowed(self, now: float) -> int:
        """Bytes that may leave now; 0 or less while what left before is paid for."""
        return self._pictures.level(now)

    def spend(self, octets: int) -> None:
        """Bytes left; sound may overdraw, pictures and retransmissions wait for it."""
        self._pictures.tokens -= octets

    def repairs_allowed(self, now: float) -> int:
        """Bytes that may be taken on to be sent again."""
        return self._repairs.level(now)

    def spend_repair(self, octets: int) -> None:
        """Bytes were taken on to be sent again."""
        self._repairs.tokens -= octets

    def wait(self) -> float:
        """Seconds until something may leave again, from the last call of `allowed`."""
        return max(SLOT, -self._pictures.tokens / self._pictures.rate)

    def seconds_for(self, octets: int) -> float:
        """How long so many bytes take."""
        return octets / self._pictures.rate


class _Bucket:
    """Bytes that gather; what is taken may be more than there is, and is paid for later."""

    def __init__(self, now: float) -> None:
        self.tokens = 0.0
        self.rate = 0.0
        self._depth = 0.0
        self._updated = now

    def set(self, rate: float, depth: float) -> None:
        self.rate, self._depth = rate, depth
        self.tokens = min(self.tokens, depth)

    def fill(self) -> None:
        self.tokens = self._depth

    def level(self, now: float) -> int:
        self.tokens = min(self._depth, self.tokens + (now - self._updated) * self.rate)
        self._updated = now
        return int(self.tokens)
