"""The WebSocket shell around `Rooms`: sockets in, limits applied, deliveries out. Runs on the event loop.

Decides nothing about rooms. Writes no address and no box to any log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections.abc import Iterable
from http import HTTPStatus
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from rendezvous.limits import Gate, Limits, address_key
from rendezvous.messages import (
    MAX_FRAME,
    SUBPROTOCOL,
    ClientMessage,
    Failed,
    Join,
    Open,
    Rename,
    Send,
    encode,
)
from rendezvous.metrics import Metrics
from rendezvous.quiet import silent
from rendezvous.rooms import Delivery, Refusal, Rooms
from rendezvous.visitor import Visitor

log = logging.getLogger("rendezvous")

_OPEN_TIMEOUT_S = 5.0
_PING_S = 20.0
_CLOSE_TIMEOUT_S = 1.0
_SWEEP_S = 5.0


class RendezvousServer:
    """A rendezvous on one address and port; runs alone or inside a member.

    Args:
        host: Address to listen on.
        port: TCP port; 0 lets the system choose, see `port` after `start`.
        tls: Context of a server for wss.
        limits: What strangers may use.
    """

    def __init__(
        self, host: str, port: int, *, tls: ssl.SSLContext | None = None, limits: Limits | None = None
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._limits = limits or Limits()
        self._gate = Gate(self._limits)
        self._rooms = Rooms(self._limits)
        self._metrics = Metrics()
        self._visitors: dict[int, Visitor] = {}
        self._server: Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; returns once clients can connect.

        Raises:
            OSError: The address or port is not to be had.
        """
        self._server = await serve(
            self._visit,
            self._host,
            self._port,
            ssl=self._tls,
            process_request=self._answer_http,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            max_size=MAX_FRAME,
            max_queue=4,
            open_timeout=_OPEN_TIMEOUT_S,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            close_timeout=_CLOSE_TIMEOUT_S,
            server_header=None,
            logger=silent,
        )
        self._port = self._server.sockets[0].getsockname()[1]
        self._sweeper = asyncio.create_task(self._sweep(), name="rendezvous sweep")

    @property
    def port(self) -> int:
        """The TCP port; the real one after `start`."""
        return self._port

    @property
    def url(self) -> str:
        """Where clients on this host connect to, once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'wss' if self._tls else 'ws'}://{host}:{self._port}"

    async def close(self) -> None:
        """Stop listening, close every socket, end every task; may be called twice."""
        sweeper, self._sweeper = self._sweeper, None
        if sweeper is not None:
            sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeper
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    def metrics(self) -> str:
        """Return the totals of this server as Prometheus text."""
        return self._metrics.text(rooms=len(self._rooms), sockets=len(self._visitors))

    def handle(self, socket: int, message: ClientMessage) -> None:
        """Act on one message of a client.

        Raises:
            Refusal: The rules do not allow it, and the socket has to close.
        """
        visitor = self._visitors[socket]
        now = _now()
        match message:
            case Open():
                if not self._gate.open(visitor.address, now=now):
                    raise Refusal("limit", "Too many rooms opened in this minute.")
                allowed = self._gate.rooms_allowed(visitor.address)
                self.deliver(self._rooms.open(socket, message, now=now, owner=visitor.address, owner_rooms=allowed))
            case Join():
                if not self._gate.join(visitor.address, now=now):
                    raise Refusal("limit", "Too many tries in this minute.")
                self.deliver(self._rooms.join(socket, message, now=now))
            case Send():
                self.deliver(self._rooms.send(socket, message))
            case Rename():
                try:
                    self.deliver(self._rooms.rename(socket, message))
                except Refusal as refusal:
                    if refusal.code == "malformed":
                        raise
                    # A member keeps its room when a name that it wanted is taken.
                    self._metrics.refusals[refusal.code] += 1
                    self.deliver([Delivery(socket, refusal.message())])

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """Put messages on their way; never waits for a reader."""
        for delivery in deliveries:
            visitor = self._visitors.get(delivery.socket)
            if visitor is not None:
                visitor.put(delivery.message)

    def _answer_http(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/healthz":
            return connection.respond(HTTPStatus.OK, "ok\n")
        if "Origin" in request.headers:
            # Our clients send none; a web page must not make its visitors' browsers work for it.
            self._metrics.refusals["origin"] += 1
            return connection.respond(HTTPStatus.FORBIDDEN, "not for browsers\n")
        if not self._gate.connect(_address(connection), now=_now()):
            self._metrics.refusals["limit"] += 1
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "too many connections\n")
        return None

    async def _visit(self, connection: ServerConnection) -> None:
        address = _address(connection)
        if not self._gate.enter(address, now=_now()):
            self._metrics.refusals["limit"] += 1
            with contextlib.suppress(ConnectionClosed):
                await connection.send(encode(Failed("limit", "Too many open connections.")))
            return
        # Drawn at random, so that a number tells nobody how busy the server is.
        socket = secrets.randbits(52)
        while socket in self._visitors:
            socket = secrets.randbits(52)
        visitor = self._visitors[socket] = Visitor(connection, address, self._limits, now=_now())
        writer = asyncio.create_task(visitor.write(), name="rendezvous writer")
        try:
            await self._listen(socket, visitor)
        except Refusal as refusal:
            self._metrics.refusals[refusal.code] += 1
            visitor.put(refusal.message())
        except ConnectionClosed:
            pass
        finally:
            now = _now()
            del self._visitors[socket]
            self._gate.leave(address, now=now)
            self.deliver(self._rooms.leave(socket, now=now))
            visitor.finish()
            # Bounded, since a reader that has stalled would keep the last words for ever.
            await asyncio.wait([writer], timeout=_CLOSE_TIMEOUT_S)
            writer.cancel()

    async def _listen(self, socket: int, visitor: Visitor) -> None:
        frame = await visitor.hello()
        while True:
            message = visitor.read(frame, is_member=self._rooms.is_member(socket), now=_now())
            self._metrics.frames += 1
            self.handle(socket, message)
            frame = await visitor.connection.recv()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = _now()
            deliveries = self._rooms.expire(now=now)
            self.deliver(deliveries)
            for delivery in deliveries:
                if isinstance(delivery.message, Failed) and delivery.socket in self._visitors:
                    self._visitors[delivery.socket].finish()
            self._gate.forget(now=now)
            log.debug("%d rooms, %d sockets", len(self._rooms), len(self._visitors))


def _address(connection: ServerConnection) -> str:
    peer = connection.remote_address
    return address_key(peer[0]) if peer else "gone"


def _now() -> float:
    return asyncio.get_running_loop().time()
