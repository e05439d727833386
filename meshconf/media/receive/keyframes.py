"""When to ask the sender for a keyframe: once for each need, and again while none comes."""

from __future__ import annotations

from math import inf

INTERVAL_S = 0.3
"""Shortest time between two requests; senders answer no more often than that."""


class KeyframeRequests:
    """Requests for one source."""

    def __init__(self) -> None:
        self.needed = False
        self.wake = inf
        """When the next request is due."""
        self.rtt = 0.1
        """Round-trip time in seconds."""
        self._asked = -inf

    def need(self, now: float) -> None:
        """Nothing can be shown without a keyframe; said as often as it is found."""
        if not self.needed:
            self.needed = True
            self.wake = max(now, self._asked + INTERVAL_S)

    def settle(self) -> None:
        """A keyframe has come or is coming, or the hole was filled."""
        self.needed = False
        self.wake = inf

    def due(self, now: float) -> bool:
        """Whether to ask now; the caller does it then."""
        if now < self.wake:
            return False
        self._asked = now
        self.wake = now + self._interval
        return True

    @property
    def _interval(self) -> float:
        # A request needs its round trip, and the keyframe its time on a paced link: asking sooner asks for two.
        return max(INTERVAL_S, 1.5 * self.rtt + 0.1)
