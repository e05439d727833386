"""How long something lasts, as people read it. Pure."""

from __future__ import annotations

FOREVER = float("inf")
"""The moment at which something ends that lasts until somebody ends it."""
_LONGEST = 359_999.0
"""Seconds: 99 hours, and what a clock of five digits shows of the last."""


def clock(seconds: float) -> str:
    """Minutes and seconds, or hours before them: `1:02`, `1:00:02`."""
    minutes, second = divmod(int(max(0.0, min(seconds, _LONGEST))), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}" if minutes >= 60 else f"{minutes}:{second:02}"


def steady_clock(seconds: float) -> str:
    """The same in as many digits from the first second on: what stands beside it must not move."""
    return clock(seconds).zfill(5)


def remaining(until: float, now: float) -> str:
    """How long something still lasts: `4:59`, or until it is ended."""
    return "until ended" if until == FOREVER else clock(round(until - now))
