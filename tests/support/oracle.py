"""A second opinion on every log that honest peers follow: replays it with rules of its own, shares none with the room.

It knows the wire structs and the test's keys, nothing else: no rules, no state, no history of the code under test.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import msgspec

from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.room.acts import Deed, Entry
from meshconf.protocol.room.events import ActRefused, Misbehaved, Undone
from meshconf.protocol.room.history import Node
from meshconf.types import PeerId
from tests.support.world import Peer, World

STAFF_MAY = {
    Deed.REMOVE,
    Deed.FORBID,
    Deed.PERMIT,
    Deed.LOCK,
    Deed.UNLOCK,
    Deed.LOBBY_ON,
    Deed.LOBBY_OFF,
    Deed.END,
}
HOST_MAY = STAFF_MAY | {Deed.APPOINT, Deed.DISMISS, Deed.TRANSFER, Deed.HISTORY_ON, Deed.HISTORY_OFF}

LONG_ENOUGH = 5.0
"""Seconds of connection after which a host must have been able to show who is with it."""


@dataclass
class Ledger:
    """What the oracle makes of a log."""

    host: str
    epoch: int
    seq: int
    keys: dict[str, bytes]
    admins: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    acts: set[tuple[str, int]] = field(default_factory=set)
    last: dict[str, int] = field(default_factory=dict)
    locked: bool = False
    lobby: bool = False
    ended: bool = False

    def after(self, entry: Entry, verify: bool, world: World) -> Ledger:
        """The next page; fails when the entry has no place there."""
        act, author, host = entry.act, entry.author, entry.host
        assert not self.ended, "something was done after the end"
        assert entry.seq == self.seq + 1, "a place was left out"
        assert author in self.keys and host in self.keys, "somebody acted who is no member"
        assert entry.proposal.number > self.last.get(author, -1), "an act was done twice"
        if verify:
            proposal = entry.proposal
            for owner, signature, message in (
                (author, proposal.signature, proposal.signed_part()),
                (host, entry.signature, entry.signed_part()),
            ):
                assert world.keys.verify(self.keys[owner], signature, message), "a signature is forged"
        role = "host" if author == self.host else "admin" if author in self.admins else "member"
        if act.do is Deed.SUCCEED:
            assert author == host == act.peer, "somebody claimed for another"
            part = (entry.proposal.room, entry.previous, entry.epoch, host)
            said = b"meshconf vote v1" + msgspec.msgpack.encode(part)
            voters = {vote.voter for vote in entry.votes}
            assert len(voters) == len(entry.votes) and host not in voters, "somebody voted twice"
            for vote in entry.votes:
                assert vote.voter in self.keys, "a stranger voted"
                assert world.keys.verify(self.keys[vote.voter], vote.signature, said), "a vote is forged"
            assert entry.epoch > self.epoch, "an epoch came back"
        else:
            assert host == self.host and entry.epoch == self.epoch, "somebody ordered who was not host"
            assert not entry.votes
            if act.do is Deed.ADMIT:
                assert act.peer not in self.removed, "somebody who was removed came back"
                assert act.public is not None and peer_id_of(act.public) == act.peer
                assert not self.locked and (not self.lobby or role != "member"), "somebody came through a closed door"
            else:
                assert act.do in (HOST_MAY if role == "host" else STAFF_MAY if role == "admin" else ()), (
                    f"a {role} did {act.do}"
                )
            if role == "admin" and act.do in (Deed.REMOVE, Deed.FORBID):
                assert act.peer != self.host and act.peer not in self.admins, "an admin acted against its equals"
        return self._turn(entry)

    def _turn(self, entry: Entry) -> Ledger:
        act, peer = entry.act, entry.act.peer or ""
        new = Ledger(
            self.host,
            self.epoch,
            entry.seq,
            dict(self.keys),
            set(self.admins),
            set(self.removed),
            self.acts | {entry.key},
            {**self.last, entry.author: entry.proposal.number},
            self.locked,
            self.lobby,
            self.ended,
        )
        match act.do:
            case Deed.ADMIT:
                new.keys[peer] = act.public or b""
            case Deed.REMOVE:
                del new.keys[peer]
                new.admins.discard(peer)
                new.removed.add(peer)
            case Deed.APPOINT:
                new.admins.add(peer)
            case Deed.DISMISS:
                new.admins.discard(peer)
            case Deed.TRANSFER | Deed.SUCCEED:
                new.host = peer
                new.admins.discard(peer)
            case Deed.LOCK | Deed.UNLOCK:
                new.locked = act.do is Deed.LOCK
            case Deed.LOBBY_ON | Deed.LOBBY_OFF:
                new.lobby = act.do is Deed.LOBBY_ON
            case Deed.END:
                new.ended = True
        return new


class Oracle:
    """Looks at every honest peer after every step."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledgers: dict[bytes, Ledger] = {}
        self._hosts: dict[int, str] = {}
        self._epochs: dict[bytes, int] = {}
        """The number of the epoch after each entry; where a transfer began it, its first entry tells."""
        self._seen: dict[str, Node] = {}
        self._read: dict[str, int] = {}
        self.steps = 0
        world.checks.append(self.look)

    def look(self) -> None:
        """What must hold at every step.

        Raises:
            AssertionError: it does not.
        """
        self.steps += 1
        for name, peer in self._world.peers.items():
            if peer.honest:
                before = self._seen.get(name)
                if before is not peer.room.head:
                    self._seen[name] = peer.room.head
                    self._look_at_log(peer)
                    if before is not None:
                        self._look_at_change(peer, before)
                if len(peer.told) != self._read.get(name, 0):
                    self._look_at_news(peer)

    def _look_at_log(self, peer: Peer) -> None:
        page = self.ledger(peer.room.head)
        for gone in page.removed:
            assert not peer.room.welcomes(PeerId(gone)), f"{peer.name} welcomes somebody who was removed"
        state = peer.room.state
        assert (state.host, set(state.admins), set(state.people), set(state.removed)) == (
            page.host,
            page.admins,
            set(page.keys),
            page.removed,
        ), "the room is not what its log says"
        assert (state.locked, state.lobby, state.ended) == (page.locked, page.lobby, page.ended)
        assert self._hosts.setdefault(state.epoch, state.host) == state.host, "two hosts in one epoch"

    def _look_at_change(self, peer: Peer, before: Node) -> None:
        """Nobody leaves an honest host that it is connected with for a branch that nobody honest stands behind."""
        names = {other.id: other for other in self._world.peers.values()}
        host = names[before.state.host]
        rules = host.honest and host.alive and host.room.is_host
        if host is peer or not rules or self._world.linked_for(host.name, peer.name) < LONG_ENOUGH:
            return
        old, node = set(), peer.room.head
        above: Node | None = before
        while above is not None:
            old.add(above.digest)
            above = above.parent
        claims: list[Entry] = []
        while node.parent is not None and node.digest not in old:
            claims += [node.entry] if node.entry.act.do is Deed.SUCCEED else []
            node = node.parent
        backers = {*(claim.host for claim in claims), *(vote.voter for claim in claims for vote in claim.votes)}
        honest = any(names[PeerId(backer)].honest for backer in backers if backer in names)
        # Where liars are as many as honest people at the fork, they may well decide.
        people = [names[peer] for peer in node.state.people if peer in names]
        few = sum(not other.honest for other in people) < sum(other.honest and other.alive for other in people)
        assert honest or not claims or not few, f"{peer.name} left a host that lives for a liar"

    def _look_at_news(self, peer: Peer) -> None:
        names = {other.id: other for other in self._world.peers.values()}
        for _, event in peer.told[self._read.get(peer.name, 0) :]:
            if isinstance(event, Misbehaved):
                assert not names[event.peer].honest, f"{names[event.peer].name} was called a liar: {event.text}"
        self._read[peer.name] = len(peer.told)

    def ledger(self, head: Node) -> Ledger:
        """The page after that entry."""
        todo: list[Entry] = []
        node: Node | None = head
        while node is not None and node.digest not in self._ledgers:
            todo.append(node.entry)
            node = node.parent
        for entry in reversed(todo):
            digest = hashlib.sha256(entry.signed_part()).digest()
            if entry.act.do is Deed.FOUND:
                assert entry.act.public is not None and not self._ledgers, "a second founding"
                page = Ledger(entry.host, 1, 1, {entry.host: entry.act.public}, last={entry.author: 1})
            else:
                before = self._ledgers[entry.previous]
                if before.epoch == 0:
                    before.epoch = entry.epoch if entry.act.do is not Deed.SUCCEED else 0
                page = before.after(entry, verify=True, world=self._world)
                # The number that a transfer begins is first seen on the entry after it.
                page.epoch = {Deed.TRANSFER: 0, Deed.SUCCEED: entry.epoch}.get(entry.act.do, before.epoch)
            if page.epoch:
                assert self._hosts.setdefault(page.epoch, page.host) == page.host, "two hosts in one epoch"
            self._ledgers[digest] = page
        return self._ledgers[head.digest]

    # In the end.

    def circles(self) -> list[list[Peer]]:
        """The honest peers that run and are members by their own log, grouped by whom they are connected with."""
        rest = {peer.name: peer for peer in self._world.living() if peer.id in peer.room.state.people}
        found: list[list[Peer]] = []
        while rest:
            circle, edge = [], [rest.pop(next(iter(rest)))]
            while edge:
                peer = edge.pop()
                circle.append(peer)
                near = [name for name in rest if self._world.linked(peer.name, name)]
                edge += [rest.pop(name) for name in near]
            found.append(circle)
        return found

    def is_settled(self) -> bool:
        """Whether everybody in each circle follows one log, whose host is present."""
        for circle in self.circles():
            if len({peer.room.head.digest for peer in circle}) > 1:
                return False
            host = next(peer for peer in self._world.peers.values() if peer.id == circle[0].room.state.host)
            runs = host.alive and not host.paused
            if not runs or not any(host is peer or self._world.linked(host.name, peer.name) for peer in circle):
                return False
        return True

    def shut_out(self) -> list[str]:
        """Who is no member any more, neither removed nor told that its admission was undone."""
        return [
            peer.name
            for peer in self._world.living()
            if peer.id not in peer.room.state.people | dict.fromkeys(peer.room.state.removed)
            and not any(entry.act.do is Deed.ADMIT and entry.act.peer == peer.id for entry in self._undone(peer))
        ]

    @staticmethod
    def _undone(peer: Peer) -> list[Entry]:
        return [entry for _, event in peer.told if isinstance(event, Undone) for entry in event.entries]

    def unreported(self) -> list[tuple[str, int]]:
        """Acts of honest peers that run, which are not in the log in the end and of which nobody told them so."""
        missing = []
        for peer in self._world.living():
            done = self.ledger(peer.room.head).acts
            told = {event.number for _, event in peer.told if isinstance(event, ActRefused)}
            told |= {entry.proposal.number for entry in self._undone(peer) if entry.author == peer.id}
            missing += [
                (peer.name, number) for number in peer.wanted if (peer.id, number) not in done and number not in told
            ]
        return missing
