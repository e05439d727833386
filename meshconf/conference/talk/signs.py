"""The signs of everybody: whose hand is up, for how long, and who hears nobody. Runs on the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from meshconf.conference.allowance import Allowance, Rate
from meshconf.conference.driver import Driver
from meshconf.conference.events import Event
from meshconf.conference.talk.events import Deafened, Hand
from meshconf.protocol.room.rules import require_staff
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.signs import LowerHand, SignMessage, Signs
from meshconf.types import PeerId

OF_ONE = Rate(messages=0.5, burst=10, bytes=1000, burst_bytes=10_000)
"""Signs of a peer that are told: people raise a hand, programs may wave it."""

LONGEST = 86_400_000
"""Milliseconds of waiting that are believed: a day."""


class SignBoard:
    """Ours, and those of the others.

    Args:
        own: our id.
        driver: carries them.
        name: the name behind an id, safe to show.
        room: roles as they are.
        tell: takes events for the faces.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        own: PeerId,
        driver: Driver,
        *,
        name: Callable[[str], str],
        room: Callable[[], RoomState],
        tell: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own = own
        self._driver = driver
        self._name = name
        self._room = room
        self._tell = tell
        self._clock = clock
        self._allowance = Allowance(OF_ONE)
        self._hands: dict[PeerId, float] = {}
        """When they went up, by our clock."""
        self._deaf: set[PeerId] = set()

    @property
    def hands(self) -> Mapping[PeerId, float]:
        """Whose hand is up, and since when in monotonic seconds."""
        return self._hands

    def raise_hand(self, up: bool) -> None:
        """Take our hand up or down; up when it is up already changes nothing."""
        if up is not (self._own in self._hands):
            self._note_hand(self._own, self._clock() if up else None)
            self._driver.broadcast(self._ours())

    def lower_hand_of(self, peer: PeerId) -> None:
        """Ask for somebody's hand to come down (host and admins).

        Raises:
            Refused: we are neither.
        """
        require_staff(self._room(), self._own)
        self._driver.send(peer, LowerHand())

    def deafened(self, deaf: bool) -> None:
        """We hear nobody, or people again."""
        if deaf is not (self._own in self._deaf):
            self._note_deaf(self._own, deaf)
            self._driver.broadcast(self._ours())

    def greet(self, peer: PeerId) -> None:
        """A link stands: show who is at its other end our signs, if we give any."""
        if (ours := self._ours()) != Signs():
            self._driver.send(peer, ours)

    def received(self, peer: PeerId, message: SignMessage) -> None:
        """Signs of a peer; more than people give are not looked at."""
        now = self._clock()
        if not self._allowance.spend(peer, 1, now=now):
            return
        match message:
            case LowerHand():
                if self._room().is_staff(peer):
                    self.raise_hand(False)
            case Signs(hand=hand, deaf=deaf):
                if (hand is not None) is not (peer in self._hands):
                    self._note_hand(peer, None if hand is None else now - min(hand, LONGEST) / 1000)
                if deaf is not (peer in self._deaf):
                    self._note_deaf(peer, deaf)

    def forget(self, peer: PeerId) -> None:
        """Somebody is gone, and takes the signs along."""
        self._hands.pop(peer, None)
        self._deaf.discard(peer)

    # Private.

    def _ours(self) -> Signs:
        since = self._hands.get(self._own)
        hand = None if since is None else max(0, round((self._clock() - since) * 1000))
        return Signs(hand=hand, deaf=self._own in self._deaf)

    def _note_hand(self, peer: PeerId, since: float | None) -> None:
        if since is None:
            self._hands.pop(peer, None)
        else:
            self._hands[peer] = since
        waited = 0.0 if since is None else round(self._clock() - since, 3)
        self._tell(Hand(peer=peer, name=self._name(peer), up=since is not None, waited_s=waited))

    def _note_deaf(self, peer: PeerId, deaf: bool) -> None:
        (self._deaf.add if deaf else self._deaf.discard)(peer)
        self._tell(Deafened(peer=peer, on=deaf))
