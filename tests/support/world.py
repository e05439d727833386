"""A world of rooms in virtual time: seeded delays, lost beats, cut and healed networks, crashes, pauses, liars.

Signatures are cheap keyed hashes, so that hundreds of peers live through hours in a second. Reliable channels keep
their order; a cut is noticed by both sides after a while, as the mesh notices it.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations, count

from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent, StateChanged
from meshconf.protocol.room.history import History
from meshconf.protocol.room.making import found
from meshconf.protocol.room.messages import Beat, RoomMessage
from meshconf.types import Medium, PeerId

NOTICED_AFTER = 2.0
"""Seconds until a silent link counts as lost."""
SOON = 0.3
"""Seconds until a link stands again once it can."""
RETRY = 0.2
"""Seconds until somebody who is not welcome tries again."""


class Keys:
    """Everybody's keys; knows who signed what."""

    def __init__(self) -> None:
        self._secrets: dict[bytes, bytes] = {}

    def make(self, name: str) -> tuple[bytes, Callable[[bytes], bytes]]:
        """A key pair: the public half, and how to sign."""
        secret = hashlib.sha256(name.encode()).digest()
        public = hashlib.sha256(b"public" + secret).digest()
        self._secrets[public] = secret
        return public, lambda message: _tag(secret, message)

    def verify(self, public: bytes, signature: bytes, message: bytes) -> bool:
        """As `identity.verify`."""
        secret = self._secrets.get(public)
        return secret is not None and signature == _tag(secret, message)


def _tag(secret: bytes, message: bytes) -> bytes:
    return hashlib.blake2b(message, key=secret).digest()


@dataclass
class Peer:
    """One member, its view of the room, and what it was told."""

    name: str
    id: PeerId
    public: bytes
    sign: Callable[[bytes], bytes]
    room: Room
    told: list[tuple[float, RoomEvent]] = field(default_factory=list)
    alive: bool = True
    paused: bool = False
    honest: bool = True
    wanted: list[int] = field(default_factory=list)
    """The numbers of the acts that it asked for."""
    sends: Callable[[str, RoomMessage], RoomMessage | None] = lambda to, message: message
    """Of a liar: what it sends instead of what its room would send to that person; None for nothing."""
    hears: Callable[[str, RoomMessage], bool] = lambda sender, message: True
    """Of a liar: takes note of a message; whether its room gets it too."""


class World:
    """Peers, the links between them, and time."""

    def __init__(self, seed: int = 0, *, delay: tuple[float, float] = (0.001, 0.08), loss: float = 0.05) -> None:
        self.random = random.Random(seed)
        self.now = 1000.0
        self.keys = Keys()
        self.peers: dict[str, Peer] = {}
        self.checks: list[Callable[[], None]] = []
        """Called after every step."""
        self._delay, self._loss = delay, loss
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._cut: set[frozenset[str]] = set()
        self._sees: set[tuple[str, str]] = set()
        """Who holds its link to whom for standing."""
        self._up: dict[frozenset[str], int] = {}
        """Networks that carry; the number tells one period from the next."""
        self._since: dict[frozenset[str], float] = {}
        """Since when links stand."""
        self._arrivals: dict[tuple[str, str], float] = {}
        self._timers: dict[str, float] = {}
        self._names: dict[PeerId, str] = {}
        self._coming: dict[str, list[tuple[str, PeerId]]] = {}
        """Whom each doorman is about to let in."""

    # Setting the stage.

    def founder(self, name: str = "host") -> Peer:
        """The creator of the room."""
        public, sign = self.keys.make(name)
        entry = found(peer_id_of(public), public, "stand-up", sign)
        return self._enter(name, public, sign, [entry])

    def gather(self, names: Iterable[str]) -> None:
        """A new room with all of these in it; the first founds it."""
        founder, *others = names
        host = self.founder(founder).room
        for name in others:
            public, _ = self.keys.make(name)
            host.propose(Act(Deed.ADMIT, peer=peer_id_of(public), name=name, public=public), now=self.now)
        host.events()
        entries = host.history.after(host.head, [])
        for name in others:
            self._enter(name, *self.keys.make(name), entries)
        self._rewire()
        self.run(1.0)

    def join(self, name: str, by: str = "host", *, within: float = 8.0) -> Peer:
        """Somebody comes, let in by a member; returns a second after it is admitted."""
        self.knock(name, by)
        self.until(lambda: name in self.peers, within)
        self.run(1.0)
        return self.peers[name]

    def knock(self, name: str, by: str) -> None:
        """Somebody comes to a member's door, and is in as soon as the log says so.

        Raises:
            Refused: the member may not let it in.
        """
        public, _ = self.keys.make(name)
        act = Act(Deed.ADMIT, peer=peer_id_of(public), name=name, public=public)
        doorman = self.peers[by]
        doorman.wanted.append(doorman.room.propose(act, now=self.now))
        self._coming.setdefault(by, []).append((name, peer_id_of(public)))
        self._settle(by)

    def _let_in(self, by: str) -> None:
        doorman = self.peers[by].room
        for name, peer in list(self._coming.get(by, [])):
            if peer in doorman.state.people and name not in self.peers:
                self._coming[by].remove((name, peer))
                # Who comes through the door of one half of a cut network is in that half.
                self._cut |= {frozenset((name, other)) for other in self.peers if frozenset((by, other)) in self._cut}
                self._enter(name, *self.keys.make(name), doorman.history.after(doorman.head, []))
                self._rewire()

    def _enter(self, name: str, public: bytes, sign: Callable[[bytes], bytes], entries: list[Entry]) -> Peer:
        history = History(entries[0], self.keys.verify)
        for entry in entries[1:]:
            history.add(entry)
        own = peer_id_of(public)
        room = Room(own, history, sign=sign, verify=self.keys.verify, now=self.now)
        peer = self.peers[name] = Peer(name, own, public, sign, room)
        self._names[own] = name
        self._wake(peer)
        return peer

    # What happens to people.

    def act(self, name: str, do: Deed, who: str | None = None, kind: Medium | None = None) -> int:
        """Somebody wants something done.

        Raises:
            Refused: its own room forbids it.
        """
        target = self.peers[who].id if who else None
        number = self.peers[name].room.propose(Act(do, peer=target, kind=kind), now=self.now)
        self.peers[name].wanted.append(number)
        self._settle(name)
        return number

    def kill(self, *names: str) -> None:
        """A process dies; the others notice by silence."""
        for name in names:
            self.peers[name].alive = False
        self._rewire()

    def leave(self, name: str) -> None:
        """A clean goodbye."""
        self.peers[name].alive = False
        for other, peer in self.peers.items():
            if (other, name) in self._sees and frozenset((name, other)) in self._up and not peer.paused:
                self._lose(other, name, goodbye=True)
        self._rewire()

    def pause(self, name: str) -> None:
        """A process stands still (SIGSTOP, a closed lid)."""
        self.peers[name].paused = True
        self._rewire()

    def resume(self, name: str) -> None:
        """It goes on, and finds out about its links itself."""
        self.peers[name].paused = False
        self._wake(self.peers[name])
        self._rewire()

    def partition(self, *groups: Iterable[str]) -> None:
        """Only those within one group reach each other."""
        place = {name: at for at, group in enumerate(groups) for name in group}
        pairs = combinations(self.peers, 2)
        self._cut = {frozenset(pair) for pair in pairs if place.get(pair[0], -1) != place.get(pair[1], -1)}
        self._rewire()

    def heal(self) -> None:
        """Everybody reaches everybody."""
        self._cut.clear()
        self._rewire()

    # Time.

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.until(lambda: False, seconds, must=False)

    def until(self, holds: Callable[[], bool], within: float, *, must: bool = True) -> float:
        """Let time pass until something holds; returns how long it took."""
        start, end = self.now, self.now + within
        while not holds():
            if not self._queue or self._queue[0][0] > end:
                self.now = end
                assert not must, "it never came to that"
                return within
            at, _, deed = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            deed()
            for check in self.checks:
                check()
        return self.now - start

    # Who is what.

    def living(self) -> list[Peer]:
        """Honest peers that run."""
        return [peer for peer in self.peers.values() if peer.alive and not peer.paused and peer.honest]

    def hosts(self) -> set[str]:
        """Whom the living hold for the host, by name."""
        return {self._names[peer.room.state.host] for peer in self.living()}

    def linked(self, name: str, other: str) -> bool:
        """Whether both hold the link between them for standing, and it carries."""
        return frozenset((name, other)) in self._up and {(name, other), (other, name)} <= self._sees

    def linked_for(self, name: str, other: str) -> float:
        """Seconds since the link between them stands; 0 when it does not."""
        return self.now - self._since[frozenset((name, other))] if self.linked(name, other) else 0.0

    def agreed(self) -> bool:
        """Whether all living peers have the same log."""
        return len({peer.room.head.digest for peer in self.living()}) == 1

    # Private.

    def _at(self, after: float, deed: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.now + after, next(self._order), deed))

    def _wake(self, peer: Peer) -> None:
        def tick() -> None:
            if not peer.alive or peer.paused or self._timers[peer.name] > self.now:
                return
            peer.room.handle_timer(now=self.now)
            self._settle(peer.name)

        due = peer.room.next_timer()
        if self._timers.get(peer.name, -1.0) != due or due <= self.now:
            self._timers[peer.name] = due
            heapq.heappush(self._queue, (max(due, self.now), next(self._order), tick))

    def _settle(self, name: str) -> None:
        peer = self.peers[name]
        for to, message in peer.room.actions():
            meant = message if peer.honest else peer.sends(self._names[to], message)
            if meant is not None:
                self.send(name, self._names[to], meant)
        if told := peer.room.events():
            peer.told += [(self.now, event) for event in told]
            self._let_in(name)
            if peer.honest and any(isinstance(event, StateChanged) for event in told):
                self._close_unwelcome(peer)
        self._wake(peer)

    def _close_unwelcome(self, peer: Peer) -> None:
        for other in list(self.peers.values()):
            if (peer.name, other.name) in self._sees and not peer.room.welcomes(other.id):
                pair = frozenset((peer.name, other.name))
                if pair in self._up:
                    self._up[pair] = next(self._order)
                    self._at(RETRY, partial(self._stand, peer.name, other.name, self._up[pair]))
                self._lose(peer.name, other.name)
                self._at(self._delay[1], partial(self._hang_up, other.name, peer.name))

    def _hang_up(self, name: str, other: str) -> None:
        runs = self.peers[name].alive and not self.peers[name].paused
        if runs and (name, other) in self._sees and (other, name) not in self._sees:
            self._lose(name, other)

    def send(self, sender: str, to: str, message: RoomMessage) -> None:
        """Put a message on the way, as a liar may too."""
        pair = frozenset((sender, to))
        period = self._up.get(pair)
        if period is None or (isinstance(message, Beat) and self.random.random() < self._loss):
            return
        at = self.now + self.random.uniform(*self._delay)
        if not isinstance(message, Beat):
            at = self._arrivals[sender, to] = max(at, self._arrivals.get((sender, to), 0.0))

        def arrive() -> None:
            peer = self.peers[to]
            if self._up.get(pair) == period and peer.alive and not peer.paused:
                if not peer.honest and not peer.hears(sender, message):
                    return
                peer.room.receive(self.peers[sender].id, message, now=self.now)
                self._settle(to)

        self._at(at - self.now, arrive)

    def _rewire(self) -> None:
        """Begin and end links as people and networks are now."""
        for a, b in combinations(self.peers, 2):
            pair = frozenset((a, b))
            runs = all(self.peers[name].alive and not self.peers[name].paused for name in (a, b))
            if runs and pair not in self._cut:
                if pair not in self._up:
                    self._up[pair] = next(self._order)
                    self._at(SOON * self.random.random(), partial(self._stand, a, b, self._up[pair]))
            else:
                self._up.pop(pair, None)
            for name, other in ((a, b), (b, a)):
                if pair not in self._up and (name, other) in self._sees:
                    self._at(NOTICED_AFTER + 0.2 * self.random.random(), partial(self._notice, name, other))

    def _stand(self, a: str, b: str, period: int) -> None:
        if self._up.get(frozenset((a, b))) != period:
            return
        one, two = self.peers[a], self.peers[b]
        if any(here.honest and not here.room.welcomes(there.id) for here, there in ((one, two), (two, one))):
            # As the mesh does: who is not admitted yet is tried again.
            self._at(RETRY, partial(self._stand, a, b, period))
            return
        self._since[frozenset((a, b))] = self.now
        for here, there in ((one, two), (two, one)):
            if (here.name, there.name) in self._sees:
                self._lose(here.name, there.name)
            self._sees.add((here.name, there.name))
            here.room.linked(there.id, now=self.now)
            self._settle(here.name)

    def _notice(self, name: str, other: str) -> None:
        if frozenset((name, other)) not in self._up and (name, other) in self._sees:
            if self.peers[name].alive and not self.peers[name].paused:
                self._lose(name, other)

    def _lose(self, name: str, other: str, *, goodbye: bool = False) -> None:
        self._sees.discard((name, other))
        self.peers[name].room.unlinked(self.peers[other].id, now=self.now, goodbye=goodbye)
        self._settle(name)
