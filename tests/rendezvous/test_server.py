"""The server as strangers meet it: HTTP, limits, garbage, slow readers. Over loopback, with raw WebSockets."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from rendezvous.limits import Limits
from rendezvous.messages import (
    MAX_BOX,
    MAX_FRAME,
    SUBPROTOCOL,
    ClientMessage,
    Failed,
    Join,
    Joined,
    Open,
    Opened,
    Send,
    ServerMessage,
    decode_server,
    encode,
)
from rendezvous.server import RendezvousServer

TOKEN = b"t" * 16


@pytest.fixture
async def server() -> AsyncIterator[RendezvousServer]:
    async with RendezvousServer("127.0.0.1", 0) as server:
        yield server


def dial(server: RendezvousServer, origin: str | None = None) -> connect:
    return connect(
        server.url,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        origin=Origin(origin) if origin else None,
        max_size=None,
        proxy=None,
    )


async def ask(client: ClientConnection, message: ClientMessage) -> ServerMessage:
    await client.send(encode(message))
    return decode_server(await client.recv())


async def last_words(client: ClientConnection) -> list[str]:
    """Read to the end and return the codes of all failures on the way."""
    codes: list[str] = []
    async with asyncio.timeout(10):
        try:
            while True:
                message = decode_server(await client.recv())
                if isinstance(message, Failed):
                    codes.append(message.code)
        except ConnectionClosed:
            return codes


async def http(server: RendezvousServer, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_healthz_says_ok(server: RendezvousServer) -> None:
    answer = await http(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"ok\n")


async def test_browsers_are_refused(server: RendezvousServer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(server, origin="https://example.org")
    assert refused.value.response.status_code == 403


async def test_a_client_of_another_version_is_refused(server: RendezvousServer) -> None:
    with pytest.raises(InvalidStatus):
        await connect(server.url, subprotocols=[Subprotocol("meshconf-rendezvous-0")], proxy=None)


@pytest.mark.parametrize("garbage", [b"", b"\xc1", b"\x00" * 1000, "text", encode(Opened(1, ())), encode(Send(1, b""))])
async def test_a_malformed_frame_closes_its_socket_and_no_other(server: RendezvousServer, garbage: bytes | str) -> None:
    async with dial(server) as member, dial(server) as stranger:
        assert isinstance(await ask(member, Open(("a",), TOKEN)), Opened)
        await stranger.send(garbage)
        assert await last_words(stranger) == ["malformed"]
        async with dial(server) as joiner:
            assert isinstance(await ask(joiner, Join("a")), Joined)


async def test_a_frame_that_is_too_large_closes_its_socket(server: RendezvousServer) -> None:
    async with dial(server) as client:
        await client.send(b"\0" * (MAX_FRAME + 1))
        assert await last_words(client) == []
        assert client.close_code == 1009


async def test_a_socket_that_floods_is_closed() -> None:
    async with RendezvousServer("127.0.0.1", 0, limits=Limits(frame_burst=5, frames_per_second=0.001)) as server:
        async with dial(server) as client:
            await client.send(encode(Open(("a",), TOKEN)))
            for _ in range(5):
                await client.send(encode(Send(1, b"")))
            assert await last_words(client) == ["limit"]


async def test_a_joiner_sends_a_limited_number_of_bytes() -> None:
    limits = Limits(joiner_bytes_per_minute=256 * 1024)
    async with RendezvousServer("127.0.0.1", 0, limits=limits) as server:
        async with dial(server) as member, dial(server) as joiner:
            opened = await ask(member, Open(("a",), TOKEN))
            assert isinstance(opened, Opened)
            await ask(joiner, Join("a"))
            for _ in range(5):
                await joiner.send(encode(Send(opened.own, b"\0" * MAX_BOX)))
            assert await last_words(joiner) == ["limit"]


async def test_a_silent_socket_is_sent_away() -> None:
    async with RendezvousServer("127.0.0.1", 0, limits=Limits(hello_seconds=0.05)) as server:
        async with dial(server) as client:
            assert await last_words(client) == ["idle"]


async def test_limits_of_an_address_hold() -> None:
    limits = Limits(count_loopback=True, connects_per_minute=4, sockets_per_address=2, opens_per_minute=1)
    async with RendezvousServer("127.0.0.1", 0, limits=limits) as server:
        async with dial(server) as first, dial(server) as second:
            assert isinstance(await ask(first, Open(("a",), TOKEN)), Opened)
            async with dial(server) as third:
                assert await last_words(third) == ["limit"]
            await second.send(encode(Open(("b",), TOKEN)))
            assert await last_words(second) == ["limit"]
            async with dial(server):
                pass
            with pytest.raises(InvalidStatus) as refused:
                await dial(server)
            assert refused.value.response.status_code == 429


async def test_a_slow_reader_loses_its_socket_and_delays_nobody() -> None:
    # Several times what the buffers of two sockets and of the library take up before anything has to wait.
    limits = Limits(outbox_bytes=256 * 1024, frame_burst=2000)
    async with RendezvousServer("127.0.0.1", 0, limits=limits) as server:
        async with dial(server) as member, dial(server) as slow:
            await ask(member, Open(("a",), TOKEN))
            joined = await ask(slow, Join("a"))
            assert isinstance(joined, Joined)
            slow.transport.pause_reading()
            async with asyncio.timeout(20):
                for _ in range(400):
                    await member.send(encode(Send(joined.own, b"\0" * MAX_BOX)))
                names = [type(decode_server(await member.recv())).__name__ for _ in range(2)]
            assert names == ["Arrived", "Departed"]
            slow.transport.abort()


async def test_closing_ends_every_socket_and_task() -> None:
    before = asyncio.all_tasks()
    server = RendezvousServer("127.0.0.1", 0)
    await server.start()
    async with dial(server) as client:
        await ask(client, Open(("a",), TOKEN))
        await server.close()
        await server.close()
        assert await last_words(client) == []
    async with asyncio.timeout(5):
        while asyncio.all_tasks() - before:
            await asyncio.wait(asyncio.all_tasks() - before)


async def test_neither_addresses_nor_boxes_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets.client").setLevel(logging.CRITICAL)
    async with RendezvousServer("127.0.0.1", 0) as server:
        async with dial(server) as member, dial(server) as joiner:
            opened = await ask(member, Open(("a",), TOKEN))
            assert isinstance(opened, Opened)
            await ask(joiner, Join("a"))
            await joiner.send(encode(Send(opened.own, b"secretbox")))
            await member.recv()
        await http(server, b"nonsense\r\n\r\n")
    logging.getLogger("websockets.client").setLevel(logging.NOTSET)
    assert "127.0.0.1" not in caplog.text and "secretbox" not in caplog.text


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=200) | st.text(max_size=50), min_size=1, max_size=4))
def test_no_garbage_takes_the_server_down(frames: list[bytes | str]) -> None:
    async def scene() -> None:
        async with RendezvousServer("127.0.0.1", 0) as server:
            async with dial(server) as vandal:
                try:
                    for frame in frames:
                        await vandal.send(frame)
                except ConnectionClosed:
                    pass  # the server has had enough already
            async with dial(server) as member:
                assert isinstance(await ask(member, Open(("a",), TOKEN)), Opened)

    asyncio.run(scene())
    gc.collect()
