"""All entries of a room's log that we know, checked one by one, and which of several branches counts.

While a room holds together its log is one chain. Where it was cut in two, both halves may have gone on, and the
entries form a tree. Which branch counts is a function of the tree alone, so whoever knows the same entries agrees:
at each fork the branch with more supporters among the people of the room at that point, supporters being those who
were host in it or voted for one; at a tie the branch of the host of before; then that of whoever comes first in the
line of succession; then the lower digest.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from meshconf.errors import ProtocolError, Refused
from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.room import rules
from meshconf.protocol.room.acts import NOTHING, Deed, Entry, vote_part
from meshconf.protocol.room.state import Person, RoomState
from meshconf.types import PeerId, RoomId

MAX_LOG = 2048
"""Entries of one chain; at this length a newcomer replays it in under a second."""
RESERVE = 128
"""Of these, the last that only the host's own acts may fill, so that nobody can fill the log and shut it."""
MAX_NODES = 3 * MAX_LOG
"""Entries of all branches; beyond it those are dropped that neither count nor are followed."""
MAX_TIPS = 8
"""Ends of branches that we name when we ask for what we miss."""

Verify = Callable[[bytes, bytes, bytes], bool]
"""`verify(public, signature, message)`, as `identity.verify`."""


class UnknownParent(ProtocolError):
    """An entry follows one that we do not have."""


@dataclass(slots=True, eq=False)
class Node:
    """One entry in the tree."""

    entry: Entry
    digest: bytes
    state: RoomState
    """The room after it."""
    parent: Node | None
    children: list[Node] = field(default_factory=list)
    supporters: frozenset[str] = frozenset()
    """Who was host, or voted for one, here or further down."""

    @property
    def equivocal(self) -> bool:
        """Whether its host ordered something else in the same place."""
        beside = self.parent.children if self.parent else []
        ordered = [
            node for node in beside if node.entry.act.do is not Deed.SUCCEED and node.entry.host == self.entry.host
        ]
        return self in ordered and len(ordered) > 1

    def descends_from(self, other: Node) -> bool:
        """Whether `other` is this entry or one before it."""
        node: Node | None = self
        while node is not None and node.state.seq > other.state.seq:
            node = node.parent
        return node is other


class History:
    """The tree of entries of one room.

    Raises:
        ProtocolError: the first entry does not found a room.
    """

    def __init__(self, first: Entry, verify: Verify) -> None:
        self._verify = verify
        self._room = room_id_of(first)
        digest = first.digest
        self.root = Node(first, digest, _founded(first, verify), None, supporters=frozenset({first.host}))
        self._nodes = {digest: self.root}
        self.followed = self.root
        """The head that our room follows, be it the best or not; whatever is dropped, this stays."""

    @property
    def room(self) -> RoomId:
        """The room's id, which follows from its first entry."""
        return self._room

    def __len__(self) -> int:
        return len(self._nodes)

    def node(self, digest: bytes) -> Node | None:
        """The entry with that digest."""
        return self._nodes.get(digest)

    def add(self, entry: Entry) -> Node:
        """Check an entry against the point where it stands, and keep it.

        Raises:
            UnknownParent: we do not have the entry that it follows, or gave up its branch just now.
            ProtocolError: its order, author, rights or signatures are wrong; the sentence names what.
        """
        digest = entry.digest
        if (known := self._nodes.get(digest)) is not None:
            return known
        parent = self._nodes.get(entry.previous)
        if parent is None:
            raise UnknownParent("an entry of the room's log follows one that is not known here")
        node = Node(entry, digest, self._next(parent, entry), parent)
        if len(self._nodes) >= MAX_NODES:
            self._prune()
            if parent.digest not in self._nodes:
                raise UnknownParent("an entry on a branch of the room's log that was given up")
        parent.children.append(node)
        self._nodes[digest] = node
        self._support(node)
        return node

    def best(self) -> Node:
        """The head of the branch that counts."""
        node = self.root
        while node.children:
            node = node.children[0] if len(node.children) == 1 else max(node.children, key=_merit)
        return node

    def locator(self, head: Node) -> list[bytes]:
        """Digests from `head` back to the first entry, ever sparser: enough to find where two histories part."""
        picked: list[bytes] = []
        step, due = 1, head.state.seq
        node: Node | None = head
        while node is not None:
            if node.state.seq == due or node.parent is None:
                picked.append(node.digest)
                step = step * 2 if len(picked) > 8 else 1
                due = node.state.seq - step
            node = node.parent
        return picked

    def tips(self) -> list[bytes]:
        """Digests at the ends of branches, those first that came last: what else somebody need not send us."""
        ends = (digest for digest, node in reversed(self._nodes.items()) if not node.children)
        return list(islice(ends, MAX_TIPS))

    def after(self, head: Node, known: Iterable[bytes]) -> list[Entry]:
        """What somebody who has `known`, and all before it, misses of the branch that ends in `head`, in order.

        To somebody on another branch that includes claims beside our branch that make it count more: without them
        the two would count differently for ever.
        """
        chain = list(_back(head))[::-1]
        held: set[bytes] = set()
        theirs = [node for digest in known if (node := self._nodes.get(digest)) is not None]
        for node in theirs:
            for above in _back(node):
                if above.digest in held:
                    break
                held.add(above.digest)
        ours = {node.digest for node in chain}
        apart = [node for node in theirs if node.digest not in ours]
        forks = {next(above for above in _back(node) if above.digest in ours) for node in apart}
        beside = [node for fork in sorted(forks, key=_seq) for node in _backing(chain[fork.state.seq :], fork)]
        return [node.entry for node in dict.fromkeys((*chain, *beside)) if node.digest not in held]

    # Private.

    def _next(self, parent: Node, entry: Entry) -> RoomState:
        state, act = parent.state, entry.act
        host, author = PeerId(entry.host), PeerId(entry.author)
        if entry.seq != state.seq + 1:
            raise ProtocolError("an entry of the room's log is out of order")
        if entry.seq > MAX_LOG - RESERVE and not (entry.seq <= MAX_LOG and author == host):
            raise ProtocolError("the room's log is full")
        if entry.proposal.room != self._room:
            raise ProtocolError("an entry of another room's log")
        if host not in state.people or author not in state.people:
            raise ProtocolError("an entry of the room's log by somebody who is no member")
        if entry.proposal.number <= state.numbers.get(author, -1):
            raise ProtocolError("an act that was done before")
        if act.do is Deed.SUCCEED:
            self._check_succession(parent, entry)
        elif host != state.host or entry.epoch != state.epoch or entry.votes:
            raise ProtocolError("an entry of the room's log that its host did not order")
        try:
            rules.check(state, author, act)
        except Refused as error:
            raise ProtocolError(f"an act that its author had no right to: {error}") from error
        public = state.people[author].public
        if not self._verify(public, entry.proposal.signature, entry.proposal.signed_part()):
            raise ProtocolError("an act that its author did not sign")
        if not self._verify(state.people[host].public, entry.signature, entry.signed_part()):
            raise ProtocolError("an entry of the room's log that its host did not sign")
        numbers = {**state.numbers, author: entry.proposal.number}
        return replace(rules.change(state, act), seq=entry.seq, numbers=numbers)

    def _check_succession(self, parent: Node, entry: Entry) -> None:
        claimant = PeerId(entry.host)
        if claimant != entry.author or claimant != entry.act.peer or entry.epoch != parent.state.epoch_of(claimant):
            raise ProtocolError("somebody claims to be host of an epoch that is not theirs")
        self._check_votes(parent, entry, claimant)

    def _check_votes(self, parent: Node, entry: Entry, claimant: PeerId) -> None:
        voters = [vote.voter for vote in entry.votes]
        if len({*voters, claimant}) != len(voters) + 1:
            raise ProtocolError("a vote is counted twice")
        part = vote_part(self._room, parent.digest, entry.epoch, claimant)
        for vote in entry.votes:
            voter = parent.state.people.get(PeerId(vote.voter))
            if voter is None or not self._verify(voter.public, vote.signature, part):
                raise ProtocolError("a vote that nobody gave")

    def _support(self, node: Node) -> None:
        fresh = _backers(node)
        above: Node | None = node
        while above is not None and not fresh <= above.supporters:
            above.supporters |= fresh
            above = above.parent

    def _prune(self) -> None:
        kept: dict[bytes, Node] = {}
        for head in (self.best(), self.followed):
            node: Node | None = head
            while node is not None and node.digest not in kept:
                kept[node.digest] = node
                node = node.parent
        self._nodes = kept
        # Who stood behind what is dropped has no weight any more, as for somebody who never heard of it.
        for node in kept.values():
            node.children = [child for child in node.children if child.digest in kept]
            node.supporters = frozenset()
        for node in kept.values():
            self._support(node)


def room_id_of(first: Entry) -> RoomId:
    """The id of the room that an entry founds: 26 characters, 130 bits of its digest."""
    return RoomId(base64.b32encode(first.digest)[:26].decode("ascii").lower())


def parted(old: Node, new: Node) -> tuple[list[Node], list[Node]]:
    """What stands before `old` but not before `new`, and the other way round, each in order."""
    dropped: list[Node] = []
    gained: list[Node] = []
    a: Node | None = old
    b: Node | None = new
    while a is not b:
        if b is None or (a is not None and a.state.seq >= b.state.seq):
            assert a is not None
            dropped.append(a)
            a = a.parent
        else:
            gained.append(b)
            b = b.parent
    return dropped[::-1], gained[::-1]


def _back(node: Node | None) -> Iterator[Node]:
    while node is not None:
        yield node
        node = node.parent


def _seq(node: Node) -> int:
    return node.state.seq


def _backers(node: Node) -> frozenset[str]:
    return frozenset({node.entry.host, *(vote.voter for vote in node.entry.votes)})


def _backing(chain: Sequence[Node], fork: Node) -> list[Node]:
    """Who stands behind a branch from its fork on, but not on its chain: the ways to where they say so."""
    if not chain:
        return []
    seen = {node.digest for node in chain}
    wanted = chain[0].supporters.intersection(fork.state.people).difference(*map(_backers, chain))
    found: list[Node] = []
    below = deque(chain)
    while wanted and below:
        node = below.popleft()
        below.extend(child for child in node.children if child.digest not in seen)
        if wanted & _backers(node):
            wanted -= _backers(node)
            way = [above for above in _back(node) if above.digest not in seen and above.state.seq > fork.state.seq]
            seen.update(above.digest for above in way)
            found += way[::-1]
    return found


def supporters(node: Node) -> int:
    """How many of the people of the room where `node` branched off stand behind it."""
    people: Sequence[str] = list(node.parent.state.people) if node.parent else []
    return len(node.supporters.intersection(people))


def _merit(node: Node) -> tuple[int, bool, int, bytes]:
    assert node.parent is not None
    before, host = node.parent.state, PeerId(node.entry.host)
    place = 0
    if node.entry.act.do is Deed.SUCCEED:
        line = before.line
        place = 1 + (line.index(host) if host in line else len(line))
    inverted = bytes(255 - byte for byte in node.digest)
    return supporters(node), host == before.host, -place, inverted


def _founded(first: Entry, verify: Verify) -> RoomState:
    act, host = first.act, PeerId(first.host)
    wrong = (
        act.do is not Deed.FOUND
        or (first.epoch, first.seq, first.previous) != (1, 1, NOTHING)
        or first.proposal.room
        or first.votes
        or not first.author == host == act.peer
        or act.public is None
        or peer_id_of(act.public) != host
    )
    if wrong or act.public is None:
        raise ProtocolError("the room's log does not begin with its founding")
    if not verify(act.public, first.proposal.signature, first.proposal.signed_part()):
        raise ProtocolError("the founding of the room is not signed")
    if not verify(act.public, first.signature, first.signed_part()):
        raise ProtocolError("the founding of the room is not signed")
    # The founder's name goes with its entry in the roster; the act's name is the title.
    person = Person(act.public, "")
    return RoomState(host=host, people={host: person}, title=act.name, numbers={host: first.proposal.number})
