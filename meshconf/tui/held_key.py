"""Whether a key is held, as far as a terminal tells: it repeats a key that is down, and never says when it is let go.

So letting go is noticed a moment later, when no repeat comes any more; and a key that is tapped counts as held until
the first repeat would have come, which terminals delay by up to two thirds of a second. Pure.
"""

from __future__ import annotations

import math

FIRST_S = 0.75
"""Until the first repeat, at the longest."""

NEXT_S = 0.35
"""Between repeats: they come every 30 ms or so, over a slow line in bursts."""

SAY_AGAIN_S = 1.0
"""Seconds after which it is worth saying again that the key is down."""

BELIEVED_S = 3.0
"""Seconds for which it may be believed without another word: this face may crash meanwhile."""


class HeldKey:
    """One key."""

    def __init__(self) -> None:
        self._until = -math.inf
        self._said = -math.inf
        self._down = False

    @property
    def down(self) -> bool:
        """Whether it counts as held."""
        return self._down

    def pressed(self, now: float) -> bool:
        """The key came, or came again; returns whether that is worth saying."""
        # A repeat that comes early does not shorten what the first press was given.
        self._until = max(self._until, now + NEXT_S) if self._down else now + FIRST_S
        news = not self._down or now - self._said >= SAY_AGAIN_S
        self._down = True
        if news:
            self._said = now
        return news

    def lapsed(self, now: float) -> bool:
        """Time passes; returns whether the key is up from now on."""
        if not self._down or now < self._until:
            return False
        self._down = False
        return True
