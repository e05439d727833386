"""The newest of a fast stream of values, on a road that loses some: coalesced, and said again once it rests."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """One stream.

    Args:
        gap: seconds between two of its messages, at least.
        again: seconds after the last change at which its value is said once more, ascending.
        every: seconds between further repetitions without end; None: there are none.
    """

    def __init__(self, gap: float, again: tuple[float, ...], every: float | None = None) -> None:
        self._gap = gap
        self._again = again
        self._every = every
        self._value: T | None = None
        self._changed = 0.0
        self._said = float("-inf")
        self._fresh = False
        self._repeated = 0

    @property
    def settled(self) -> bool:
        """Whether the newest value was said, and again as often as `again` has it."""
        return not self._fresh and self._repeated >= len(self._again)

    def put(self, value: T, *, now: float) -> None:
        """This is the newest."""
        self._value, self._changed, self._fresh, self._repeated = value, now, True, 0

    def clear(self) -> None:
        """There is nothing to say any more."""
        self._value, self._fresh = None, False

    def take(self, *, now: float) -> T | None:
        """What is to be said now."""
        due = self.next_timer()
        if due is None or now < due:
            return None
        if not self._fresh:
            self._repeated += 1
        self._fresh, self._said = False, now
        return self._value

    def next_timer(self) -> float | None:
        """When something is to be said."""
        if self._value is None:
            return None
        if self._fresh:
            return self._said + self._gap
        if self._repeated < len(self._again):
            return max(self._said + self._gap, self._changed + self._again[self._repeated])
        return None if self._every is None else self._said + self._every
