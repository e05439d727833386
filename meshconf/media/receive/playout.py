"""When each picture leaves for the decoder: at once on a quiet network, evenly on one whose delay varies.

The transit time of a picture is its arrival minus its timestamp: two clocks whose difference nobody knows. But the
fastest of the last two seconds is a base line that follows drifting clocks and new routes, and the lateness of the
others against it is jitter, repairs included. Pictures are held until as long after the base line as most of them need.
"""

from __future__ import annotations

from collections import deque
from math import inf

from meshconf.media.receive.pictures import Picture
from meshconf.types import PICTURE_CLOCK

LIMIT_S = 0.120
"""The longest that a picture is held for smoothness."""

SYNC_LIMIT_S = 0.200
"""The longest that a picture is held for the sake of sound."""

SYNC_PER_S = 0.020
"""How fast lip sync moves: a picture two per cent slower or faster is not seen, a step of 100 ms is. Late sound is
noticed from 125 ms on (ITU-R BT.1359-1): even the most that is followed is led out of sight within four seconds."""

_FALL_PER_S = 0.050
"""How fast the hold shrinks after jitter; it grows at once, since what it follows has happened already."""

_WINDOW_S = 2.0
_SAMPLES = (16, 128)
"""Fewest and most pictures in the window; slow sources keep more than two seconds."""

_REFRESH_S = 0.1
"""How often the window is looked at; no more often, since it has to be sorted."""

_SHARE = 0.90
"""The share of pictures that the hold suffices for."""

_UNSEEN = 1 / 3
_UNSEEN_S = (0.010, 0.050)
"""Lateness that nobody sees: a third of the time from picture to picture, within these bounds. Large pictures of a slow
screen differ so much by their length alone."""

_AT_ONCE_S = 0.004
"""A shorter wait is not worth waking up for: no screen shows a picture for less than twice that."""

_NEW_CLOCK_S = 2.0
"""A picture later or earlier than this against the base line has another clock."""

_QUEUE = 64
_QUEUE_BYTES = 2_000_000
"""More pictures or bytes than this are not held: the oldest leave early."""


class Playout:
    """The pictures of one source between being whole and being decoded."""

    def __init__(self) -> None:
        self.jitter = 0.0
        """Interarrival jitter in seconds (RFC 3550, A.8) over pictures that needed no repair."""
        self.wake = inf
        """When the next picture leaves."""
        self._queue: deque[tuple[float, Picture]] = deque()
        self._bytes = 0
        self._transits: deque[tuple[float, float]] = deque(maxlen=_SAMPLES[1])
        self._refresh_at = -inf
        self._base = 0.0
        self._target = 0.0
        self._smooth = 0.0
        self._sync = 0.0
        self._wanted_sync = 0.0
        self._moved = -inf
        self._last_transit: float | None = None

    @property
    def hold(self) -> float:
        """Seconds that a picture is held at present which was as fast as the fastest."""
        return max(self._smooth, self._sync)

    def align(self, extra: float) -> None:
        """Hold pictures for lip sync.

        Args:
            extra: how many seconds later sound plays than pictures of the same moment that nobody holds; whoever
                compares with held pictures adds `hold`. What is beyond `SYNC_LIMIT_S` is not followed.
        """
        self._wanted_sync = min(max(extra, 0.0), SYNC_LIMIT_S)

    def add(self, picture: Picture, now: float) -> None:
        """Take a picture that is whole now; it leaves after those before it."""
        media = picture.frame.timestamp / PICTURE_CLOCK
        self._observe(picture, now - media, now)
        self._move(now)
        # The base line is no later than this picture, so that none is held longer than `hold`.
        at = media + self._base + self.hold
        self._queue.append((at if at > now + _AT_ONCE_S else now, picture))
        self._bytes += len(picture.frame.data)
        self.wake = self._queue[0][0]

    def release(self, now: float) -> list[Picture]:
        """The pictures whose time has come, in order."""
        queue = self._queue
        released: list[Picture] = []
        while queue and (queue[0][0] <= now or len(queue) > _QUEUE or self._bytes > _QUEUE_BYTES):
            picture = queue.popleft()[1]
            self._bytes -= len(picture.frame.data)
            released.append(picture)
        self.wake = queue[0][0] if queue else inf
        return released

    def _observe(self, picture: Picture, transit: float, now: float) -> None:
        transits = self._transits
        if transits and abs(transit - transits[-1][1]) > _NEW_CLOCK_S:
            transits.clear()
            self._last_transit, self._refresh_at = None, now
        transits.append((now, transit))
        if now >= self._refresh_at:
            self._refresh_at = now + _REFRESH_S
            while len(transits) > _SAMPLES[0] and transits[0][0] < now - _WINDOW_S:
                transits.popleft()
            ordered = sorted([sample for _, sample in transits])
            self._base = ordered[0]
            late = ordered[int(_SHARE * (len(ordered) - 1))] - self._base
            self._target = min(max(late - self._unseen(), 0.0), LIMIT_S)
        elif transit < self._base:
            self._base = transit
        if not picture.repaired:
            own = transit + picture.frame.captured - now
            if self._last_transit is not None:
                self.jitter += (abs(own - self._last_transit) - self.jitter) / 16
            self._last_transit = own

    def _unseen(self) -> float:
        (first_now, first), (last_now, last) = self._transits[0], self._transits[-1]
        interval = ((last_now - last) - (first_now - first)) / max(len(self._transits) - 1, 1)
        shortest, longest = _UNSEEN_S
        return min(max(_UNSEEN * interval, shortest), longest)

    def _move(self, now: float) -> None:
        elapsed = min(max(now - self._moved, 0.0), 1.0)
        self._moved = now
        self._smooth = max(self._target, self._smooth - _FALL_PER_S * elapsed)
        step = SYNC_PER_S * elapsed
        self._sync += min(max(self._wanted_sync - self._sync, -step), step)
