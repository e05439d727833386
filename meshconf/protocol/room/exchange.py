"""How members bring each other's histories up to date: asking for what is missing, telling those who lag behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.events import Misbehaved
from meshconf.protocol.room.history import Node, UnknownParent
from meshconf.protocol.room.messages import MAX_LOCATOR, Fetch, parcel
from meshconf.protocol.room.standing import Standing
from meshconf.types import PeerId


class Exchange:
    """Entries in and out."""

    def __init__(self, standing: Standing) -> None:
        self._me = standing

    def take(
        self, peer: PeerId, entries: Iterable[Entry], more: bool, *, unwanted: Callable[[Entry], bool], now: float
    ) -> None:
        """Keep what a peer sent, up to the first entry that is unwanted or follows one that we do not have.

        Raises:
            ProtocolError: an entry is wrong.
        """
        last = None
        for entry in entries:
            if unwanted(entry):
                return
            try:
                last = self._me.history.add(entry)
            except UnknownParent:
                self.fetch(peer, now)
                return
            if last.equivocal:
                text = "as host it gave two different acts the same place in the log"
                self._me.events.append(Misbehaved(PeerId(entry.host), text))
        if more and last is not None:
            self._me.neighbours.asked(peer, now)
            self._me.neighbours.send(peer, Fetch(known=[last.digest, *self._known()][:MAX_LOCATOR]))

    def fetch(self, peer: PeerId, now: float) -> None:
        """Ask a peer for what we miss of its branch, unless we did a moment ago."""
        if self._me.neighbours.may_ask(peer, now):
            self._me.neighbours.send(peer, Fetch(known=self._known()))

    def answer(self, peer: PeerId, known: list[bytes], now: float) -> None:
        """Answer a peer that asks, and has these, unless it asked for too much."""
        if self._me.neighbours.may_answer(peer, now):
            self.tell(peer, known)

    def tell(self, peer: PeerId, known: list[bytes]) -> None:
        """Send a peer that has these what it misses."""
        if (message := parcel(self._me.history.after(self._me.head, known))) is not None:
            self._me.neighbours.send(peer, message)

    def show(self, peer: PeerId, rival: Node) -> None:
        """Send a peer the beginning of a branch that we do not follow."""
        known = self._me.history.locator(self._me.head)
        if (message := parcel(self._me.history.after(rival, known))) is not None:
            self._me.neighbours.send(peer, message)

    def tell_laggard(self, peer: PeerId, node: Node, now: float) -> None:
        """Send a peer, unasked, what our branch has and that of `node` has not, unless we did a moment ago."""
        if self._me.neighbours.may_tell(peer, now):
            self.tell(peer, self._me.history.locator(node))

    # Private.

    def _known(self) -> list[bytes]:
        history = self._me.history
        return [*history.locator(self._me.head), *history.tips()][:MAX_LOCATOR]
