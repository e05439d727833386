"""Does a newcomer get hold of the meeting? Its only road leads through the doorman, until one connection stands.

If the doorman vanishes first, nobody can carry a word to it, and no other member can introduce it: it has to come in
anew, and is told so instead of being left alone in a meeting of its own.
"""

from __future__ import annotations

FOOTHOLD_WITHIN = 12.0
"""Seconds from admission, or from the last description of a member, to a connection: an attempt takes up to 10."""


class Foothold:
    """A deadline that each sign of a negotiation puts off, and the first connection lifts for good.

    Args:
        needed: False for whoever founds a meeting.
    """

    def __init__(self, *, needed: bool) -> None:
        self._needed = needed
        self.due: float | None = None
        """When it counts as missed."""

    def awaited(self, *, now: float) -> None:
        """We were admitted, or a member described its end of a connection to us."""
        if self._needed:
            self.due = now + FOOTHOLD_WITHIN

    def gained(self) -> None:
        """A connection stands."""
        self._needed, self.due = False, None

    def missed(self, *, alone: bool, now: float) -> bool:
        """Whether there is none by now, or nobody left to try; true at most once."""
        if self.due is None or (now < self.due and not alone):
            return False
        self.gained()
        return True
