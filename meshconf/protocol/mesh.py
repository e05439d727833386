"""All peers of one room, as a state machine: who is here, who offers to whom, who is alive.

Pure: messages, transport news and time come in as arguments; actions and events come out. The driver's one ritual
after any motion is: take `actions()`, take `events()`, re-arm for `next_timer()`. Of each pair the smaller id
offers, so two offers never meet; a lost connection is replaced by a new session, never repaired. Who may be here
is not decided here but by the room's log; `welcomes` asks it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from meshconf.errors import ProtocolError
from meshconf.protocol.agreement import digest
from meshconf.protocol.departures import Departures
from meshconf.protocol.events import (
    Action,
    AskAgain,
    CloseLink,
    MakeOffer,
    MeshEvent,
    PeerChanged,
    SendMessage,
    SourcesChanged,
    Stranded,
    Superseded,
)
from meshconf.protocol.foothold import Foothold
from meshconf.protocol.membership import is_genuine
from meshconf.protocol.messages import (
    MAX_PEOPLE,
    AnyMessage,
    Introduce,
    Leave,
    Member,
    Ping,
    Pong,
    Sources,
)
from meshconf.protocol.peer import PING_EVERY, SILENT_AFTER, LinkState, Peer
from meshconf.types import PeerId, PeerState, SourceKind

STRANGERS = 8
"""Members that we know from hearsay alone and have not reached; a member that invents more is not believed."""

ATTEMPTS = 3
"""Attempts to reach a newcomer until it is given up."""


class Mesh:
    """The members of one room and our connections to them.

    Three things move it: the user's verbs (`set_sources`, `leave`), the network (`receive`, `link_opened`,
    `link_lost`), and time (`handle_timer`).
    """

    def __init__(
        self,
        own: Member,
        *,
        founder: bool,
        welcomes: Callable[[PeerId], bool] = lambda peer: True,
        genuine: Callable[[Member], bool] = is_genuine,
    ) -> None:
        self.own = own
        self._welcomes = welcomes
        self._genuine = genuine
        self._peers: dict[PeerId, Peer] = {}
        self._unadmitted: dict[PeerId, Member] = {}
        """Who was introduced to us before the news of the admission came, or without one."""
        self._departures = Departures()
        self._foothold = Foothold(needed=not founder)
        self._offered = 0
        """The last session number that we offered, to anybody: so it grows for each pair, over all its returns."""
        self._asked = 0
        """How often we asked anybody for a new offer."""
        self._sources: frozenset[SourceKind] = frozenset()
        self._ping = 0
        self._actions: deque[Action] = deque()
        self._events: deque[MeshEvent] = deque()

    # What the driver takes out.

    def actions(self) -> list[Action]:
        """Take what is to be done now, in order."""
        taken, self._actions = list(self._actions), deque()
        return taken

    def events(self) -> list[MeshEvent]:
        """Take what happened, in order."""
        taken, self._events = list(self._events), deque()
        return taken

    def next_timer(self) -> float | None:
        """When `handle_timer` is due next, or None while there is nobody to wait for."""
        due = [peer.due for peer in self._peers.values()]
        return min([*due, self._foothold.due] if self._foothold.due is not None else due, default=None)

    # What others may ask.

    @property
    def own_id(self) -> PeerId:
        """Our own id."""
        return PeerId(self.own.peer)

    @property
    def members(self) -> list[Member]:
        """Everybody, ourselves included, in the order of joining."""
        everybody = [self.own, *(peer.member for peer in self._peers.values())]
        return sorted(everybody, key=lambda member: (member.joined, member.peer))

    def present(self) -> list[PeerId]:
        """Ids of everybody, ourselves included, in the order of joining."""
        return [PeerId(member.peer) for member in self.members]

    def member(self, peer: PeerId) -> Member | None:
        """The roster's entry for a remote peer."""
        found = self._peers.get(peer)
        return found.member if found else None

    def author(self, peer: PeerId) -> Member | None:
        """The entry by which signals of a peer are checked: whom we lost may still call us."""
        return self.member(peer) or self._departures.missed(peer)

    def link(self, peer: PeerId) -> LinkState | None:
        """The state of our connection to a peer."""
        found = self._peers.get(peer)
        return found.link if found else None

    def connected(self) -> list[PeerId]:
        """Peers that we can send to now."""
        return [peer for peer, entry in self._peers.items() if entry.link is LinkState.CONNECTED]

    def reached(self) -> list[Member]:
        """Ourselves and everybody to whom we are connected now."""
        return [self.own, *(entry.member for entry in self._peers.values() if entry.link is LinkState.CONNECTED)]

    def missing(self, *, now: float) -> dict[PeerId, float]:
        """Who belongs here, went without a goodbye and is seen by nobody whom we reach; and since when."""
        lost = self._departures.missing(now=now)
        lost |= {peer: since for peer, entry in self._peers.items() if (since := entry.missing_since) is not None}
        return {peer: since for peer, since in lost.items() if self._welcomes(peer)}

    def sources_of(self, peer: PeerId) -> frozenset[SourceKind]:
        """What a remote peer says that it sends."""
        found = self._peers.get(peer)
        return found.sources if found else frozenset()

    def offers_to(self, peer: PeerId) -> bool:
        """Whether we are the one who offers in this pair."""
        return self.own.peer < peer

    def seat(self, peer: PeerId, *, now_ms: int) -> int:
        """The moment of joining for a newcomer: now, yet later than any entry of the same person that we know."""
        known = self._peers.get(peer)
        return max(now_ms, self._departures.joined(peer) + 1, known.member.joined + 1 if known else 0)

    # The user's verbs.

    def set_sources(self, on: Iterable[SourceKind]) -> None:
        """Say what we send, to all now and to everybody who comes."""
        self._sources = frozenset(on)
        self._broadcast(Sources(on=sorted(self._sources)))

    def leave(self) -> None:
        """Say goodbye to everybody."""
        self._broadcast(Leave())

    # The roster.

    def admit(
        self, members: Iterable[Member], *, now: float, at_most: int = MAX_PEOPLE, seen: bool = False
    ) -> list[Member]:
        """Take members into the roster, connect to them, and pass the news on.

        Entries of people who left are old news and are skipped, and so are those that their owner did not sign; a
        later `joined` is a return. Whom we merely lost comes back when a member has `seen` it, being connected to it.
        Returns the new ones, `at_most` so many.
        """
        fresh: list[Member] = []
        for member in members:
            if len(fresh) >= at_most:
                break
            if not self._is_news(member, seen=seen, now=now) or not self._genuine(member):
                continue
            peer = PeerId(member.peer)
            if not self._welcomes(peer):
                self._keep_waiting(member)
                continue
            if peer in self._peers:
                if self.link(peer) is LinkState.CONNECTED:
                    # Whoever is here twice with one key, on two computers, hears on the first that it is over there.
                    self._actions.append(SendMessage(peer, Introduce(members=[member])))
                self._forget(peer)
            elif len(self._peers) + 1 >= MAX_PEOPLE:
                continue
            fresh.append(member)
            returns = self._departures.missed(peer) == member
            before = self._departures.take_back(member)
            self._peers[peer] = Peer(
                member,
                since=now,
                heard=now,
                session=before.session,
                asked=before.asked,
                failures=before.failures,
                returns=returns,
                missing_since=before.since if returns and now >= before.seen_until else None,
            )
            self._events.append(PeerChanged(member, PeerState.CONNECTING))
            if self.offers_to(peer):
                self._offer(peer)
        if fresh:
            if self._foothold.due is None:
                self._foothold.awaited(now=now)
            self._broadcast(Introduce(members=fresh), but={PeerId(member.peer) for member in fresh})
        return fresh

    def reconsider(self, *, now: float) -> list[Member]:
        """The room's log changed: let go whom it does not name any more, take in who waited; returns those."""
        for peer in [peer for peer in self._peers if not self._welcomes(peer)]:
            self._departures.left(self._peers[peer].member)
            self._forget(peer)
        waiting = [member for peer, member in self._unadmitted.items() if self._welcomes(peer)]
        self._unadmitted = {peer: m for peer, m in self._unadmitted.items() if not self._welcomes(peer)}
        return self.admit(waiting, now=now) if waiting else []

    def call(self, peer: PeerId, *, now: float) -> None:
        """A road to somebody opened to whom no connection stands: try now, not only when an attempt has failed."""
        entry = self._peers.get(peer)
        if entry is None or entry.link is LinkState.CONNECTED or (self.offers_to(peer) and now - entry.since < 1.0):
            return
        entry.since = now
        self._ask_anew(peer)

    # The network.

    def link_opened(self, peer: PeerId, session: int, *, now: float) -> bool:
        """A connection stands and its owner proved its identity; False for one that we no longer want."""
        entry = self._peers.get(peer)
        if entry is None or session < entry.session:
            return False
        entry.session, entry.since, entry.heard = session, now, now
        entry.attempts, entry.failures = 1, 0
        entry.missing_since = None
        entry.next_ping = now
        self._foothold.gained()
        self._enter(entry, LinkState.CONNECTED)
        self._actions.append(SendMessage(peer, Introduce(members=self.members)))
        if entry.returns:
            # Where a cut network heals, this may be the first link between two halves that lost each other.
            entry.returns = False
            self._actions.append(SendMessage(peer, Introduce(members=self.reached(), seen=True)))
            self._broadcast(Introduce(members=[entry.member], seen=True), but={peer})
        self._actions.append(SendMessage(peer, Sources(on=sorted(self._sources))))
        return True

    def link_lost(self, peer: PeerId, session: int, *, now: float) -> None:
        """A connection broke that nobody meant to close."""
        entry = self._peers.get(peer)
        if entry is None or session != entry.session:
            return
        if entry.link is LinkState.CONNECTED:
            self._reconnect(entry, now)

    def is_old_session(self, peer: PeerId, session: int) -> bool:
        """Whether an offer is one that was answered before, and that somebody repeats."""
        entry = self._peers.get(peer)
        return entry is not None and session <= entry.session

    def new_session(self, peer: PeerId, session: int, *, now: float) -> bool:
        """An offer came in; whether to answer it (a newer session of somebody whom we know)."""
        self._take_back(self._departures.called(peer, session=session), now)
        entry = self._peers.get(peer)
        if entry is None or self.offers_to(peer) or session <= entry.session:
            return False
        entry.session = session
        if entry.link is LinkState.CONNECTED:
            self._enter(entry, LinkState.RECONNECTING)
        entry.since = now
        self._foothold.awaited(now=now)
        return True

    def answered(self, *, now: float) -> None:
        """The answer to an offer of ours came in: an attempt to connect begins."""
        self._foothold.awaited(now=now)

    def asked_again(self, peer: PeerId, number: int, *, now: float) -> bool:
        """The peer lost its connection to us and asks for a new offer; we may not have noticed yet.

        Its `number` grows with each request: whoever carried an old one cannot use it again.

        Returns:
            Whether it was new.
        """
        self._take_back(self._departures.called(peer, asked=number), now)
        entry = self._peers.get(peer)
        if entry is None or not self.offers_to(peer) or number <= entry.asked:
            return False
        entry.asked = number
        if now - entry.since >= 1.0:
            entry.since = now
            if entry.link is LinkState.CONNECTED:
                self._enter(entry, LinkState.RECONNECTING)
            self._offer(peer)
        return True

    def receive(self, peer: PeerId, message: AnyMessage, *, now: float) -> None:
        """A message from a connected peer.

        Raises:
            ProtocolError: it is none of those that a member may send us here.
        """
        entry = self._peers.get(peer)
        if entry is None:
            return
        entry.heard = now
        match message:
            case Ping(n=n, roster=roster):
                self._actions.append(SendMessage(peer, Pong(n=n)))
                if roster and entry.agreement.compare(digest(self.reached()), roster, now=now):
                    self._actions.append(SendMessage(peer, Introduce(members=self.reached(), seen=True)))
            case Pong():
                pass
            case Introduce(members=members, seen=seen):
                if seen:
                    self._note_seen(members, now)
                if any(self._is_later_visit(member) for member in members):
                    self._events.append(Superseded())
                unreached = sum(entry.link is LinkState.CONNECTING for entry in self._peers.values())
                self.admit(members, now=now, at_most=STRANGERS - unreached, seen=seen)
            case Sources(on=on):
                self._take_sources(entry, frozenset(on))
            case Leave():
                self._departures.left(entry.member)
                self._forget(peer, goodbye=True)
            case _:
                raise ProtocolError(f"{type(message).__name__} has no place here")

    # Time.

    def handle_timer(self, *, now: float) -> None:
        """Ping, notice silence, try again, give up: whatever is due at `now`."""
        for peer, entry in list(self._peers.items()):
            if now < entry.due:
                continue
            match entry.link:
                case LinkState.CONNECTED if now >= entry.heard + SILENT_AFTER:
                    self._reconnect(entry, now)
                case LinkState.CONNECTED:
                    self._ping += 1
                    entry.next_ping = now + PING_EVERY
                    self._actions.append(SendMessage(peer, Ping(n=self._ping, roster=digest(self.reached()))))
                case LinkState.RECONNECTING:
                    self._give_up(entry, failures=0, now=now)
                case LinkState.CONNECTING if entry.attempts >= ATTEMPTS:
                    self._give_up(entry, failures=entry.failures + 1, now=now)
                case LinkState.CONNECTING:
                    entry.attempts += 1
                    entry.since = now
                    self._ask_anew(peer)
        if self._foothold.missed(alone=not self._peers, now=now):
            self._events.append(Stranded())

    # Private.

    def _note_seen(self, members: Iterable[Member], now: float) -> None:
        for peer in (PeerId(member.peer) for member in members):
            self._departures.seen(peer, now=now)
            entry = self._peers.get(peer)
            if entry is not None and entry.missing_since is not None:
                # What we sent so far may have gone nowhere; now there is a road.
                entry.missing_since, entry.since = None, now
                self._ask_anew(peer)

    def _take_back(self, caller: Member | None, now: float) -> None:
        if caller is not None:
            self.admit([caller], now=now, seen=True)

    def _is_news(self, member: Member, *, seen: bool, now: float) -> bool:
        if member.peer == self.own_id:
            return False
        known = self._peers.get(PeerId(member.peer))
        if known is not None:
            return member.joined > known.member.joined
        return self._departures.allows(member, seen=seen, now=now)

    def _is_later_visit(self, member: Member) -> bool:
        return member.peer == self.own_id and member.joined > self.own.joined and self._genuine(member)

    def _enter(self, entry: Peer, link: LinkState) -> None:
        if entry.link is not link:
            entry.link = link
            self._events.append(PeerChanged(entry.member, link.shown))

    def _reconnect(self, entry: Peer, now: float) -> None:
        entry.since = now
        self._enter(entry, LinkState.RECONNECTING)
        self._ask_anew(entry.id)

    def _ask_anew(self, peer: PeerId) -> None:
        if self.offers_to(peer):
            self._offer(peer)
        else:
            self._asked += 1
            self._actions.append(AskAgain(peer, self._asked))

    def _offer(self, peer: PeerId) -> None:
        self._offered = self._peers[peer].session = self._offered + 1
        self._actions.append(MakeOffer(peer, self._offered))

    def _take_sources(self, entry: Peer, on: frozenset[SourceKind]) -> None:
        peer = entry.id
        for source in sorted(on ^ entry.sources):
            self._events.append(SourcesChanged(peer, source, source in on))
        entry.sources = on

    def _keep_waiting(self, member: Member) -> None:
        peer = PeerId(member.peer)
        known = self._unadmitted.pop(peer, member)
        self._unadmitted[peer] = max(known, member, key=lambda entry: entry.joined)
        if len(self._unadmitted) > MAX_PEOPLE:
            del self._unadmitted[next(iter(self._unadmitted))]

    def _forget(self, peer: PeerId, *, goodbye: bool = False) -> None:
        entry = self._peers.pop(peer)
        self._take_sources(entry, frozenset())
        self._actions.append(CloseLink(peer))
        self._events.append(PeerChanged(entry.member, PeerState.LEFT, goodbye))

    def _give_up(self, entry: Peer, *, failures: int, now: float) -> None:
        self._departures.lost(entry.member, session=entry.session, asked=entry.asked, failures=failures, now=now)
        self._forget(entry.id)

    def _broadcast(self, message: AnyMessage, *, but: frozenset[PeerId] | set[PeerId] = frozenset()) -> None:
        self._actions.extend(SendMessage(peer, message) for peer in self.connected() if peer not in but)
