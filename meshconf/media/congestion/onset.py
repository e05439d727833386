"""Notices within a report or two that a link has suddenly become much slower; the wait of whole reports needs longer.

A packet waits for one of three reasons. It stands behind what we sent just before it: that wait is known beforehand.
The path held everything for a moment and lets it go at once, as radio does: then packets come closer together than
they would otherwise. Or the link carries less than is sent: then they come apart, each later than the one before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from meshconf.media.congestion.history import Acknowledged

SPAN = 0.12
"""Seconds of arrivals that are looked at."""

RISE = 0.03
"""Seconds by which the wait has to grow in this time."""

NOISE_MARGIN = 2.0
"""Times the noise of the delay that is added."""

STEEP = 0.4
"""Seconds by which it has to grow each second: the link carries so much less than is sent."""

APART = 0.008
"""Seconds between packets that come one by one; there have to be two such gaps, since one is a pause of the path."""

EAGER = 1.2
"""Times as fast as believed that what we have sent goes away: else a link in full use would never be empty."""

_EVEN = 0.003
"""Seconds that are no difference."""


class Backlog:
    """What waits at the bottleneck if it carries what we believe: the wait that we cause ourselves."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._at = 0.0

    def add(self, size: int, bps: float, now: float) -> float:
        """Send a packet; returns the seconds until it is through."""
        self._seconds = max(0.0, self._seconds - EAGER * max(0.0, now - self._at)) + size * 8 / bps
        self._at = now
        return self._seconds


class Onset:
    """Whether a link has just become much slower."""

    def __init__(self) -> None:
        self._latest: deque[_Arrival] = deque()
        self.wait = 0.0
        """Seconds that the packet that came last has waited, beyond what was expected."""
        self.rising = False
        """Whether the packets that came last show a link that carries much less than is sent."""
        self.since = 0.0
        """When that began, on the receiver's clock."""
        self.bps = 0.0
        """The rate at which packets have come since, in bits/s."""
        self.slowed = 1.0
        """Seconds in which they were sent by the seconds in which they came."""

    def update(self, packets: Sequence[Acknowledged], base: float, noise: float) -> None:
        """Take the packets of a report in the order of arrival.

        Args:
            packets: At least one.
            base: Delay of a packet that waits nowhere.
            noise: See `QueueDelay`.
        """
        latest = self._latest
        for arrived, sent, size, expected in packets:
            latest.append(_Arrival(arrived, sent, max(0.0, arrived - sent - base - expected), size))
        last = latest[-1]
        while last.at - latest[0].at > SPAN:
            latest.popleft()
        self.wait = last.wait
        least = RISE + NOISE_MARGIN * noise
        self.rising = last.wait > least and self._rises(last, least)

    def _rises(self, last: _Arrival, least: float) -> bool:
        rise = list(self._latest)
        waits = [arrival.wait for arrival in rise]
        rise = rise[waits.index(min(waits)) :]
        grown, took = last.wait - rise[0].wait, last.at - rise[0].at
        if grown <= max(least, STEEP * took) or last.wait < max(waits) - _EVEN:
            return False
        if sum(later.at - sooner.at > APART for sooner, later in pairwise(rise)) < 2:
            return False
        self.since, self.bps = rise[0].at, sum(arrival.size for arrival in rise[1:]) * 8 / took
        self.slowed = max(0.0, last.sent - rise[0].sent) / took
        return True


class _Arrival(NamedTuple):
    at: float
    sent: float
    wait: float
    size: int
