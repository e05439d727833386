"""The asyncio shell of `protocol.mesh` and `protocol.room`: feeds messages, signals and time in.

After any motion of one of them it performs the one ritual: carry out the actions, hand the events on, re-arm the timer.
Peer connections are built by `connections`, signals made and checked by `signals`. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from meshconf.conference.allowance import Allowance, Rate
from meshconf.conference.application import Application, ApplicationMessage
from meshconf.conference.connections import Connections
from meshconf.conference.endings import sentence
from meshconf.conference.session import Session
from meshconf.conference.signals import Route, Signals
from meshconf.conference.tasks import Tasks
from meshconf.errors import ProtocolError
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.probing import ProbePlan
from meshconf.protocol.control.messages import ControlMotion, Pointing
from meshconf.protocol.events import AskAgain, CloseLink, MakeOffer, PeerChanged, SendMessage, Stranded, Superseded
from meshconf.protocol.identity import Identity
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import (
    AnyMessage,
    Hello,
    Introduce,
    Leave,
    Member,
    Ping,
    Pong,
    Relay,
    Signal,
    decode,
    encode,
)
from meshconf.protocol.peer import LinkState
from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import StateChanged
from meshconf.protocol.room.messages import Beat, RoomMessage
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.feed import Feed
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.link import PeerLink
from meshconf.types import Ending, PeerId, PeerState, SourceKind

if TYPE_CHECKING:
    from meshconf.media.encoded import EncodedFrame
    from meshconf.rtc.incoming import SoundPacket

log = logging.getLogger("meshconf.conference")

FROM_ONE = Rate(messages=50, burst=200, bytes=65_536, burst_bytes=524_288)
"""What a peer may send us, over all its connections: rosters of 6 kB and descriptions of 12 kB come in bursts of 31."""

OFFERS = Rate(messages=0.5, burst=6, bytes=65_536, burst_bytes=524_288)
"""Offers that a peer may make us, or we it: each costs a peer connection. An honest one needs one in ten seconds."""

FLEETING_FROM_ONE = Rate(messages=200, burst=400, bytes=32_768, burst_bytes=131_072)
"""The same on rt, where pointers move."""

FLEETING = (Ping, Pong, Beat, ControlMotion, Pointing)
"""What travels on rt: the next one makes up for a lost one."""


class Driver:
    """Drives one `Mesh` and its `Room`: everything between the pure core and the peer connections."""

    def __init__(
        self,
        mesh: Mesh,
        room: Room,
        *,
        identity: Identity,
        feeds: Mapping[SourceKind, Feed],
        ice: IceConfig,
        application: Application,
        probe: Callable[[LinkEstimator, float], ProbePlan | None] = LinkEstimator.probe,
        make_link: Callable[..., PeerLink] = PeerLink,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mesh = mesh
        self.room = room
        self.application = application
        self._identity = identity
        self._clock = clock
        self._tasks = Tasks()
        certificate = Certificate.generate()
        self._signals = Signals(
            mesh,
            room=room.id,
            identity=identity,
            fingerprint=certificate.fingerprint,
            send=self.send,
            deliver=self._deliver,
            clock=clock,
        )
        self._allowed = Allowance(FROM_ONE)
        self._allowed_fleeting = Allowance(FLEETING_FROM_ONE)
        self._offers = Allowance(OFFERS)
        self._connections = Connections(
            self,
            signals=self._signals,
            make_link=partial(make_link, certificate=certificate, ice=ice, feeds=feeds, probe=probe),
            wanted=lambda peer: mesh.member(peer) is not None,
        )
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    # Verbs of the conference.

    def admit(self, members: list[Member], *, by: PeerId | None = None, seen: bool = False) -> None:
        """Take members into the mesh, also those whom we lost if they are `seen`; `by` can carry signals to them."""
        for member in self.mesh.admit(members, now=self._clock(), seen=seen):
            if by is not None:
                self._signals.introduced(PeerId(member.peer), by)
        self.settle()

    def reunite(self, members: list[Member], *, by: PeerId) -> None:
        """Take back people whom we lost and to whom `by` is connected, and call those whom we do not reach."""
        now = self._clock()
        self.mesh.admit(members, now=now, seen=True)
        for peer in (PeerId(member.peer) for member in members):
            if self.mesh.link(peer) not in (None, LinkState.CONNECTED):
                self._signals.introduced(peer, by)
                self.mesh.call(peer, now=now)
        self.settle()

    def learn(self, entries: list[Entry]) -> None:
        """Take entries of the room's log that came over a sealed channel.

        Raises:
            ProtocolError: one of them is wrong.
        """
        try:
            self.room.learn(entries, now=self._clock())
        finally:
            self.settle()

    def missing(self) -> dict[PeerId, float]:
        """Who was lost without a goodbye, is seen by nobody whom we reach, and for how many seconds."""
        now = self._clock()
        return {peer: now - since for peer, since in self.mesh.missing(now=now).items()}

    def add_route(self, peer: PeerId, route: Route) -> None:
        """Signals to this peer, and by default to whomever it introduces, may go over a sealed channel."""
        self._signals.add_route(peer, route)

    def drop_route(self, peer: PeerId, route: Route) -> None:
        """The sealed channel is gone."""
        self._signals.drop_route(peer, route)

    def take_signal(self, signal: Signal, *, carrier: PeerId) -> None:
        """A signal arrived over a sealed channel."""
        self._signals.take(signal, carrier=carrier)
        self.settle()

    def link(self, peer: PeerId) -> PeerLink | None:
        """The peer connection in use with a peer."""
        return self._connections.link(peer)

    def links(self) -> dict[PeerId, PeerLink]:
        """The peer connections in use."""
        return self._connections.links()

    def send(self, peer: PeerId, message: AnyMessage) -> bool:
        """Send one message over the peer's own connection; False when it cannot be."""
        link = self.link(peer)
        if link is None:
            return False
        return link.send("rt" if isinstance(message, FLEETING) else "ctl", encode(message))

    def broadcast(self, message: AnyMessage) -> None:
        """Send one message to everybody connected."""
        for peer in self.mesh.connected():
            self.send(peer, message)

    async def close(self) -> None:
        """Say goodbye and release every connection."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.mesh.leave()
        for action in self.mesh.actions():
            if isinstance(action, SendMessage) and isinstance(action.message, Leave):
                self.send(action.peer, action.message)
        await self._connections.close()
        await self._signals.close()
        await self._tasks.close()

    # The ritual.

    def settle(self) -> None:
        """Carry out what mesh and room ask for, hand on what happened, wake up when they want to be woken."""
        while self._settle_mesh() or self._settle_room():
            self._signals.take_early()
        if self._timer is not None:
            self._timer.cancel()
        if self._closed:
            return
        mesh_due = self.mesh.next_timer()
        due = self.room.next_timer() if mesh_due is None else min(mesh_due, self.room.next_timer())
        self._timer = asyncio.get_running_loop().call_later(max(0.0, due - self._clock()), self.handle_timer)

    def handle_timer(self) -> None:
        """The time has come that mesh or room waited for."""
        self._timer = None
        self.mesh.handle_timer(now=self._clock())
        self.room.handle_timer(now=self._clock())
        self.settle()

    def _settle_mesh(self) -> bool:
        actions, events = self.mesh.actions(), self.mesh.events()
        for action in actions:
            match action:
                case SendMessage(peer=peer, message=message):
                    self.send(peer, message)
                case MakeOffer(peer=peer, session=number):
                    # Whoever breaks its connections again and again is not offered new ones without end.
                    if self._offers.spend(peer, 0, now=self._clock()):
                        self._connections.offer(peer, number)
                case AskAgain(peer=peer, number=number):
                    self._tasks.spawn(self._signals.send(peer, number, "again"), f"again-{peer}")
                case CloseLink(peer=peer):
                    self._connections.release(peer)
                    if self.mesh.member(peer) is None:
                        self._signals.forget(peer)
        for event in events:
            match event:
                case PeerChanged(state=PeerState.CONNECTED):
                    self.room.linked(PeerId(event.member.peer), now=self._clock())
                case PeerChanged(goodbye=goodbye):
                    self.room.unlinked(PeerId(event.member.peer), now=self._clock(), goodbye=goodbye)
                case Superseded():
                    self._finish(Ending.ELSEWHERE)
                case Stranded():
                    self._finish(Ending.STRANDED)
            self.application.happened(event)
        return bool(actions or events)

    def _finish(self, ending: Ending) -> None:
        self.application.notice(sentence(ending))
        self.application.finish(ending)

    def _settle_room(self) -> bool:
        actions, events = self.room.actions(), self.room.events()
        for peer, message in actions:
            self.send(peer, message)
        for event in events:
            if isinstance(event, StateChanged):
                self.mesh.reconsider(now=self._clock())
            self.application.decided(event)
        return bool(actions or events)

    def _deliver(self, signal: Signal, carrier: PeerId) -> None:
        """A signal for us that its sender signed."""
        peer, now = PeerId(signal.sender), self._clock()
        match signal.kind:
            case "offer":
                if self.mesh.is_old_session(peer, signal.session):
                    return  # whoever repeats it does not use up what its author is allowed
                allowed = self._offers.spend(peer, len(signal.sdp), now=now)
                if allowed and self.mesh.new_session(peer, signal.session, now=now):
                    self._signals.introduced(peer, carrier)
                    self._connections.answer(peer, signal)
            case "answer":
                if self._connections.accept(peer, signal):
                    self.mesh.answered(now=now)
            case "again":
                if self.mesh.asked_again(peer, signal.session, now=now):
                    self._signals.introduced(peer, carrier)

    # What the sessions report.

    def session_open(self, session: Session) -> None:
        """All channels are open: prove who we are."""
        session.link.send("ctl", encode(session.hello(self._identity, self.mesh.own)))

    def session_lost(self, session: Session) -> None:
        """The connection failed or closed without being asked to."""
        if self._connections.in_the_making(session):
            self._connections.discard(session)
        elif self._connections.in_use(session):
            self.mesh.link_lost(session.peer, session.number, now=self._clock())
            self.settle()

    def session_sound(self, session: Session, source: SourceKind, packet: SoundPacket) -> None:
        """Sound of a peer; only that of the connection in use is heard."""
        if self._connections.in_use(session):
            self.application.heard(session.peer, source, packet)

    def session_picture(self, session: Session, source: SourceKind, frame: EncodedFrame) -> None:
        """A picture of a peer; only those of the connection in use are seen."""
        if self._connections.in_use(session):
            self.application.saw(session.peer, source, frame)

    def session_message(self, session: Session, channel: str, data: bytes) -> None:
        """Bytes from a peer: check, then dispatch. What breaks the protocol ends that peer's link, nothing else.

        A session that was replaced or given up says nothing any more: its goodbye is that of an earlier visit.
        """
        in_use = self._connections.in_use(session)
        if not in_use and not self._connections.in_the_making(session):
            return
        try:
            allowed = self._allowed_fleeting if channel == "rt" else self._allowed
            if not allowed.spend(session.peer, len(data), now=self._clock()):
                raise ProtocolError("too many messages")
            if channel == "bulk":
                raise ProtocolError("nothing travels on bulk in this version")
            if in_use:
                self._dispatch(session, channel, decode(data))
            elif channel == "ctl":
                self._greet(session, decode(data))
            # A first ping on rt may overtake a hello that has to be sent twice.
        except ProtocolError as error:
            log.warning("peer %s breaks the protocol: %s", session.peer, error)
            self._connections.discard(session)
            if in_use:
                self.mesh.link_lost(session.peer, session.number, now=self._clock())
        self.settle()

    def _dispatch(self, session: Session, channel: str, message: AnyMessage) -> None:
        peer = session.peer
        match message:
            case Ping() | Pong():
                self.mesh.receive(peer, message, now=self._clock())
            case Beat():
                self.room.receive(peer, message, now=self._clock())
            case ControlMotion() | Pointing():
                self.application.received(peer, message)
            case _ if channel != "ctl":
                raise ProtocolError(f"{type(message).__name__} belongs on ctl")
            case Relay(signal=signal):
                self._signals.take(signal, carrier=peer)
            case _ if isinstance(message, ApplicationMessage):
                self.application.received(peer, message)
            case Introduce(members=members, seen=seen):
                # Whoever is connected to somebody carries better than whoever named it first.
                useless = (None, LinkState.CONNECTING) if seen else (None,)
                others = [other for m in members if self.mesh.link(other := PeerId(m.peer)) in useless]
                self.mesh.receive(peer, message, now=self._clock())
                for other in others:
                    self._signals.introduced(other, peer)
            case Hello():
                session.prove(message)
            case _ if isinstance(message, RoomMessage):
                self.room.receive(peer, message, now=self._clock())
            case _:
                self.mesh.receive(peer, message, now=self._clock())

    def _greet(self, session: Session, message: AnyMessage) -> None:
        if not isinstance(message, Hello):
            raise ProtocolError("the first message must be hello")
        session.prove(message)
        if not self.mesh.link_opened(session.peer, session.number, now=self._clock()):
            self._connections.discard(session)
            return
        self._connections.adopt(session)
        self.application.greeted(session.peer)
