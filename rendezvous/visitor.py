"""One socket of the server: what it may send, and what waits to be written to it. Runs on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from meshconf.errors import ProtocolError
from meshconf.token_bucket import TokenBucket
from rendezvous.limits import LOOPBACK, Limits
from rendezvous.messages import ClientMessage, ServerMessage, decode_client, encode
from rendezvous.rooms import Refusal


class Visitor:
    """A client; a slow reader loses its socket, and nobody waits for it.

    Args:
        connection: its WebSocket.
        address: what it is counted under, see `address_key`.
        limits: what it may use.
        now: seconds, monotonic.
    """

    def __init__(self, connection: ServerConnection, address: str, limits: Limits, *, now: float) -> None:
        self.connection = connection
        self.address = address
        self._limits = limits
        self._frames = TokenBucket(limits.frames_per_second, limits.frame_burst, now=now)
        a_minute = limits.joiner_bytes_per_minute
        self._joiner_bytes = TokenBucket(a_minute / 60.0, a_minute, now=now)
        self._outbox: deque[bytes] = deque()
        self._bytes = 0
        self._is_finished = False
        self._wake = asyncio.Event()

    async def hello(self) -> str | bytes:
        """Wait for its first frame.

        Raises:
            Refusal: it stays silent.
            ConnectionClosed: it is gone.
        """
        try:
            async with asyncio.timeout(self._limits.hello_seconds):
                return await self.connection.recv()
        except TimeoutError:
            raise Refusal("idle", "Nothing was asked for.") from None

    def read(self, frame: str | bytes, *, is_member: bool, now: float) -> ClientMessage:
        """Check one frame and decode it.

        Args:
            frame: as it came.
            is_member: a joiner, whom nobody has vouched for, may send less.
            now: seconds, monotonic.

        Raises:
            Refusal: too much in too short a time, or malformed.
        """
        ours = is_member and self._limits.own_members and self.address == LOOPBACK
        many = not (ours or self._frames.spend(now=now))
        if many or not (is_member or self._joiner_bytes.spend(len(frame), now=now)):
            raise Refusal("limit", "Too much in too short a time.")
        try:
            return decode_client(frame)
        except ProtocolError as error:
            raise Refusal("malformed", str(error)) from None

    def put(self, message: ServerMessage) -> None:
        """Queue a message; never waits. Whoever lets too many wait is cut off."""
        data = encode(message)
        if self._is_finished:
            return
        if self._bytes + len(data) > self._limits.outbox_bytes:
            self.connection.transport.abort()
            return
        self._outbox.append(data)
        self._bytes += len(data)
        self._wake.set()

    def finish(self) -> None:
        """Close the socket after what is waiting."""
        self._is_finished = True
        self._wake.set()

    async def write(self) -> None:
        """Write what is queued until `finish`, then close the socket."""
        with contextlib.suppress(ConnectionClosed):
            while self._outbox or not self._is_finished:
                if not self._outbox:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                data = self._outbox.popleft()
                await self.connection.send(data)
                self._bytes -= len(data)
            await self.connection.close()
