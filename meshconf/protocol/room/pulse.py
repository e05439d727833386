"""Whether the host lives: its beats, heard from itself or passed on by anybody, since each is signed and numbered.

A host that is lost to one member but not to another is not lost; only where no fresh beat arrives by any road is
there reason to choose another.
"""

from __future__ import annotations

from meshconf.protocol.room.messages import Beat
from meshconf.types import PeerId

BEAT_EVERY = 0.5
"""Seconds between two beats of the host, and between two rounds of passing on."""
LOST_AFTER = 2.5
"""Seconds without a new beat until the host counts as lost."""
DOUBT_AFTER = 1.5
"""Seconds without a new beat until a member gives its vote to a successor, whose patience ended a little earlier."""
TURN = 1.5
"""Seconds more that each further one in the line of succession waits, should the one before it not take its turn."""
PAUSE = 1.5
"""A timer that is so many seconds late means that this machine slept, and that the silence was its own."""


class Pulse:
    """The newest beat of the present host, and who has it."""

    def __init__(self, now: float) -> None:
        self.beat: Beat | None = None
        self._heard = now
        self._mourned = False
        self._shown: dict[PeerId, int] = {}
        """The newest beat that each peer has shown us."""

    def reset(self, now: float) -> None:
        """There is a new host, who gets its time to be heard."""
        self.beat = None
        self._shown.clear()
        self.excuse(now)

    def excuse(self, now: float) -> None:
        """The silence so far says nothing: we slept ourselves, or the host is just back."""
        self._heard = now
        self._mourned = False

    def mourn(self, now: float) -> None:
        """The host said goodbye: there is nothing to wait for, whatever old beat still goes round."""
        self._heard = now - LOST_AFTER
        self._mourned = True

    def is_news(self, beat: Beat) -> bool:
        """Whether a beat of the present host is newer than what we have; only such a one is worth a look."""
        return self.beat is None or beat.n > self.beat.n

    def is_newest(self, beat: Beat) -> bool:
        """Whether no newer beat is known."""
        return self.beat is None or beat.n >= self.beat.n

    def hear(self, beat: Beat, now: float) -> None:
        """A new beat whose signature is right."""
        self.beat = beat
        if not self._mourned:
            self._heard = now

    def shown(self, peer: PeerId, beat: Beat) -> None:
        """A peer has this beat."""
        self._shown[peer] = max(beat.n, self._shown.get(peer, -1))

    def lacks(self, peer: PeerId) -> bool:
        """Whether a peer may not have our newest beat yet."""
        return self.beat is not None and self._shown.get(peer, -1) < self.beat.n

    def forget(self, peer: PeerId) -> None:
        """A peer is gone."""
        self._shown.pop(peer, None)

    def silent_for(self, now: float) -> float:
        """Seconds since a new beat came."""
        return now - self._heard
