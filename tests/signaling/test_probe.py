"""The doctor's network checks say what is wrong and what to do."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meshconf.signaling.probe import rendezvous_check
from tests.lab.namespace import why_not
from tests.lab.network import Host, Lab

_REASON = why_not()
_lab = pytest.mark.skipif(_REASON is not None and os.environ.get("CI") != "true", reason=str(_REASON))


@pytest.fixture
async def answering() -> AsyncIterator[tuple[list[bytes], int]]:
    """A server that answers every connection with the bytes in the list; and its port."""
    answer = [b"HTTP/1.1 200 OK\r\n\r\nOK\n"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n")
        writer.write(answer[0])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield answer, server.sockets[0].getsockname()[1]


async def test_a_healthy_rendezvous_is_timed(answering: tuple[list[bytes], int]) -> None:
    result = await rendezvous_check(f"ws://127.0.0.1:{answering[1]}")
    assert result.ok
    assert " ms" in result.sentence


@pytest.mark.parametrize("answer", [b"HTTP/1.1 404 Not Found\r\n\r\n", b"SSH-2.0-x\r\n", b"", b"\xff" * 9000])
async def test_something_else_on_the_port_is_told_apart(answering: tuple[list[bytes], int], answer: bytes) -> None:
    answering[0][0] = answer
    result = await rendezvous_check(f"ws://127.0.0.1:{answering[1]}")
    assert not result.ok
    assert "not a meshconf rendezvous" in result.sentence or "cannot be reached" in result.sentence


async def test_a_plain_server_behind_wss_is_told_apart(answering: tuple[list[bytes], int]) -> None:
    result = await rendezvous_check(f"wss://127.0.0.1:{answering[1]}")
    assert "does not speak TLS" in result.sentence
    assert f"ws://127.0.0.1:{answering[1]}" in result.fix


async def test_a_closed_port_tells_how_to_start_the_server() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        result = await rendezvous_check(f"ws://127.0.0.1:{port}")
    assert not result.ok
    assert result.fix == f"Start it with: meshconf rendezvous --port {port}"


@pytest.mark.parametrize("url", ["", "http://x", "ws://", "ws://x:port", "wss://[::1", "nonsense"])
async def test_what_is_no_address_is_called_so(url: str) -> None:
    result = await rendezvous_check(url)
    assert not result.ok
    assert "is not the address" in result.sentence


@pytest.mark.lab
@_lab
def test_multicast_works_on_a_lan_and_its_loss_to_a_firewall_is_seen() -> None:
    with Lab() as lab:
        alice = lab.host("alice", lab.switch("lan", "10.1.0.0/24"))
        assert [(one["interface"], one["ok"]) for one in _multicast(alice)] == [("eth0", True)]

        alice.run(["nft", "add table ip f; add chain ip f in { type filter hook input priority 0; policy drop; }"])
        (blocked,) = _multicast(alice)
        assert not blocked["ok"]
        assert "5353" in str(blocked["fix"])

        alice.run(["ip", "addr", "flush", "dev", "eth0"])
        assert _multicast(alice) == []


def _multicast(host: Host) -> list[dict[str, object]]:
    program = (
        "import asyncio, dataclasses, json; from meshconf.signaling.probe import multicast_check;"
        "print(json.dumps([dataclasses.asdict(one) for one in asyncio.run(multicast_check())]))"
    )
    found: list[dict[str, object]] = json.loads(
        host.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2]).stdout
    )
    return found
