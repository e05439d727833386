"""A place in a room of a rendezvous, over one WebSocket. Runs on the event loop.

Trusts the server with nothing but delivery: what it says is typed and bounded, and its words never reach a terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from meshconf.errors import (
    LocalProtocolError,
    NoSuchMeeting,
    ProtocolError,
    Refused,
    RendezvousUnreachable,
    SignalingLost,
)
from meshconf.signaling.base import Arrived, Departed, News, Received
from meshconf.signaling.dial import dial, refusal
from meshconf.token_bucket import TokenBucket
from rendezvous import messages
from rendezvous.limits import Limits

_RENAME_TIMEOUT_S = 5.0
_BOXES_PER_SECOND = 0.75 * Limits().frames_per_second
_BOXES_AT_ONCE = 0.75 * Limits().frame_burst
"""Well within what a rendezvous takes: whoever sends more loses its socket, and a long log is many boxes."""
_NEWS_AT_ONCE = 256


async def open_room(
    url: str,
    names: Sequence[str],
    token: bytes,
    *,
    allocate: bool = False,
    paced: bool = True,
    timeout: float = 5.0,  # noqa: ASYNC109
) -> RendezvousSocket:
    """Open a room, or attach to it as a further member with the token that opened it.

    Args:
        url: Of the rendezvous: ws:// or wss://.
        names: The room's names; an existing room keeps its own.
        token: 16 random bytes that all members share.
        allocate: Whether the rendezvous adds the smallest free nameplate.
        paced: Whether boxes wait for each other, as a public rendezvous demands.
        timeout: Seconds until the whole attempt is given up.

    Raises:
        RendezvousUnreachable: Nothing that speaks our protocol answers there in time.
        Refused: The name is taken, the room full, or a limit reached; see `reason`.
    """
    return await _enter(url, messages.Open(tuple(names), token, allocate), timeout, paced=paced)


async def join_room(url: str, name: str, *, timeout: float = 5.0) -> RendezvousSocket:  # noqa: ASYNC109
    """Knock at a room.

    Args:
        url: Of the rendezvous: ws:// or wss://.
        name: One of the room's names.
        timeout: Seconds until the whole attempt is given up.

    Raises:
        NoSuchMeeting: The rendezvous knows no such room.
        RendezvousUnreachable: Nothing that speaks our protocol answers there in time.
        Refused: Too many are waiting, or a limit is reached; see `reason`.
    """
    return await _enter(url, messages.Join(name), timeout)


class RendezvousSocket:
    """A `RoomSocket` over a WebSocket; made by `open_room` and `join_room`."""

    def __init__(
        self,
        connection: ClientConnection,
        own: int,
        names: tuple[str, ...],
        members: frozenset[int] | None,
        *,
        paced: bool,
    ) -> None:
        self._connection = connection
        self._pace = TokenBucket(_BOXES_PER_SECOND, _BOXES_AT_ONCE, now=_now()) if paced else None
        self._sending = asyncio.Lock()
        self._own = own
        self._names = names
        self._is_member = members is None
        self._members = members or frozenset()
        self._news: asyncio.Queue[News | None] = asyncio.Queue(_NEWS_AT_ONCE)
        """None wakes a reader at the end."""
        self._lost: SignalingLost | None = None
        self._renaming = asyncio.Lock()
        self._renamed: asyncio.Future[None] | None = None
        self._reader = asyncio.create_task(self._read(), name="rendezvous reader")

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
        return self._members

    async def send(self, to: int, box: bytes) -> None:
        """Send a box to one socket of the room, in its turn; see `RoomSocket.send`."""
        if len(box) > messages.MAX_BOX:
            raise LocalProtocolError(f"A box of {len(box)} bytes is too large for a rendezvous.")
        async with self._sending:
            while not self._may_send():  # noqa: ASYNC110 - nothing but time helps
                await asyncio.sleep(1 / _BOXES_PER_SECOND)
            await self._write(messages.Send(to, box))

    async def rename(self, names: Sequence[str], *, allocate: bool = False) -> None:
        """Give the room these names instead of its own; see `RoomSocket.rename`."""
        async with self._renaming:
            self._renamed = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(_RENAME_TIMEOUT_S):
                    await self._write(messages.Rename(tuple(names), allocate))
                    await self._renamed
            except TimeoutError:
                raise SignalingLost("The rendezvous does not answer.") from None
            finally:
                self._renamed = None

    async def receive(self) -> News:
        """Wait for the next news; see `RoomSocket.receive`."""
        if self._lost is None or not self._news.empty():
            news = await self._news.get()
            if news is not None:
                return news
        raise SignalingLost(str(self._lost or ""))

    async def close(self) -> None:
        """Leave the room; may be called twice."""
        await self._connection.close()
        self._reader.cancel()
        await asyncio.wait([self._reader])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _may_send(self) -> bool:
        return self._pace is None or self._lost is not None or self._pace.spend(now=_now())

    async def _write(self, message: messages.ClientMessage) -> None:
        try:
            await self._connection.send(messages.encode(message))
        except ConnectionClosed:
            raise SignalingLost from None

    async def _read(self) -> None:
        lost = SignalingLost()
        try:
            while True:
                await self._take(messages.decode_server(await self._connection.recv()))
        except ConnectionClosed:
            pass
        except (ProtocolError, Refused, NoSuchMeeting) as error:
            lost = SignalingLost(str(error))
        finally:
            self._lost = lost
            if self._renamed is not None and not self._renamed.done():
                self._renamed.set_exception(lost)
            # Whoever waits has an empty queue before it; whoever does not wait sees `_lost`.
            with contextlib.suppress(asyncio.QueueFull):
                self._news.put_nowait(None)
            with contextlib.suppress(ConnectionClosed):
                await self._connection.close()

    async def _take(self, message: messages.ServerMessage) -> None:
        match message:
            case messages.Frame(sender, box):
                await self._news.put(Received(sender, box))
            case messages.Arrived(socket):
                if not self._is_member:
                    self._members |= {socket}
                await self._news.put(Arrived(socket))
            case messages.Departed(socket):
                self._members -= {socket}
                await self._news.put(Departed(socket))
            case messages.Renamed(names):
                self._names = names
            case messages.Opened(_, names):
                self._names = names
                if self._renamed is not None and not self._renamed.done():
                    self._renamed.set_result(None)
            case messages.Failed() if self._renamed is not None and message.code == "taken":
                if not self._renamed.done():
                    self._renamed.set_exception(refusal(message))
            case messages.Failed():
                raise refusal(message)
            case messages.Joined():
                raise ProtocolError("The rendezvous let us in twice.")


async def _enter(
    url: str, request: messages.Open | messages.Join, limit_s: float, *, paced: bool = True
) -> RendezvousSocket:
    connection: ClientConnection | None = None
    try:
        async with asyncio.timeout(limit_s):
            connection = await dial(url)
            await connection.send(messages.encode(request))
            answer = messages.decode_server(await connection.recv())
            match answer, request:
                case messages.Opened(own, names), messages.Open():
                    return RendezvousSocket(connection, own, names, None, paced=paced)
                case messages.Joined(own, members), messages.Join(name):
                    return RendezvousSocket(connection, own, (name,), frozenset(members), paced=paced)
                case messages.Failed(), _:
                    raise refusal(answer)
            raise RendezvousUnreachable(f"What answers at {url} is not a rendezvous of this version.")
    except BaseException as error:
        if connection is not None:
            connection.transport.abort()
        if isinstance(error, TimeoutError):
            raise RendezvousUnreachable(f"The rendezvous {url} does not answer in {limit_s:g} s.") from None
        if isinstance(error, ConnectionClosed):
            raise RendezvousUnreachable(f"The rendezvous {url} hung up.") from None
        if isinstance(error, ProtocolError):
            raise RendezvousUnreachable(f"What answers at {url} is not a rendezvous of this version.") from None
        raise


def _now() -> float:
    return asyncio.get_running_loop().time()
