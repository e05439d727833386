"""Who points where on whose shared screen: ours, told to the others, and theirs, shown to us. Pure.

Pointing touches nothing, so nobody has to be asked; who may not control by the room's rules may not point either.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.protocol.control.input import Point
from meshconf.protocol.control.latest import Latest
from meshconf.protocol.control.messages import Pointing
from meshconf.types import PeerId

GAP = 1 / 30
"""Seconds between two messages of ours."""
AGAIN = (0.06, 0.25)
EVERY = 1.0
"""Seconds between two messages while the pointer rests."""
FADES = 3.0
"""Seconds without news after which a pointer is gone: its last message may have been lost."""
MOST = 64
"""Pointers of others that are kept; no meeting has so many people."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Somebody's pointer on the owner's screen."""

    peer: PeerId
    x: float
    y: float
    pen: bool


@dataclass(slots=True)
class _Seen:
    owner: PeerId
    n: int
    pointer: Pointer
    at: float


class Pointers:
    """All pointers, each person's on one screen at a time."""

    def __init__(self) -> None:
        self._ours: Latest[tuple[PeerId, Point]] = Latest(GAP, AGAIN, EVERY)
        self._at: PeerId | None = None
        """At whose screen we point."""
        self._n = 0
        self._seen: dict[PeerId, _Seen] = {}

    def point(self, owner: PeerId, point: Point, *, now: float) -> None:
        """We point at the owner's screen."""
        self._at = owner if point.x >= 0 else None
        self._ours.put((owner, point), now=now)

    def stop(self, owner: PeerId, *, now: float) -> None:
        """We point at the owner's screen no more; nothing if we do not."""
        if self._at == owner:
            self.point(owner, Point(-1, -1), now=now)

    def say(self, *, now: float) -> Pointing | None:
        """What is to be told to everybody now."""
        ours = self._ours.take(now=now)
        if ours is None:
            return None
        owner, point = ours
        if point.x < 0 and self._ours.settled:
            self._ours.clear()  # gone, and said often enough
        self._n += 1
        return Pointing(owner=owner, n=self._n, x=point.x, y=point.y, pen=point.pen)

    def take(self, peer: PeerId, message: Pointing, *, now: float) -> set[PeerId]:
        """Somebody points.

        Returns:
            The owners of the screens whose pointers have changed.
        """
        before = self._seen.get(peer)
        if len(self._seen) >= MOST if before is None else message.n <= before.n:
            return set()
        owner = PeerId(message.owner)
        pointer = Pointer(peer, message.x, message.y, message.pen)
        self._seen[peer] = _Seen(owner, message.n, pointer, now)
        if before is None:
            return {owner}
        return set() if (before.owner, before.pointer) == (owner, pointer) else {before.owner, owner}

    def shown(self, owner: PeerId) -> list[Pointer]:
        """The pointers over a screen."""
        return [
            seen.pointer
            for seen in self._seen.values()
            if seen.owner == owner and seen.pointer.x >= 0 and seen.pointer.y >= 0
        ]

    def fade(self, *, now: float) -> set[PeerId]:
        """Drop the pointers that gave no news; returns the owners of the screens over which they were."""
        old = [peer for peer, seen in self._seen.items() if now >= seen.at + FADES]
        return {self._seen.pop(peer).owner for peer in old}

    def forget(self, peer: PeerId) -> set[PeerId]:
        """Somebody left, or may not point any more; returns the owner of the screen over which the pointer was."""
        seen = self._seen.pop(peer, None)
        return {seen.owner} if seen else set()

    def next_timer(self) -> float | None:
        """When something is to be said, or fades."""
        due = [seen.at + FADES for seen in self._seen.values()]
        if (ours := self._ours.next_timer()) is not None:
            due.append(ours)
        return min(due, default=None)
