"""Meshes on a network made of a seed, in virtual time: delays, lost pings, broken links, killed peers.

Signals (offers, answers, "again") always find a road here, since carrying them is the driver's business. A minute of
meeting takes milliseconds, and the same seed gives the same meeting.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from meshconf.errors import ProtocolError
from meshconf.protocol.events import (
    AskAgain,
    CloseLink,
    MakeOffer,
    MeshEvent,
    PeerChanged,
    SendMessage,
)
from meshconf.protocol.identity import Identity
from meshconf.protocol.membership import sign_member
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import AnyMessage, Member, Ping, Pong, decode, encode
from meshconf.types import PeerId, PeerState


def member_called(name: str, *, joined: int = 0) -> Member:
    """A participant whose key follows from the name, so that ids are the same in every run."""
    return sign_member(Identity(hashlib.sha256(name.encode()).digest()), name, joined)


@dataclass(eq=False)
class Node:
    """One participant's mesh, what it reported, and the connections over which it talks."""

    mesh: Mesh
    alive: bool = True
    links: dict[PeerId, int] = field(default_factory=dict)
    """The session in use with each peer."""
    events: list[tuple[float, MeshEvent]] = field(default_factory=list)
    offers: list[tuple[PeerId, int]] = field(default_factory=list)
    """Every offer made: to whom, under which session number."""
    violations: list[str] = field(default_factory=list)

    @property
    def peer(self) -> PeerId:
        """Our id."""
        return self.mesh.own_id

    @property
    def roster(self) -> list[str]:
        """The names of all members, ourselves included, in the order of joining."""
        return [member.name for member in self.mesh.members]

    def states_of(self, other: Node) -> list[PeerState]:
        """What we showed of a participant, in order."""
        return [state for _, state in self._changes(other)]

    def when(self, other: Node, state: PeerState) -> float:
        """Virtual seconds at which we last showed a participant in this state."""
        return next(at for at, shown in reversed(self._changes(other)) if shown is state)

    def _changes(self, other: Node) -> list[tuple[float, PeerState]]:
        changes = [(at, event) for at, event in self.events if isinstance(event, PeerChanged)]
        return [(at, event.state) for at, event in changes if event.member.peer == other.peer]


class Network:
    """All participants of one meeting, and the time that passes for them."""

    def __init__(self, *, seed: int = 0, delay: tuple[float, float] = (0.01, 0.08), ping_loss: float = 0.0) -> None:
        self.now = 0.0
        self.nodes: dict[PeerId, Node] = {}
        self._random = random.Random(seed)
        self._delay = delay
        self._ping_loss = ping_loss
        self._order = count()
        self._pending: list[tuple[float, int, Callable[[], None]]] = []
        self._broken: set[tuple[frozenset[PeerId], int]] = set()
        self._severed: set[frozenset[PeerId]] = set()
        self._arrival: dict[tuple[PeerId, PeerId], float] = {}

    # People.

    def found(self, name: str) -> Node:
        """The first participant."""
        own = member_called(name, joined=self._clock())
        return self._add(Mesh(own, founder=True))

    def join(self, name: str, door: Node) -> Node:
        """A newcomer, let in by a member."""
        own = member_called(name, joined=self._clock())
        door.mesh.admit([own], now=self.now)
        mesh = Mesh(own, founder=False)
        mesh.admit(door.mesh.members, now=self.now)
        node = self._add(mesh)
        self.settle(door)
        return node

    def kill(self, node: Node) -> None:
        """The process dies without a word."""
        node.alive = False

    def leave(self, node: Node) -> None:
        """The person leaves cleanly."""
        node.mesh.leave()
        self.settle(node)
        node.alive = False

    def break_link(self, one: Node, other: Node) -> None:
        """The connection in use carries nothing any more, and nobody is told; a new one would work."""
        self._broken.add((frozenset({one.peer, other.peer}), one.links[other.peer]))

    def sever(self, one: Node, other: Node) -> None:
        """The network between two carries nothing any more, though all others reach both."""
        self._severed.add(frozenset({one.peer, other.peer}))

    def heal(self) -> None:
        """Whoever was severed can connect anew; connections that broke stay broken."""
        for pair in self._severed:
            one, other = (self.nodes[peer] for peer in pair)
            self._broken |= {
                (pair, node.links[far]) for node, far in ((one, other.peer), (other, one.peer)) if far in node.links
            }
        self._severed.clear()

    def survivors(self) -> list[Node]:
        """Everybody who is still there."""
        return [node for node in self.nodes.values() if node.alive]

    # Time.

    def run(self, seconds: float) -> None:
        """Let so much virtual time pass."""
        end = self.now + seconds
        while True:
            timer, sleeper = min(
                ((due, node) for node in self.survivors() if (due := node.mesh.next_timer()) is not None),
                key=lambda entry: entry[0],
                default=(end, None),
            )
            arrival = self._pending[0][0] if self._pending else end
            due = min(timer, arrival)
            if due >= end:
                break
            self.now = max(self.now, due)
            if arrival <= timer:
                heapq.heappop(self._pending)[2]()
            elif sleeper is not None:
                sleeper.mesh.handle_timer(now=self.now)
                self.settle(sleeper)
        self.now = end

    def settle(self, node: Node) -> None:
        """The driver's ritual: carry out the actions, note the events."""
        for action in node.mesh.actions():
            match action:
                case SendMessage(peer=peer, message=message):
                    self._send(node, peer, message)
                case MakeOffer(peer=peer, session=session):
                    node.offers.append((peer, session))
                    self._signal(partial(self._offered, node, peer, session))
                case AskAgain(peer=peer, number=number):
                    self._signal(partial(self._asked, node, peer, number))
                case CloseLink(peer=peer):
                    self._close(node, peer)
        node.events += [(self.now, event) for event in node.mesh.events()]

    # What the network does.

    def _add(self, mesh: Mesh) -> Node:
        node = self.nodes[mesh.own_id] = Node(mesh)
        self.settle(node)
        return node

    def _clock(self) -> int:
        return int(self.now * 1000) + next(self._order)

    def _later(self, what: Callable[[], None], at: float | None = None) -> None:
        at = self.now + self._random.uniform(*self._delay) if at is None else at
        heapq.heappush(self._pending, (at, next(self._order), what))

    def _signal(self, what: Callable[[], None]) -> None:
        # The one who carries it introduced the two before, over the same ordered channel.
        self._later(what, self.now + self._delay[1] + self._random.uniform(*self._delay))

    def _there(self, peer: PeerId) -> Node | None:
        node = self.nodes.get(peer)
        return node if node is not None and node.alive else None

    def _send(self, node: Node, peer: PeerId, message: AnyMessage) -> None:
        session = node.links.get(peer)
        if session is None:
            return
        at = self.now + self._random.uniform(*self._delay)
        if isinstance(message, Ping | Pong):
            if self._random.random() < self._ping_loss:
                return
        else:
            # ctl is ordered: nothing overtakes.
            at = self._arrival[node.peer, peer] = max(at, self._arrival.get((node.peer, peer), 0.0))
        self._later(lambda: self._arrived(node, peer, session, encode(message)), at)

    def _arrived(self, sender: Node, peer: PeerId, session: int, data: bytes) -> None:
        node = self._there(peer)
        pair = frozenset({sender.peer, peer})
        broken = pair in self._severed or (pair, session) in self._broken
        if node is None or broken or node.links.get(sender.peer) != session:
            return
        try:
            node.mesh.receive(sender.peer, decode(data), now=self.now)
        except ProtocolError as error:
            node.violations.append(str(error))
        self.settle(node)

    def _offered(self, sender: Node, peer: PeerId, session: int) -> None:
        node = self._there(peer)
        if node is not None and node.mesh.new_session(sender.peer, session, now=self.now):
            self._later(lambda: self._connected(sender, node, session))
            self.settle(node)

    def _connected(self, one: Node, other: Node, session: int) -> None:
        if self._there(one.peer) is not one or self._there(other.peer) is not other:
            return
        if frozenset({one.peer, other.peer}) in self._severed:
            return
        opened = [
            node for node, far in ((one, other), (other, one)) if node.mesh.link_opened(far.peer, session, now=self.now)
        ]
        if len(opened) == 2:
            one.links[other.peer] = other.links[one.peer] = session
        for node in opened:
            self.settle(node)

    def _asked(self, sender: Node, peer: PeerId, number: int) -> None:
        if (node := self._there(peer)) is not None:
            node.mesh.asked_again(sender.peer, number, now=self.now)
            self.settle(node)

    def _close(self, node: Node, peer: PeerId) -> None:
        session = node.links.pop(peer, None)
        if session is not None:
            self._later(lambda: self._closed(node.peer, peer, session))

    def _closed(self, closer: PeerId, peer: PeerId, session: int) -> None:
        node = self._there(peer)
        if node is not None and node.links.get(closer) == session:
            node.mesh.link_lost(closer, session, now=self.now)
            self.settle(node)
