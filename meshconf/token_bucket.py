"""A token bucket: so much at once, so much in the long run. Pure."""

from __future__ import annotations


class TokenBucket:
    """Full at first.

    Args:
        rate: units a second that flow in.
        burst: units that fit.
        now: monotonic seconds.
    """

    __slots__ = ("_burst", "_filled", "_level", "_rate")

    def __init__(self, rate: float, burst: float, *, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._filled = now

    def spend(self, amount: float = 1.0, *, now: float) -> bool:
        """Take that much; False, and nothing taken, where there is not enough."""
        if not self.has(amount, now=now):
            return False
        self._level -= amount
        return True

    def has(self, amount: float, *, now: float) -> bool:
        """Whether there is that much."""
        self._fill(now)
        return self._level >= amount

    def full(self, *, now: float) -> bool:
        """Whether it is as good as a new one."""
        return self.has(self._burst, now=now)

    def ready(self, amount: float, *, now: float) -> float:
        """When that much is there."""
        self._fill(now)
        return now + max(0.0, amount - self._level) / self._rate

    def _fill(self, now: float) -> None:
        # A clock that steps back gives nothing and takes nothing.
        self._level = min(self._burst, self._level + max(0.0, now - self._filled) * self._rate)
        self._filled = now
