"""People with keys, and logs written by hand: what the tests of the room's parts are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.room.acts import Act, Deed, Entry, Vote, vote_part
from meshconf.protocol.room.history import History, Node
from meshconf.protocol.room.making import claim, found, order, propose
from meshconf.types import Medium, PeerId
from tests.support.world import Keys

KEYS = Keys()


@dataclass(frozen=True)
class Someone:
    """A person with a key."""

    id: PeerId
    public: bytes
    sign: Callable[[bytes], bytes]


def someone(name: str) -> Someone:
    """The person of that name; always the same."""
    public, sign = KEYS.make(name)
    return Someone(peer_id_of(public), public, sign)


A, B, C, D, E = map(someone, "abcde")


class Book:
    """A log that is written entry by entry, each signed by whom one says."""

    def __init__(self, *people: Someone) -> None:
        self.history = History(found(A.id, A.public, "stand-up", A.sign), KEYS.verify)
        self.head: Node = self.history.root
        self._number = 1
        for person in people:
            self.write(A, Deed.ADMIT, person, public=person.public)

    def act(self, do: Deed, who: Someone | None = None, kind: Medium | None = None, public: bytes | None = None) -> Act:
        """An act."""
        return Act(do, peer=who.id if who else None, kind=kind, public=public)

    def entry(self, author: Someone, act: Act, *, host: Someone = A, after: Node | None = None) -> Entry:
        """An act as an entry after the head or another one, not yet in the log."""
        self._number += 1
        proposal = propose(self.history.room, author.id, self._number, act, author.sign)
        return order(after or self.head, host.id, proposal, host.sign)

    def write(
        self,
        author: Someone,
        do: Deed,
        who: Someone | None = None,
        kind: Medium | None = None,
        *,
        host: Someone = A,
        public: bytes | None = None,
    ) -> Node:
        """Put an act into the log."""
        self.head = self.history.add(self.entry(author, self.act(do, who, kind, public), host=host))
        return self.head

    def claim(self, claimant: Someone, *voters: Someone, after: Node | None = None) -> Entry:
        """A claim with votes, not yet in the log."""
        parent = after or self.head
        self._number += 1
        act = Act(Deed.SUCCEED, peer=claimant.id)
        proposal = propose(self.history.room, claimant.id, self._number, act, claimant.sign)
        part = vote_part(self.history.room, parent.digest, parent.state.epoch_of(claimant.id), claimant.id)
        votes = tuple(Vote(voter.id, voter.sign(part)) for voter in voters)
        return claim(parent, claimant.id, proposal, votes, claimant.sign)
