"""The members whom we have a connection to: what goes out to them, and how much each may ask of us."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from meshconf.protocol.room.messages import RoomMessage
from meshconf.token_bucket import TokenBucket
from meshconf.types import PeerId

BURST, RATE = 20.0, 2.0
"""Acts that we take from one member: so many at once, so many a second in the long run; the same again for what it
carries for others, so that nobody who asks too much through others uses up what is theirs."""
ANSWERS, ANSWERS_A_SECOND = 160.0, 4.0
"""Parcels of the log that one member gets by asking: a whole log at once, 50 kB a second in the long run. Who asks for
more is not answered, and may ask again."""
FETCH_EVERY = 0.3
"""Seconds between two requests to the same peer for what we miss, or two answers to one that lags behind."""


@dataclass(slots=True)
class _Neighbour:
    own: TokenBucket
    carried: TokenBucket
    asked: float = float("-inf")
    told: float = float("-inf")


class Neighbours:
    """Who is linked, in the order of linking, and the messages that wait for the driver."""

    def __init__(self) -> None:
        self._linked: dict[PeerId, _Neighbour] = {}
        self._answers: dict[PeerId, TokenBucket] = {}
        """Of everybody who ever asked: a new link brings no new budget. Only people of the room have links."""
        self._outbox: deque[tuple[PeerId, RoomMessage]] = deque()

    def __iter__(self) -> Iterator[PeerId]:
        return iter(self._linked)

    def __contains__(self, peer: object) -> bool:
        return peer in self._linked

    def __len__(self) -> int:
        return len(self._linked)

    def add(self, peer: PeerId, now: float) -> None:
        """A link stands, perhaps a new one in place of an old one."""
        self._linked[peer] = _Neighbour(TokenBucket(RATE, BURST, now=now), TokenBucket(RATE, BURST, now=now))

    def drop(self, peer: PeerId) -> bool:
        """A link is gone; whether there was one."""
        return self._linked.pop(peer, None) is not None

    def send(self, peer: PeerId, message: RoomMessage) -> None:
        """Put a message on its way to one."""
        self._outbox.append((peer, message))

    def broadcast(self, message: RoomMessage) -> None:
        """Put a message on its way to all."""
        for peer in self._linked:
            self.send(peer, message)

    def take(self) -> list[tuple[PeerId, RoomMessage]]:
        """Take what is to be sent now, in order."""
        taken, self._outbox = list(self._outbox), deque()
        return taken

    def may_ask(self, peer: PeerId, now: float) -> bool:
        """Whether it is time to ask this peer again for what we miss; if so, the time counts from here."""
        neighbour = self._linked[peer]
        if now < neighbour.asked + FETCH_EVERY:
            return False
        neighbour.asked = now
        return True

    def asked(self, peer: PeerId, now: float) -> None:
        """We asked this peer, whose answer said that there is more."""
        self._linked[peer].asked = now

    def may_answer(self, peer: PeerId, now: float) -> bool:
        """Whether this peer, who asks for what it misses, gets one parcel more; if so, it is counted."""
        answers = self._answers.setdefault(peer, TokenBucket(ANSWERS_A_SECOND, ANSWERS, now=now))
        return answers.spend(now=now)

    def may_tell(self, peer: PeerId, now: float) -> bool:
        """Whether it is time to tell this peer again, unasked, what it misses; if so, the time counts from here."""
        neighbour = self._linked[peer]
        if now < neighbour.told + FETCH_EVERY:
            return False
        neighbour.told = now
        return True

    def affords(self, peer: PeerId, author: str, now: float) -> bool:
        """Whether this peer may ask for one act more, its own or one that it carries; if so, it is counted."""
        neighbour = self._linked.get(peer)
        if neighbour is None:
            return False
        return (neighbour.own if author == peer else neighbour.carried).spend(now=now)
