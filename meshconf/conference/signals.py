"""Making, carrying and checking signals: the steps of negotiations that travel by other people's roads.

A signal goes by the best road there is: a sealed signaling channel, the peer's own ctl channel, or a member who knows
both. Whoever carries is not trusted: what comes in is checked in one place, costs one verification at most, and no
sender can take the road from the others. What a checked signal leads to is the driver's business.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

import msgspec

from meshconf.conference.allowance import Allowance, Rate
from meshconf.conference.tasks import Tasks
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import AnyMessage, Relay, Signal, encode
from meshconf.protocol.peer import CONNECT_WITHIN, LinkState
from meshconf.types import PeerId

log = logging.getLogger("meshconf.conference")

EARLY, EARLY_EACH = 16, 4
"""Signals of people not yet introduced that are kept: in all, and of one carrier, so that none fills the room for
others. Two newcomers in the same second are usual, four rare."""

FOR_ONE = Rate(messages=5, burst=64, bytes=16_384, burst_bytes=393_216)
"""What we carry for one member: a newcomer sends up to 31 descriptions of 5 to 12 kB at once, then hardly any."""

TO_ONE = Rate(messages=25, burst=100, bytes=49_152, burst_bytes=458_752)
"""What we carry to one member: less than it takes from us, or others' signals would end our own connection."""

ON_THE_ROAD = 8
"""Signals of one member that may wait for sealed roads at once; such a road may be slow or stuck."""

Route = Callable[[AnyMessage], Awaitable[None]]
"""Sends one message over a sealed signaling channel."""

SignalKind = Literal["offer", "answer", "again"]


class _Early(NamedTuple):
    signal: Signal
    until: float


class Signals:
    """The roads to everybody, and the desk where signals are checked.

    Args:
        mesh: tells who is a member and whom we reach.
        room: signals of other rooms are not for us.
        identity: signs ours.
        fingerprint: of the certificate that our connections show.
        send: sends over a member's own ctl channel.
        deliver: takes a checked signal for us, and who carried it.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        mesh: Mesh,
        *,
        room: str,
        identity: Identity,
        fingerprint: str,
        send: Callable[[PeerId, AnyMessage], bool],
        deliver: Callable[[Signal, PeerId], None],
        clock: Callable[[], float],
    ) -> None:
        self._mesh = mesh
        self._room = room
        self._identity = identity
        self._fingerprint = fingerprint
        self._send = send
        self._deliver = deliver
        self._clock = clock
        self._routes: dict[PeerId, Route] = {}
        self._introducers: dict[PeerId, PeerId] = {}
        """Who made us acquainted with each member of the roster, and so reaches it."""
        self._early: dict[tuple[PeerId, PeerId], _Early] = {}
        """By sender and carrier: no carrier can put a forgery in the place of a true one."""
        self._for = Allowance(FOR_ONE)
        self._to = Allowance(TO_ONE)
        self._on_the_road: Counter[PeerId] = Counter()
        self._tasks = Tasks()

    # Roads.

    def add_route(self, peer: PeerId, route: Route) -> None:
        """Signals to this peer, and by default to whomever it introduces, may go over a sealed channel."""
        self._routes[peer] = route

    def drop_route(self, peer: PeerId, route: Route) -> None:
        """The sealed channel is gone."""
        if self._routes.get(peer) == route:
            del self._routes[peer]

    def introduced(self, peer: PeerId, by: PeerId) -> None:
        """Somebody who reaches a member made it known to us; members only, which bounds them."""
        if self._mesh.member(peer) is not None:
            self._introducers[peer] = by

    def forget(self, peer: PeerId) -> None:
        """Somebody is no member any more; where a link died of silence, the sealed road is no better."""
        self._introducers.pop(peer, None)
        self._routes.pop(peer, None)

    async def close(self) -> None:
        """Carry nothing any more."""
        await self._tasks.close()

    # Ours.

    async def send(self, peer: PeerId, session: int, kind: SignalKind, sdp: str = "") -> None:
        """Make a signal and send it by the best road there is."""
        signal = self._signed(peer, session, kind, sdp)
        if route := self._routes.get(peer):
            await route(signal)
            return
        introducer = self._introducers.get(peer)
        if introducer and (route := self._routes.get(introducer)):
            await route(Relay(signal=signal))
            return
        # The link may live although it looked lost: after a pause of the other machine it is the only road there is.
        self._send(peer, Relay(signal=signal))
        # Any member may carry it; two do, since one of them may have lost the recipient as well.
        carriers = [carrier for carrier in self._mesh.connected() if carrier != peer]
        carriers.sort(key=lambda carrier: carrier != introducer)
        for carrier in carriers[:2]:
            self._send(carrier, Relay(signal=signal))

    # Others'.

    def take(self, signal: Signal, *, carrier: PeerId) -> None:
        """A signal arrived, by whichever road: deliver what is for us and genuine, carry on what is for others."""
        if signal.room != self._room:
            log.debug("dropped a signal of another room")
        elif signal.recipient != self._mesh.own_id:
            self._carry(signal, carrier)
        elif self._is_early(signal):
            self._keep(signal, carrier)
        else:
            self._check(signal, carrier)

    def take_early(self) -> None:
        """Take the signals whose senders have been introduced by now."""
        for (sender, carrier), early in list(self._early.items()):
            if not self._is_early(early.signal):
                del self._early[sender, carrier]
                self._check(early.signal, carrier)

    # Private.

    def _signed(self, peer: PeerId, session: int, kind: SignalKind, sdp: str) -> Signal:
        unsigned = Signal(
            room=self._room,
            sender=self._mesh.own_id,
            joined=self._mesh.own.joined,
            recipient=peer,
            session=session,
            kind=kind,
            sdp=sdp,
            fingerprint=self._fingerprint,
        )
        return msgspec.structs.replace(unsigned, signature=self._identity.sign(unsigned.signed_part()))

    def _is_early(self, signal: Signal) -> bool:
        author = self._mesh.author(PeerId(signal.sender))
        return author is None or author.joined < signal.joined

    def _keep(self, signal: Signal, carrier: PeerId) -> None:
        """The sender's introduction is on its way by another road; unverified until then, a few and not for long."""
        now = self._clock()
        self._early = {key: early for key, early in self._early.items() if now < early.until}
        key = PeerId(signal.sender), carrier
        of_carrier = sum(by == carrier for _, by in self._early)
        if key in self._early or (len(self._early) < EARLY and of_carrier < EARLY_EACH):
            self._early[key] = _Early(signal, now + CONNECT_WITHIN)

    def _check(self, signal: Signal, carrier: PeerId) -> None:
        author = self._mesh.author(PeerId(signal.sender))
        if author is None or author.joined != signal.joined:
            return
        if verify(author.public, signal.signature, signal.signed_part()):
            self._deliver(signal, carrier)
        else:
            log.debug("dropped a signal that its sender did not sign")

    def _carry(self, signal: Signal, source: PeerId) -> None:
        """Pass on to somebody whom we can reach directly; never further, so nothing circles.

        What is too much is dropped: the author of a signal that matters tries again.
        """
        recipient, message = PeerId(signal.recipient), Relay(signal=signal)
        route = self._routes.get(recipient)
        if route is None and self._mesh.link(recipient) is not LinkState.CONNECTED:
            return
        now, size = self._clock(), len(encode(message))
        if not self._for.spend(source, size, now=now) or not self._to.spend(recipient, size, now=now):
            return
        if route is None:
            self._send(recipient, message)
        elif self._on_the_road[source] < ON_THE_ROAD:
            self._on_the_road[source] += 1
            self._tasks.spawn(self._walk(route, message, source), f"relay-{recipient}")

    async def _walk(self, route: Route, message: Relay, source: PeerId) -> None:
        try:
            await route(message)
        finally:
            self._on_the_road[source] -= 1
            if not self._on_the_road[source]:
                del self._on_the_road[source]
