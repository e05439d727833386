"""The asyncio shell of `protocol.mesh`: builds peer connections, carries signals, feeds messages and time in.

After any motion of the mesh it performs the one ritual: carry out the actions, hand the events on, re-arm the timer.
Signals travel by the best road there is: a sealed signaling channel, the peer's own ctl channel, or a member who
knows both. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from meshconf.conference.tasks import Tasks
from meshconf.errors import MeshconfError, ProtocolError
from meshconf.protocol.events import AskAgain, CloseLink, Event, MakeOffer, SendMessage
from meshconf.protocol.identity import Identity, peer_id_of, verify
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import (
    AnyMessage,
    DoorKeys,
    Hello,
    Leave,
    Member,
    Ping,
    Pong,
    Relay,
    Signal,
    Want,
    WrongGuess,
    decode,
    encode,
)
from meshconf.protocol.peer import Link
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.feed import PacketFeed
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.link import PeerLink
from meshconf.types import PeerId, SourceKind

if TYPE_CHECKING:
    import av

log = logging.getLogger("meshconf.conference")

EXPORTER = "EXPORTER-meshconf"
CTL_RATE = 50.0
"""Messages a second that a peer may send us over ctl in the long run."""
CTL_BURST = 200.0

EARLY = 16
"""Signals of people not yet introduced that are kept."""

Route = Callable[[AnyMessage], Awaitable[None]]
"""Sends one message over a sealed signaling channel."""


class Application(Protocol):
    """What the driver needs of the conference above it."""

    def happened(self, event: Event) -> None:
        """Something changed in the mesh."""

    def received(self, peer: PeerId, message: DoorKeys | Want | WrongGuess) -> None:
        """A message that is not the mesh's business."""

    def heard(self, peer: PeerId, source: SourceKind, samples: npt.NDArray[np.int16]) -> None:
        """Sound of a peer: mono, 48 kHz."""

    def saw(self, peer: PeerId, source: SourceKind, frame: av.VideoFrame) -> None:
        """A decoded picture of a peer: yuv420p."""

    def greeted(self, peer: PeerId) -> None:
        """A peer's connection stands, its identity is proven."""


@dataclass(slots=True, eq=False)
class _Session:
    """One peer connection, from first description to close; listener of its link."""

    driver: Driver
    peer: PeerId
    number: int
    link: PeerLink | None = None
    proven: bool = False
    allowance: float = CTL_BURST
    refilled: float = 0.0

    def link_state(self, link: PeerLink, state: str) -> None:
        if state in ("failed", "closed", "disconnected"):
            self.driver.session_lost(self)

    def link_open(self, link: PeerLink) -> None:
        self.driver.session_open(self)

    def link_message(self, link: PeerLink, channel: str, data: bytes) -> None:
        self.driver.session_message(self, channel, data)

    def link_audio(self, link: PeerLink, source: SourceKind, samples: npt.NDArray[np.int16]) -> None:
        if self.proven:
            self.driver.application.heard(self.peer, source, samples)

    def link_picture(self, link: PeerLink, source: SourceKind, frame: av.VideoFrame) -> None:
        if self.proven:
            self.driver.application.saw(self.peer, source, frame)


class Driver:
    """Drives one `Mesh`: everything between the pure core and the peer connections."""

    def __init__(
        self,
        mesh: Mesh,
        *,
        room: str,
        identity: Identity,
        feeds: Mapping[SourceKind, PacketFeed],
        ice: IceConfig,
        application: Application,
    ) -> None:
        self.mesh = mesh
        self.application = application
        self._room = room
        self._identity = identity
        self._feeds = feeds
        self._ice = ice
        self._certificate = Certificate.generate()
        self._tasks = Tasks()
        self._routes: dict[PeerId, Route] = {}
        self._introducers: dict[PeerId, PeerId] = {}
        self._current: dict[PeerId, _Session] = {}
        """The session over which we talk to each peer."""
        self._trying: dict[PeerId, _Session] = {}
        """The session that is being built; replaces the current one once it stands (make before break)."""
        self._early: dict[PeerId, tuple[Signal, PeerId]] = {}
        """Signals that came before the news of who sent them."""
        self._timer: asyncio.TimerHandle | None = None

    # Verbs of the conference.

    def admit(self, members: list[Member], *, by: PeerId | None = None) -> None:
        """Take members into the mesh; `by` is whoever can carry signals to them."""
        for member in self.mesh.admit(members, now=time.monotonic()):
            if by is not None:
                self._introducers[PeerId(member.peer)] = by
        self.settle()

    def add_route(self, peer: PeerId, route: Route) -> None:
        """Signals to this peer, and by default to whomever it introduces, may go over a sealed channel."""
        self._routes[peer] = route

    def drop_route(self, peer: PeerId, route: Route) -> None:
        """The sealed channel is gone."""
        if self._routes.get(peer) == route:
            del self._routes[peer]

    def link(self, peer: PeerId) -> PeerLink | None:
        """The peer connection in use with a peer."""
        session = self._current.get(peer)
        return session.link if session else None

    def send(self, peer: PeerId, message: AnyMessage) -> bool:
        """Send one message over the peer's own connection; False when it cannot be."""
        link = self.link(peer)
        if link is None:
            return False
        return link.send("rt" if isinstance(message, Ping | Pong) else "ctl", encode(message))

    def broadcast(self, message: AnyMessage) -> None:
        """Send one message to everybody connected."""
        for peer in self.mesh.connected():
            self.send(peer, message)

    async def close(self) -> None:
        """Say goodbye and release every connection."""
        if self._timer is not None:
            self._timer.cancel()
        self.mesh.leave()
        for action in self.mesh.actions():
            if isinstance(action, SendMessage) and isinstance(action.message, Leave):
                self.send(action.peer, action.message)
        # From here on a link that closes is one that we let go, not one that we lost.
        sessions = [*self._current.values(), *self._trying.values()]
        self._current.clear()
        self._trying.clear()
        # The goodbyes leave with the next turns of the loop, before the associations are torn down.
        await asyncio.sleep(0.05)
        await self._tasks.close()
        await asyncio.gather(*(session.link.close() for session in sessions if session.link), return_exceptions=True)

    # The ritual.

    def settle(self) -> None:
        """Carry out what the mesh asks for, hand on what happened, wake up when it wants to be woken."""
        while (actions := self.mesh.actions()) or (events := self.mesh.events()):
            for action in actions:
                match action:
                    case SendMessage(peer=peer, message=message):
                        self.send(peer, message)
                    case MakeOffer(peer=peer, session=number):
                        self._tasks.spawn(self._offer(peer, number), f"offer-{peer}")
                    case AskAgain(peer=peer, number=number):
                        self._tasks.spawn(self._signal(peer, number, "again"), f"again-{peer}")
                    case CloseLink(peer=peer):
                        self._retire(self._current.pop(peer, None))
                        self._retire(self._trying.pop(peer, None))
            for event in [] if actions else events:
                self.application.happened(event)
        for peer, (signal, carrier) in list(self._early.items()):
            member = self.mesh.member(peer)
            if member is None or member.joined < signal.joined:
                continue
            del self._early[peer]
            self._tasks.spawn(self.take_signal(signal, carrier=carrier), f"early-{peer}")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.mesh.next_timer()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, due - time.monotonic()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.mesh.handle_timer(now=time.monotonic())
        self.settle()

    # Signals.

    async def take_signal(self, signal: Signal, *, carrier: PeerId) -> None:
        """A signal arrived, by whichever road: ours to act on, or to carry on to its recipient."""
        if signal.room != self._room:
            log.warning("dropped a signal of another room")
            return
        if signal.recipient != self.mesh.own_id:
            await self._carry(signal)
            return
        peer = PeerId(signal.sender)
        member = self.mesh.author(peer)
        if member is None or member.joined < signal.joined:
            # Its introduction is on its way by another road; kept unverified until then, one each, a few in all.
            if len(self._early) < EARLY:
                self._early[peer] = (signal, carrier)
            return
        if signal.joined < member.joined:
            return
        if not verify(member.public, signal.signature, signal.signed_part()):
            log.warning("dropped a signal that its sender did not sign")
            return
        now = time.monotonic()
        match signal.kind:
            case "offer" if self.mesh.new_session(peer, signal.session, now=now):
                self._introducers.setdefault(peer, carrier)
                self._tasks.spawn(self._answer(peer, signal), f"answer-{peer}")
            case "answer":
                session = self._trying.get(peer)
                if session and session.link and session.number == signal.session:
                    self._tasks.spawn(self._accept(session, signal), f"accept-{peer}")
            case "again":
                self.mesh.asked_again(peer, signal.session, now=now)
        self.settle()

    async def _carry(self, signal: Signal) -> None:
        """Pass on to somebody whom we can reach directly; never further, so nothing circles."""
        recipient = PeerId(signal.recipient)
        if route := self._routes.get(recipient):
            await route(Relay(signal=signal))
        elif self.mesh.link(recipient) is Link.CONNECTED:
            self.send(recipient, Relay(signal=signal))

    async def _signal(self, peer: PeerId, session: int, kind: str, sdp: str = "") -> None:
        unsigned = Signal(
            room=self._room,
            sender=self.mesh.own_id,
            joined=self.mesh.own.joined,
            recipient=peer,
            session=session,
            kind=kind,  # type: ignore[arg-type]
            sdp=sdp,
            fingerprint=self._certificate.fingerprint,
        )
        signature = self._identity.sign(unsigned.signed_part())
        signal = msgspec.structs.replace(unsigned, signature=signature)
        if route := self._routes.get(peer):
            await route(signal)
            return
        introducer = self._introducers.get(peer)
        if introducer and (route := self._routes.get(introducer)):
            await route(Relay(signal=signal))
            return
        # The link may live although it looked lost: after a pause of the other machine it is the only road there is.
        self.send(peer, Relay(signal=signal))
        # Any member may carry it; two do, since one of them may have lost the recipient as well.
        carriers = [carrier for carrier in self.mesh.connected() if carrier != peer]
        carriers.sort(key=lambda carrier: carrier != introducer)
        for carrier in carriers[:2]:
            self.send(carrier, Relay(signal=signal))

    async def _offer(self, peer: PeerId, number: int) -> None:
        session = self._begin(peer, number)
        assert session.link is not None
        sdp = await session.link.offer()
        await self._signal(peer, number, "offer", sdp)

    async def _answer(self, peer: PeerId, signal: Signal) -> None:
        session = self._begin(peer, signal.session)
        assert session.link is not None
        try:
            sdp = await session.link.answer(signal.sdp, signal.fingerprint)
        except (MeshconfError, ValueError) as error:
            log.warning("an offer that cannot be answered: %s", error)
            self._discard(session)
            return
        await self._signal(peer, signal.session, "answer", sdp)

    async def _accept(self, session: _Session, signal: Signal) -> None:
        assert session.link is not None
        try:
            await session.link.accept(signal.sdp, signal.fingerprint)
        except (MeshconfError, ValueError) as error:
            log.warning("an answer that cannot be accepted: %s", error)
            self._discard(session)

    def _begin(self, peer: PeerId, number: int) -> _Session:
        self._retire(self._trying.pop(peer, None))
        session = _Session(self, peer, number)
        session.link = PeerLink(certificate=self._certificate, ice=self._ice, feeds=self._feeds, listener=session)
        self._trying[peer] = session
        return session

    def _retire(self, session: _Session | None) -> None:
        if session is not None and session.link is not None:
            self._tasks.spawn(session.link.close(), f"close-{session.peer}")

    def _discard(self, session: _Session) -> None:
        if self._trying.get(session.peer) is session:
            del self._trying[session.peer]
        self._retire(session)

    # What the links report.

    def session_open(self, session: _Session) -> None:
        """All channels are open: prove who we are, bound to this very DTLS connection."""
        if session.link is None:
            return
        exported = session.link.exporter(EXPORTER, 32)
        binding = self._identity.sign(b"meshconf binding v1" + exported + self.mesh.own_id.encode())
        session.link.send("ctl", encode(Hello(member=self.mesh.own, binding=binding)))

    def session_lost(self, session: _Session) -> None:
        """The connection failed or closed without being asked to."""
        if self._trying.get(session.peer) is session:
            self._discard(session)
        elif self._current.get(session.peer) is session:
            self.mesh.link_lost(session.peer, session.number, now=time.monotonic())
            self.settle()

    def session_message(self, session: _Session, channel: str, data: bytes) -> None:
        """Bytes from a peer: check, then dispatch. What breaks the protocol ends that peer's link, nothing else."""
        now = time.monotonic()
        try:
            if channel == "bulk":
                raise ProtocolError("nothing travels on bulk in this version")
            self._spend(session, now)
            message = decode(data)
            if isinstance(message, Hello):
                self._prove(session, message, now)
            elif not session.proven:
                raise ProtocolError("the first message must be hello")
            elif isinstance(message, Relay):
                self._relayed(session, message)
            elif isinstance(message, DoorKeys | Want | WrongGuess):
                self.application.received(session.peer, message)
            else:
                if not isinstance(message, Ping | Pong) and channel != "ctl":
                    raise ProtocolError(f"{type(message).__name__} belongs on ctl")
                self._note_introducer(session.peer, message)
                self.mesh.receive(session.peer, message, now=now)
        except ProtocolError as error:
            log.warning("peer %s breaks the protocol: %s", session.peer, error)
            if self._current.get(session.peer) is session:
                del self._current[session.peer]
                self.mesh.link_lost(session.peer, session.number, now=now)
            self._discard(session)
        self.settle()

    def _spend(self, session: _Session, now: float) -> None:
        earned = (now - session.refilled) * CTL_RATE if session.refilled else 0.0
        session.allowance = min(CTL_BURST, session.allowance + earned) - 1.0
        session.refilled = now
        if session.allowance < 0:
            raise ProtocolError("too many messages")

    def _relayed(self, session: _Session, message: Relay) -> None:
        self._tasks.spawn(self.take_signal(message.signal, carrier=session.peer), f"signal-via-{session.peer}")

    def _note_introducer(self, peer: PeerId, message: AnyMessage) -> None:
        for member in getattr(message, "members", ()):
            if self.mesh.member(PeerId(member.peer)) is None:
                self._introducers[PeerId(member.peer)] = peer

    def _prove(self, session: _Session, hello: Hello, now: float) -> None:
        if session.proven or session.link is None:
            raise ProtocolError("a second hello")
        exported = session.link.exporter(EXPORTER, 32)
        proof = b"meshconf binding v1" + exported + session.peer.encode()
        if peer_id_of(hello.member.public) != session.peer or not verify(hello.member.public, hello.binding, proof):
            raise ProtocolError("the hello does not prove the id")
        if not self.mesh.link_opened(session.peer, session.number, now=now):
            self._discard(session)
            return
        session.proven = True
        if self._trying.get(session.peer) is session:
            del self._trying[session.peer]
        former = self._current.get(session.peer)
        self._current[session.peer] = session
        self._retire(former)
        self.application.greeted(session.peer)
