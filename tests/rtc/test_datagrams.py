"""How datagrams leave: cut by the kernel or one by one, over a socket or a relay, always the same bytes."""

from __future__ import annotations

import asyncio
import errno
import random
import socket
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aioice import Candidate
from aioice.ice import CandidatePair

from meshconf.rtc.datagrams import MOST_BYTES, RelayedOutlet, SocketOutlet, open_outlet
from tests.rtc.support import until

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="segmentation offload is Linux's")


@pytest.fixture
def far() -> Iterator[socket.socket]:
    """Where datagrams arrive."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(2.0)
        yield receiver


@pytest.fixture
def near() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        yield sender


def _arrived(receiver: socket.socket, count: int) -> list[bytes]:
    return [receiver.recv(65_536) for _ in range(count)]


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("offload", [pytest.param(True, marks=LINUX), False])
@pytest.mark.parametrize(
    ("octets", "size"),
    [(1, 1178), (1178, 1178), (1179, 1178), (11_780, 1178), (12_000, 1178), (64 * 100, 100), (150 * 100 + 7, 100)]
    + [(MOST_BYTES, 1400), (120_000, 1178)],
)
def test_what_arrives_is_the_same_cut_by_the_kernel_or_by_us(
    near: socket.socket, far: socket.socket, octets: int, size: int, offload: bool
) -> None:
    outlet = SocketOutlet(near.dup(), far.getsockname())
    assert outlet.segments is (sys.platform == "linux")
    outlet.segments = outlet.segments and offload
    data = random.Random(octets).randbytes(octets)
    outlet.send_segments(memoryview(data), size)
    wanted = _pieces(data, size)
    assert _arrived(far, len(wanted)) == wanted
    assert outlet.segments is offload
    outlet.close()


class _Socket:
    """A socket whose `sendmsg` answers with an error, or whose every call does."""

    def __init__(self, own: socket.socket, error: int, *, all_calls: bool = False) -> None:
        self._own = own
        self._error = error
        self._all = all_calls
        self.offloaded = 0

    def setblocking(self, blocking: bool) -> None:
        self._own.setblocking(blocking)

    def sendmsg(self, *arguments: object) -> int:
        self.offloaded += 1
        raise OSError(self._error, "no")

    def sendto(self, data: bytes, address: tuple[str, int]) -> int:
        if self._all:
            raise OSError(self._error, "no")
        return self._own.sendto(data, address)

    def close(self) -> None:
        self._own.close()


@LINUX
@pytest.mark.parametrize("error", [errno.EINVAL, errno.EIO, errno.EOPNOTSUPP, errno.EMSGSIZE])
def test_a_kernel_that_does_not_cut_is_asked_once_and_nothing_is_lost(
    near: socket.socket, far: socket.socket, error: int
) -> None:
    own = _Socket(near.dup(), error)
    outlet = SocketOutlet(cast(socket.socket, own), far.getsockname())
    data = random.Random(1).randbytes(30_000)
    for _ in range(3):
        outlet.send_segments(memoryview(data), 1100)
    wanted = 3 * _pieces(data, 1100)
    assert _arrived(far, len(wanted)) == wanted
    assert own.offloaded == 1 and not outlet.segments
    outlet.close()


@LINUX
def test_what_a_full_buffer_does_not_take_is_lost(near: socket.socket) -> None:
    own = _Socket(near.dup(), errno.EAGAIN, all_calls=True)
    outlet = SocketOutlet(cast(socket.socket, own), ("127.0.0.1", 9))
    outlet.send_segments(memoryview(bytes(2_500)), 1_000)
    outlet.send(b"alone")
    assert own.offloaded == 1, "and not tried again"
    assert outlet.segments, "a full buffer says nothing about offload"
    outlet.close()


def test_a_closed_path_sends_nothing_and_its_socket_is_closed(near: socket.socket, far: socket.socket) -> None:
    own = near.dup()
    outlet = SocketOutlet(own, far.getsockname())
    outlet.close()
    outlet.close()
    outlet.send(b"late")
    outlet.send_segments(memoryview(bytes(5_000)), 1_000)
    assert own.fileno() == -1 and near.fileno() != -1
    far.setblocking(False)
    with pytest.raises(BlockingIOError):
        far.recv(100)


class _Relay:
    """A relayed candidate's transport; it belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, tuple[str, int]]] = []
        self._thread = threading.get_ident()

    def sendto(self, data: bytes, address: tuple[str, int]) -> None:
        assert threading.get_ident() == self._thread and type(data) is bytes
        self.sent.append((data, address))

    def get_extra_info(self, name: str) -> Any:
        return None


async def test_a_relay_is_handed_each_datagram_in_order_on_the_event_loop() -> None:
    relay = _Relay()
    outlet = RelayedOutlet(relay, ("10.0.0.1", 7))
    buffer = bytearray(b"aabbc")

    def from_an_encoder() -> None:
        outlet.send_segments(memoryview(buffer), 2)
        buffer[:] = b"xxxxx"  # the sender's buffer is written over at once
        outlet.send(memoryview(buffer)[:1])

    await asyncio.to_thread(from_an_encoder)
    await until(lambda: len(relay.sent) == 4)
    assert relay.sent == [(data, ("10.0.0.1", 7)) for data in (b"aa", b"bb", b"c", b"x")]
    outlet.send(b"under way")
    outlet.close()
    outlet.send(b"too late")
    await asyncio.sleep(0)
    assert len(relay.sent) == 4


def _pair(kind: str, transport: object) -> CandidatePair:
    local = Candidate("1", 1, "udp", 1, "10.9.9.9", 4, kind)
    remote = Candidate("1", 1, "udp", 1, "peer.local", 5, "host")
    remote._network_host = "127.0.0.1"
    return CandidatePair(cast(Any, SimpleNamespace(local_candidate=local, transport=transport)), remote)


async def test_the_way_follows_the_nominated_pair(near: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    direct = open_outlet(_pair("host", transport))
    assert isinstance(direct, SocketOutlet) and direct._remote == ("127.0.0.1", 5)
    transport.close()
    assert direct._socket is not None and direct._socket.fileno() != -1, "ours is a duplicate"
    direct.close()
    assert isinstance(open_outlet(_pair("relay", _Relay())), RelayedOutlet)
    assert isinstance(open_outlet(_pair("host", _Relay())), RelayedOutlet), "a transport without a socket"
