"""A member's door: newcomers knock at a rendezvous room, prove the code, and are let in over a sealed road.

One `Door` serves one socket in one room, be it at a rendezvous or in the server embedded in this member. A wrong
guess is reported, never answered with more than "wrong".
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from meshconf.conference.sealed import SealedRoad
from meshconf.conference.tasks import Tasks
from meshconf.errors import ProtocolError, SignalingLost, WrongCode
from meshconf.protocol.handshake import Doorman
from meshconf.protocol.identity import Identity, peer_id_of
from meshconf.protocol.invite import Code, Link
from meshconf.protocol.messages import Admitted, JoinRequest, Member, Relay, Seat, Signal, TurnedAway, Waiting
from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.messages import parcel
from meshconf.signaling.base import Departed, Received, RoomSocket
from meshconf.types import PeerId

log = logging.getLogger("meshconf.conference")

MAX_VISITORS = 40
"""Visitors who are about to prove the code; the next one takes the place of who stands there longest."""
TRIES = 3
"""Handshakes that one socket may begin."""
PROVE_WITHIN = 10.0
"""Seconds for a visitor to prove the code."""
ROAD_FOR = 20.0
"""Seconds for which an admitted newcomer's signals are taken at the door."""
BOXES = 30
"""Boxes of one visitor that wait; more, and it is sent away."""


class House(Protocol):
    """What the door needs of the conference behind it."""

    identity: Identity

    def invites(self) -> Sequence[Code | Link]:
        """The invites in force."""

    def wrong_guess(self) -> None:
        """Somebody tried a wrong code."""

    def seat(self, peer: PeerId) -> int:
        """The moment of joining that a newcomer gets, in milliseconds since 1970."""

    def log(self) -> list[Entry]:
        """The room's log, which a newcomer replays."""

    async def admit(
        self, member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> Admitted | TurnedAway:
        """Decide on a newcomer who knows the code and has proved its identity; may take as long as the lobby does."""

    @property
    def reunion(self) -> Link:
        """The invite among them that lets nobody in, but leads lost members back; see `reunion`."""

    def reunite(self, member: Member, road: SealedRoad) -> tuple[list[Entry], Admitted | TurnedAway]:
        """Decide on somebody who says to belong here and has proved its identity; entries of the log go first."""

    def signal(self, signal: Signal, carrier: PeerId) -> None:
        """A signal of a newcomer, for us or to be carried on."""

    def departed(self, peer: PeerId, road: SealedRoad) -> None:
        """The sealed road to a newcomer is gone."""


@dataclass(slots=True, eq=False)
class _Visitor:
    socket: int
    doorman: Doorman
    boxes: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(BOXES))
    task: asyncio.Task[None] | None = None
    returns: bool = False
    """It came with the reunion's link."""
    proved: bool = False
    """It has the code, and asked in its own name."""


class Door:
    """Serves the newcomers of one rendezvous room until the socket is gone or the door is closed."""

    def __init__(self, socket: RoomSocket, house: House) -> None:
        self._socket = socket
        self._house = house
        self._visitors: dict[int, _Visitor] = {}
        self._tries: dict[int, int] = {}
        self._tasks = Tasks()

    async def serve(self) -> None:
        """Answer knocks; returns when the socket is gone."""
        try:
            while True:
                match await self._socket.receive():
                    case Departed(socket=number):
                        self._dismiss(number)
                        self._tries.pop(number, None)
                    case Received(sender=number, box=box):
                        self._deliver(number, box)
        except SignalingLost:
            log.info("a door's rendezvous is gone; the meeting goes on")
        finally:
            await self._tasks.close()

    async def close(self) -> None:
        """Send nobody away in the middle of a word: close the socket, end the visits."""
        await self._tasks.close()
        await self._socket.close()

    async def rename(self, names: Sequence[str]) -> None:
        """Open under new names; the old ones are unknown from now on."""
        await self._socket.rename(names)

    def _welcome(self, number: int) -> _Visitor | None:
        """Open for somebody who knocks; who only stands there costs nothing. None for who tried too often."""
        tries = self._tries.get(number, 0)
        if tries >= TRIES:
            return None
        unproved = [visitor.socket for visitor in self._visitors.values() if not visitor.proved]
        if len(unproved) >= MAX_VISITORS:
            # An honest visitor is through in a moment: strangers who dawdle must not keep it out.
            self._dismiss(unproved[0])
        self._tries[number] = tries + 1
        visitor = _Visitor(number, Doorman(self._house.invites(), self._house.identity, os.urandom))
        self._visitors[number] = visitor
        visitor.task = self._tasks.spawn(self._attend(visitor), f"visitor-{number}")
        return visitor

    def _dismiss(self, number: int) -> None:
        visitor = self._visitors.pop(number, None)
        if visitor is not None and visitor.task is not None:
            visitor.task.cancel()

    def _deliver(self, number: int, box: bytes) -> None:
        visitor = self._visitors.get(number) or self._welcome(number)
        if visitor is None:
            return
        try:
            visitor.boxes.put_nowait(box)
        except asyncio.QueueFull:
            self._dismiss(number)

    async def _attend(self, visitor: _Visitor) -> None:
        try:
            async with asyncio.timeout(PROVE_WITHIN):
                await self._handshake(visitor)
                road, member = await self._introduce(visitor)
            visitor.proved = True
            peer = PeerId(member.peer)
            try:
                if await self._admit(visitor, road, member):
                    async with asyncio.timeout(ROAD_FOR):
                        await self._carry(visitor, road, peer)
            finally:
                self._house.departed(peer, road)
        except WrongCode:
            log.info("a visitor tried a wrong code")
            self._house.wrong_guess()
            await self._refuse(visitor)
        except (ProtocolError, SignalingLost, TimeoutError) as error:
            log.info("a visitor was sent away: %s", error)
            await self._refuse(visitor)
        finally:
            if self._visitors.get(visitor.socket) is visitor:
                del self._visitors[visitor.socket]

    async def _refuse(self, visitor: _Visitor) -> None:
        if visitor.doorman.refusal is not None:
            with contextlib.suppress(SignalingLost):
                await self._socket.send(visitor.socket, visitor.doorman.refusal)

    async def _handshake(self, visitor: _Visitor) -> None:
        while visitor.doorman.channel is None:
            box = await visitor.boxes.get()
            for frame in await asyncio.to_thread(visitor.doorman.receive, box):
                await self._socket.send(visitor.socket, frame)
        visitor.returns = visitor.doorman.invite == self._house.reunion

    async def _introduce(self, visitor: _Visitor) -> tuple[SealedRoad, Member]:
        """Give a newcomer its seat and hear in whose name it asks; who returns has one."""
        doorman = visitor.doorman
        assert doorman.channel is not None and doorman.peer_public is not None
        road = SealedRoad(self._socket, visitor.socket, doorman.channel)
        joined = None if visitor.returns else self._house.seat(peer_id_of(doorman.peer_public))
        if joined is not None:
            await road.send(Seat(joined=joined))
        request = road.open(await visitor.boxes.get())
        if not isinstance(request, JoinRequest) or request.member.public != doorman.peer_public:
            raise ProtocolError("a visitor must ask in its own name")
        if joined is not None and request.member.joined != joined:
            raise ProtocolError("a visitor must take the seat that it is given")
        return road, request.member

    async def _admit(self, visitor: _Visitor, road: SealedRoad, member: Member) -> bool:
        """Tell the visitor what the house decides, with the room's log if it is let in."""

        async def ask_to_wait() -> None:
            await road.send(Waiting())

        if visitor.returns:
            entries, answer = self._house.reunite(member, road)
        else:
            answer = await self._house.admit(member, road, ask_to_wait)
            entries = self._house.log() if isinstance(answer, Admitted) else []
        while (part := parcel(entries)) is not None:
            await road.send(part)
            entries = entries[len(part.entries) :]
        await road.send(answer)
        return isinstance(answer, Admitted)

    async def _carry(self, visitor: _Visitor, road: SealedRoad, peer: PeerId) -> None:
        """Take the newcomer's signals until it stands in the mesh by itself."""
        while True:
            match road.open(await visitor.boxes.get()):
                case (Signal() as signal) | Relay(signal=signal):
                    self._house.signal(signal, peer)
                case _:
                    raise ProtocolError("only signals travel over the sealed road")
