"""A rendezvous in memory, for tests and examples: the real rules of rooms, no socket. Runs on the event loop.

`open_room` and `join_room` are called as in `meshconf.signaling.rendezvous`, so that one can stand in for the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from types import TracebackType
from typing import Self

from meshconf.errors import LocalProtocolError, NoSuchMeeting, Refused, SignalingLost
from meshconf.signaling.base import Arrived, Departed, News, Received
from rendezvous import messages
from rendezvous.limits import Limits
from rendezvous.rooms import Delivery, Refusal, Rooms


class MemoryRendezvous:
    """All rooms of one process; `close` takes the relay away from everybody, as a crash would."""

    def __init__(self, *, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rooms = Rooms(limits or Limits())
        self._clock = clock
        self._numbers = count(1)
        self._sockets: dict[int, MemorySocket] = {}

    async def open_room(
        self,
        url: str,
        names: Sequence[str],
        token: bytes,
        *,
        allocate: bool = False,
        paced: bool = True,
        timeout: float = 5.0,  # noqa: ASYNC109
    ) -> MemorySocket:
        """Open a room or attach to it; `url`, `paced` and `timeout` mean nothing here.

        Raises:
            Refused: The name is taken or the room is full.
        """
        return self._enter(messages.Open(tuple(names), token, allocate))

    async def join_room(self, url: str, name: str, *, timeout: float = 5.0) -> MemorySocket:  # noqa: ASYNC109
        """Knock at a room; `url` and `timeout` mean nothing here.

        Raises:
            NoSuchMeeting: No room has that name.
            Refused: Too many are waiting.
        """
        return self._enter(messages.Join(name))

    async def close(self) -> None:
        """End every socket; may be called twice."""
        for socket in list(self._sockets.values()):
            await socket.close()

    def send(self, sender: int, message: messages.Send) -> None:
        """Relay a box between two sockets of a room."""
        self._deliver(self._rooms.send(sender, message))

    def rename(self, socket: int, message: messages.Rename) -> None:
        """Give a room other names.

        Raises:
            Refused: A name is taken, or the socket is no member.
        """
        try:
            self._deliver(self._rooms.rename(socket, message))
        except Refusal as refusal:
            raise Refused(str(refusal), reason=refusal.code) from None

    def leave(self, socket: int) -> None:
        """Forget a socket and tell the others."""
        self._sockets.pop(socket, None)
        self._deliver(self._rooms.leave(socket, now=self._clock()))

    def _enter(self, request: messages.Open | messages.Join) -> MemorySocket:
        now = self._clock()
        self._deliver(self._rooms.expire(now=now))
        own = next(self._numbers)
        socket = self._sockets[own] = MemorySocket(self, own)
        try:
            if isinstance(request, messages.Open):
                self._deliver(self._rooms.open(own, request, now=now))
            else:
                socket.take(messages.Opened(own, (request.name,)))
                self._deliver(self._rooms.join(own, request, now=now))
        except Refusal as refusal:
            del self._sockets[own]
            if refusal.code == "no-such-meeting":
                raise NoSuchMeeting from None
            raise Refused(str(refusal), reason=refusal.code) from None
        return socket

    def _deliver(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.socket in self._sockets:
                self._sockets[delivery.socket].take(delivery.message)


class MemorySocket:
    """A `RoomSocket` of a `MemoryRendezvous`."""

    def __init__(self, relay: MemoryRendezvous, own: int) -> None:
        self._relay = relay
        self._own = own
        self._names: tuple[str, ...] = ()
        self._members: frozenset[int] | None = None
        self._news: asyncio.Queue[News | None] = asyncio.Queue()
        self._is_closed = False

    @property
    def own(self) -> int:
        """Our number in this room."""
        return self._own

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which the room is found now; for a joiner the one it used."""
        return self._names

    @property
    def members(self) -> frozenset[int]:
        """For a joiner the members present now; empty for a member."""
        return self._members or frozenset()

    async def send(self, to: int, box: bytes) -> None:
        """Send a box to one socket of the room; see `RoomSocket.send`."""
        if len(box) > messages.MAX_BOX:
            raise LocalProtocolError(f"A box of {len(box)} bytes is too large for a rendezvous.")
        self._check_open()
        self._relay.send(self._own, messages.Send(to, box))

    async def rename(self, names: Sequence[str], *, allocate: bool = False) -> None:
        """Give the room these names instead of its own; see `RoomSocket.rename`."""
        self._check_open()
        self._relay.rename(self._own, messages.Rename(tuple(names), allocate))

    async def receive(self) -> News:
        """Wait for the next news; see `RoomSocket.receive`."""
        if not self._is_closed or not self._news.empty():
            news = await self._news.get()
            if news is not None:
                return news
        raise SignalingLost

    async def close(self) -> None:
        """Leave the room; may be called twice."""
        if not self._is_closed:
            self._relay.leave(self._own)
            self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def take(self, message: messages.ServerMessage) -> None:
        """Accept what the relay says; for the relay only."""
        match message:
            case messages.Frame(sender, box):
                self._news.put_nowait(Received(sender, box))
            case messages.Arrived(socket):
                if self._members is not None:
                    self._members |= {socket}
                self._news.put_nowait(Arrived(socket))
            case messages.Departed(socket):
                if self._members is not None:
                    self._members -= {socket}
                self._news.put_nowait(Departed(socket))
            case messages.Opened(_, names) | messages.Renamed(names):
                self._names = names
            case messages.Joined(_, members):
                self._members = frozenset(members)
            case messages.Failed():
                self._end()

    def _end(self) -> None:
        self._is_closed = True
        self._news.put_nowait(None)

    def _check_open(self) -> None:
        if self._is_closed:
            raise SignalingLost
