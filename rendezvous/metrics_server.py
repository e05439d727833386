"""`/metrics` on a port of its own, so that a firewall can keep it from those whom the rendezvous serves."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from rendezvous.quiet import silent


class MetricsServer:
    """Answers plain HTTP and nothing else.

    Args:
        host: Address to listen on.
        port: TCP port; 0 lets the system choose, see `port` once started.
        page: Makes the text, at each request.
    """

    def __init__(self, host: str, port: int, page: Callable[[], str]) -> None:
        self._host = host
        self.port = port
        self._page = page
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: The address or port is not to be had.
        """
        self._server = await serve(
            _hang_up, self._host, self.port, process_request=self._answer, server_header=None, logger=silent
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _answer(self, connection: ServerConnection, request: Request) -> Response:
        if request.path != "/metrics":
            return connection.respond(HTTPStatus.NOT_FOUND, "only /metrics is here\n")
        response = connection.respond(HTTPStatus.OK, self._page())
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
        return response


async def _hang_up(connection: ServerConnection) -> None:
    """Never reached: every request is answered before a WebSocket opens."""
