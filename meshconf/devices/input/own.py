"""Tells our own injected events from those of the owner: each of ours is expected, and comes back once. Pure.

By the device alone they could not be told apart: other programs, such as a remote desktop that the owner sits at, may
inject as we do, and theirs is the owner's hand.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

Kind = Literal["key down", "key up", "button down", "button up", "motion"]

WITHIN = 1.0
"""Seconds in which an event of ours comes back."""
MOST = 4000
"""Events that are expected at once."""


class Expected:
    """What we injected and have not seen yet."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Kind, int, float]] = deque(maxlen=MOST)

    def add(self, kind: Kind, detail: int, *, now: float) -> None:
        """We inject this; `detail` is a keycode or button, 0 of motion."""
        self._waiting.append((kind, detail, now))

    def take(self, kind: Kind, detail: int, *, now: float) -> bool:
        """An event came; whether it is one of ours."""
        while self._waiting and now - self._waiting[0][2] > WITHIN:
            self._waiting.popleft()
        for index, (known, known_detail, _) in enumerate(self._waiting):
            if (known, known_detail) == (kind, detail):
                del self._waiting[index]
                return True
        return False
