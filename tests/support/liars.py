"""Members with a modified client. Each has a room of its own, as everybody has, and does one kind of mischief with it.

A liar acts when the story says so, sees all that is sent to it, and may change all that its room sends.
"""

from __future__ import annotations

import random

import msgspec

from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.room.acts import Act, Deed, Entry, Proposal, Vote, vote_part
from meshconf.protocol.room.history import Node
from meshconf.protocol.room.making import Sign, claim, order, propose
from meshconf.protocol.room.messages import (
    Beat,
    CallVote,
    Entries,
    Fetch,
    GiveVote,
    NotDone,
    Propose,
    RoomMessage,
    parcel,
)
from meshconf.types import Medium
from tests.support.world import Peer, World


class Liar:
    """A member of the room that is not what it seems."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.me: Peer = world.peers[name]
        self.me.honest = False
        self.me.sends, self.me.hears = self.sends, self.hears
        self.random: random.Random = world.random
        self._number = 10**6

    def act(self) -> None:
        """Do mischief, now."""

    def sends(self, to: str, message: RoomMessage) -> RoomMessage | None:
        """What it sends instead of what its room would send."""
        return message

    def hears(self, sender: str, message: RoomMessage) -> bool:
        """Takes note of a message; whether its room gets it too."""
        return True

    # What liars need.

    def others(self) -> list[Peer]:
        """Everybody else."""
        return [peer for peer in self.world.peers.values() if peer is not self.me]

    def tell(self, peer: Peer, message: RoomMessage) -> None:
        """Send something that no room would."""
        self.world.send(self.me.name, peer.name, message)

    def tell_all(self, message: RoomMessage) -> None:
        """Send it to everybody."""
        for peer in self.others():
            self.tell(peer, message)

    def tell_in_parcels(self, chain: list[Entry]) -> None:
        """Send entries to everybody, as many to a message as fit."""
        while (message := parcel(chain)) is not None:
            self.tell_all(message)
            chain = chain[len(message.entries) :]

    def wish(self, act: Act, author: Peer | None = None) -> Proposal:
        """An act signed with the liar's key, whoever is named as its author."""
        self._number = max(self._number, self.me.room.state.numbers.get(self.me.id, 0)) + 1
        return propose(self.me.room.id, (author or self.me).id, self._number, act, self.me.sign)

    def ancestor(self, back: int) -> Node:
        """An entry some way back in its log."""
        node = self.me.room.head
        while back and node.parent is not None:
            node, back = node.parent, back - 1
        return node


class Usurper(Liar):
    """Claims to be host out of turn, sometimes to one victim only whom it makes remove everybody else.

    Towards those who shall not know of it, it is silent for a while.
    """

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self._victims: list[Peer] = []
        self._until = 0.0

    def sends(self, to: str, message: RoomMessage) -> RoomMessage | None:
        hidden = self.world.now < self._until and all(to != victim.name for victim in self._victims)
        return None if hidden else message

    def act(self) -> None:
        victims = self.others() if self.random.random() < 0.5 else self.random.sample(self.others(), 1)
        self.claim_before(victims, self.random.choice([0, 0, 1, 3]))

    def claim_before(self, victims: list[Peer], back: int = 0) -> None:
        """Claim, so many entries back, before these alone."""
        parent = self.ancestor(back)
        if self.me.id not in parent.state.people or parent.state.ended:
            return
        entries = [claim(parent, self.me.id, self.wish(Act(Deed.SUCCEED, peer=self.me.id)), (), self.me.sign)]
        add = self.me.room.history.add
        head = add(entries[0])
        for other in self.others():
            if other not in victims and other.id in head.state.people:
                entry = order(head, self.me.id, self.wish(Act(Deed.REMOVE, peer=other.id)), self.me.sign)
                head = add(entry)
                entries.append(entry)
        self._victims, self._until = victims, self.world.now + 6.0
        for victim in victims:
            for at in range(0, len(entries), 16):
                self.tell(victim, Entries(entries=entries[at : at + 16]))


class Pretender(Liar):
    """Claims the room on a lonely branch, with people whom it invented and who all vote for it."""

    def act(self) -> None:
        parent = self.ancestor(2)
        state = parent.state
        if self.me.id not in state.people or state.ended or state.locked or state.lobby:
            return
        add = self.me.room.history.add
        chain: list[Entry] = []

        def put(entry: Entry) -> Node:
            chain.append(entry)
            return add(entry)

        head = put(claim(parent, self.me.id, self.wish(Act(Deed.SUCCEED, peer=self.me.id)), (), self.me.sign))
        crowd: list[tuple[str, Sign]] = []
        for _ in range(len(state.people) + 2):
            public, sign = self.world.keys.make(f"nobody {self._number}")
            somebody = peer_id_of(public)
            head = put(order(head, self.me.id, self.wish(Act(Deed.ADMIT, peer=somebody, public=public)), self.me.sign))
            crowd.append((somebody, sign))
        part = vote_part(self.me.room.id, head.digest, head.state.epoch_of(self.me.id), self.me.id)
        votes = tuple(Vote(voter, sign(part)) for voter, sign in sorted(crowd)[:60])
        put(claim(head, self.me.id, self.wish(Act(Deed.SUCCEED, peer=self.me.id)), votes, self.me.sign))
        self.tell_in_parcels(chain)


class Forger(Liar):
    """Puts others' names under what it wrote itself: acts, entries, a transfer, votes, beats, refusals."""

    def act(self) -> None:
        head, state = self.me.room.head, self.me.room.state
        host = next((peer for peer in self.others() if peer.id == state.host), None)
        victim = self.random.choice(self.others())
        forged: list[RoomMessage] = [
            NotDone(victim.id, self.random.choice(victim.wanted or [1]), "limit", "No."),
            GiveVote(parent=head.digest, signature=bytes(64)),
        ]
        wrong = Propose(proposal=self.wish(Act(Deed.LOCK), victim))
        if victim.wanted:
            number = victim.wanted[-1]
            wrong = Propose(proposal=msgspec.structs.replace(wrong.proposal, number=number))
        if host is not None:
            self.tell(host, wrong)
            transfer = self.wish(Act(Deed.TRANSFER, peer=self.me.id), host)
            forged += [
                Entries(entries=[order(head, host.id, transfer, self.me.sign)]),
                Entries(entries=[order(head, host.id, self.wish(Act(Deed.LOCK)), self.me.sign)]),
                Beat(state.epoch, host.id, head.digest, 10**9, bytes(64)),
            ]
        voters = tuple(Vote(peer.id, bytes(64)) for peer in sorted(self.others(), key=lambda peer: peer.id)[:5])
        mine = self.wish(Act(Deed.SUCCEED, peer=self.me.id))
        forged.append(Entries(entries=[claim(head, self.me.id, mine, voters, self.me.sign)]))
        epoch = state.epoch_of(self.me.id)
        part = vote_part(self.me.room.id, head.digest, epoch, self.me.id)
        twice = (Vote(victim.id, self.me.sign(part)), Vote(self.me.id, self.me.sign(part)))
        forged.append(Entries(entries=[claim(head, self.me.id, mine, twice, self.me.sign)]))
        forged.append(Entries(entries=[order(head, self.me.id, self.wish(Act(Deed.LOCK)), self.me.sign)]))
        forged.append(Propose(proposal=self.wish(Act(Deed.REMOVE, peer=victim.id), victim)))
        for message in forged:
            self.tell(self.random.choice(self.others()), message)
        self.tell(victim, forged[0])
        public, _ = self.world.keys.make(f"nobody {self._number}")
        unsigned = self.wish(Act(Deed.ADMIT, peer=peer_id_of(public), public=public))
        self.tell_all(Propose(proposal=msgspec.structs.replace(unsigned, signature=bytes(64))))


class Replayer(Liar):
    """Keeps all that it ever got and sends it again: old acts, the old log, old beats, votes that others gave."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self._kept: list[RoomMessage] = []

    def hears(self, sender: str, message: RoomMessage) -> bool:
        if len(self._kept) < 500:
            self._kept.append(message)
        return True

    def act(self) -> None:
        chain = self.me.room.history.after(self.me.room.head, [])
        if chain:
            acts = [Propose(proposal=entry.proposal) for entry in chain[-12:]]
            again: list[RoomMessage] = [Entries(entries=[self.random.choice(chain)]), Entries(entries=chain[:8])]
            for message in [*acts, *again, *self.random.sample(self._kept, min(10, len(self._kept)))]:
                self.tell_all(message)


class Turncoat(Liar):
    """Votes for everybody who asks, whenever they ask, and on its own for who did not."""

    def hears(self, sender: str, message: RoomMessage) -> bool:
        if isinstance(message, CallVote):
            self._vote(self.world.peers[sender], self.me.room.history.node(message.parent))
        return True

    def act(self) -> None:
        for peer in self.others():
            self._vote(peer, self.me.room.head)

    def _vote(self, peer: Peer, parent: Node | None) -> None:
        if parent is not None:
            part = vote_part(self.me.room.id, parent.digest, parent.state.epoch_of(peer.id), peer.id)
            self.tell(peer, GiveVote(parent=parent.digest, signature=self.me.sign(part)))


class Hoarder(Liar):
    """Passes no beat on, keeps them, and serves them late, one at a time, as if the host had lived till then."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self._beats: list[Beat] = []

    def sends(self, to: str, message: RoomMessage) -> RoomMessage | None:
        return None if isinstance(message, Beat) and message.host != self.me.id else message

    def hears(self, sender: str, message: RoomMessage) -> bool:
        if isinstance(message, Beat):
            self._beats.append(message)
        return True

    def act(self) -> None:
        for beat in self._beats[:4]:
            self.tell_all(beat)
        self._beats = self._beats[1:]


class Flooder(Liar):
    """Asks for a hundred things at once, most of them not its to ask, by every road."""

    def act(self) -> None:
        victim = self.random.choice(self.others())
        wishes = [Act(Deed.LOCK), Act(Deed.REMOVE, peer=victim.id), Act(Deed.FORBID, kind=Medium.AUDIO)]
        for at in range(100):
            act = wishes[at % 3]
            if at % 5 == 0:
                public, _ = self.world.keys.make(f"crowd {self._number}")
                act = Act(Deed.ADMIT, peer=peer_id_of(public), name="crowd", public=public)
            self.tell(self.random.choice(self.others()), Propose(proposal=self.wish(act)))
        for peer in self.others():
            for _ in range(5):
                self.tell(peer, Fetch(known=[]))
                self.tell(peer, CallVote(parent=self.me.room.head.digest))


class Equivocator(Liar):
    """As host gives one place in the log to two acts, and tells each to one half of the room."""

    def act(self) -> None:
        head, state = self.me.room.head, self.me.room.state
        if state.host != self.me.id or state.ended:
            return
        pair = [
            order(head, self.me.id, self.wish(act), self.me.sign)
            for act in (
                Act(Deed.UNLOCK if state.locked else Deed.LOCK),
                Act(Deed.LOBBY_OFF if state.lobby else Deed.LOBBY_ON),
            )
        ]
        self.me.room.history.add(self.random.choice(pair))
        for at, peer in enumerate(self.others()):
            self.tell(peer, Entries(entries=[pair[at % 2]]))


class Sleeper(Liar):
    """First in line, it asks for votes and never takes its turn; nor does it vote."""

    def sends(self, to: str, message: RoomMessage) -> RoomMessage | None:
        claims = isinstance(message, Entries) and message.entries[-1].host == self.me.id
        return None if claims or isinstance(message, GiveVote) else message

    def act(self) -> None:
        for peer in self.others():
            for _ in range(3):
                self.tell(peer, CallVote(parent=self.me.room.head.digest))


class Returner(Liar):
    """As host it goes silent until another is chosen, and comes back with a branch of its own that it never showed."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self._until = 0.0
        self._branch: list[Entry] = []

    def act(self) -> None:
        if self._branch and self.world.now > self._until:
            self.tell_in_parcels(self._branch)
            self._branch = []
        elif self.me.room.is_host and not self._branch and not self.me.room.state.ended:
            self._until = self.world.now + 7.0
            head = self.me.room.head
            for peer in self.others()[:3]:
                if peer.id in head.state.people:
                    entry = order(head, self.me.id, self.wish(Act(Deed.REMOVE, peer=peer.id)), self.me.sign)
                    head = self.me.room.history.add(entry)
                    self._branch.append(entry)

    def sends(self, to: str, message: RoomMessage) -> RoomMessage | None:
        return None if self.world.now < self._until else message

    def hears(self, sender: str, message: RoomMessage) -> bool:
        return self.world.now >= self._until


LIARS: list[type[Liar]] = [
    Usurper,
    Pretender,
    Forger,
    Replayer,
    Turncoat,
    Hoarder,
    Flooder,
    Equivocator,
    Sleeper,
    Returner,
]
