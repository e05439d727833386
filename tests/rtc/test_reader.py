"""Reading a link's socket in place of asyncio: the same datagrams, and the time at which each came."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aioice import Candidate, Connection
from aioice.ice import CandidatePair, StunProtocol

from meshconf.rtc import reader as reader_module
from meshconf.rtc.datagrams import SocketOutlet
from meshconf.rtc.poll import MOST_AT_ONCE
from meshconf.rtc.reader import SocketReader, read_instead
from tests.rtc.support import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere asyncio reads")

MEDIA, OTHER = b"\x80", b"\x16"


class Ends:
    """A peer's socket, and ours behind a candidate pair."""

    def __init__(self, transport: asyncio.DatagramTransport, regular: list[bytes]) -> None:
        self.transport = transport
        self.regular = regular
        """What reached aioice's protocol, whoever read it."""
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.peer.bind(("127.0.0.1", 0))
        self.own: socket.socket = transport.get_extra_info("socket")
        self.address: tuple[str, int] = self.own.getsockname()
        self.taken: list[bytes] = []
        self.together: list[int] = []
        """How many came with each call."""
        self.times: list[float] = []

    @property
    def pair(self) -> CandidatePair:
        host, port = self.peer.getsockname()
        remote = Candidate("1", 1, "udp", 1, host, port, "host")
        local = Candidate("1", 1, "udp", 1, "127.0.0.1", 4_000, "host")
        protocol = SimpleNamespace(
            transport=self.transport,
            local_candidate=local,
            datagram_received=lambda data, sender: self.regular.append(data),
        )
        return CandidatePair(cast(Any, protocol), remote)

    def take(self, datagrams: Sequence[bytes], arrived: float) -> None:
        self.taken.extend(datagrams)
        self.together.append(len(datagrams))
        self.times.append(arrived)

    def read_instead(self) -> Any:
        return read_instead(self.pair, is_media=lambda data: data[:1] == MEDIA, take=self.take)

    def say(self, *datagrams: bytes) -> None:
        for data in datagrams:
            self.peer.sendto(data, self.address)


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    regular: list[bytes] = []

    class Protocol(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            regular.append(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
    both = Ends(transport, regular)
    yield both
    transport.close()
    both.peer.close()
    await asyncio.sleep(0)


async def test_media_are_taken_and_all_else_goes_the_regular_way_each_once(ends: Ends) -> None:
    give_back = ends.read_instead()
    assert give_back is not None
    ends.say(MEDIA + b"1", OTHER + b"2", b"", MEDIA + b"3")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(MEDIA + b"forged", ends.address)
    ends.say(OTHER + b"end")
    await until(lambda: OTHER + b"end" in ends.regular)
    assert ends.taken == [MEDIA + b"1", MEDIA + b"3"]
    assert ends.regular == [OTHER + b"2", MEDIA + b"forged", OTHER + b"end"]
    give_back()


@pytest.mark.parametrize("sizes", [[1_178] * 40 + [300], [900] * 7, [5]])
async def test_datagrams_that_the_kernel_put_together_are_taken_apart(ends: Ends, sizes: list[int]) -> None:
    give_back = ends.read_instead()
    sent = [MEDIA + bytes((number,)) * (size - 1) for number, size in enumerate(sizes)]
    outlet = SocketOutlet(ends.peer.dup(), ends.address)
    outlet.send_segments(memoryview(b"".join(sent)), sizes[0])
    ends.say(MEDIA + b"alone")
    await until(lambda: len(ends.taken) > len(sizes))
    assert ends.taken == [*sent, MEDIA + b"alone"]
    assert len(ends.together) < len(sizes) / 3 + 2
    outlet.close()
    give_back()


async def test_the_time_is_that_of_arrival_and_not_of_reading(ends: Ends) -> None:
    give_back = ends.read_instead()
    before = time.monotonic()
    ends.say(MEDIA + b"early")
    after = time.monotonic()
    while time.monotonic() < after + 0.05:
        pass  # busy, as with a large picture
    ends.say(MEDIA + b"late")
    await until(lambda: len(ends.taken) == 2)
    early, late = ends.times
    assert before - 0.005 < early < after + 0.005
    assert late - early > 0.045
    give_back()


async def test_a_flood_leaves_the_others_their_turn(ends: Ends) -> None:
    give_back = ends.read_instead()
    ends.say(*(MEDIA + bytes((number,)) * (1 + number % 2) for number in range(150)))
    turns = 0
    while len(ends.taken) < 150:
        assert len(ends.taken) <= MOST_AT_ONCE * (turns + 1)
        turns += 1
        await asyncio.sleep(0)
        assert turns < 1_000
    assert turns >= 150 // MOST_AT_ONCE
    give_back()


async def test_what_takes_may_end_it(ends: Ends) -> None:
    give_back = ends.read_instead()
    taken: list[bytes] = []

    def take_one(datagrams: Sequence[bytes], arrived: float) -> None:
        taken.extend(datagrams)
        give_back()

    ends.take = take_one  # type: ignore[method-assign]
    give_back()
    give_back = ends.read_instead()
    ends.say(MEDIA + b"1", MEDIA + b"two")
    await until(lambda: ends.regular)
    assert (taken, ends.regular) == ([MEDIA + b"1"], [MEDIA + b"two"])


async def test_given_back_asyncio_reads_again(ends: Ends) -> None:
    files = len(os.listdir("/proc/self/fd"))
    for number in range(3):
        give_back = ends.read_instead()
        ends.say(MEDIA + b"x")
        await until(lambda number=number: len(ends.taken) == number + 1)  # type: ignore[misc]
        give_back()
        ends.say(MEDIA + b"y")
        await until(lambda number=number: len(ends.regular) == number + 1)  # type: ignore[misc]
    assert len(os.listdir("/proc/self/fd")) == files


async def test_after_the_transport_has_closed_nothing_is_given_back(ends: Ends) -> None:
    files = len(os.listdir("/proc/self/fd"))
    give_back = ends.read_instead()
    ends.transport.close()
    await asyncio.sleep(0)
    give_back()
    assert len(os.listdir("/proc/self/fd")) == files - 1, "the transport's own"


async def test_where_it_cannot_be_asyncio_goes_on(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    files = len(os.listdir("/proc/self/fd"))
    pair = ends.pair
    pair.protocol.local_candidate.type = "relay"
    assert read_instead(pair, is_media=bool, take=ends.take) is None
    with monkeypatch.context() as patch:
        patch.setattr(reader_module, "UDP_GRO", 9_999)  # as to an old kernel
        assert ends.read_instead() is None
    with monkeypatch.context() as patch:
        patch.setattr(reader_module.sys, "platform", "darwin")  # type: ignore[attr-defined]
        assert ends.read_instead() is None
    assert len(os.listdir("/proc/self/fd")) == files
    ends.say(MEDIA + b"x")
    await until(lambda: ends.regular == [MEDIA + b"x"])
    assert not recwarn.list, "a socket was not closed"


async def test_aioice_reads_in_the_way_that_is_replaced() -> None:
    """Without these private parts nothing breaks, but all datagrams are read one by one."""
    loop = asyncio.get_running_loop()
    assert callable(getattr(loop, "_add_reader", None))
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: StunProtocol(Connection(ice_controlling=True)), local_addr=("127.0.0.1", 0)
    )
    assert callable(getattr(transport, "_read_ready", None))
    assert protocol.transport is transport
    transport.close()


def test_errors_of_the_socket_are_left_out() -> None:
    class Broken:
        calls = 0

        def setsockopt(self, *option: object) -> None:
            pass

        def recvmsg_into(self, *arguments: object) -> object:
            self.calls += 1
            raise ConnectionRefusedError if self.calls == 1 else BlockingIOError

    broken = Broken()
    reader = SocketReader(
        cast(socket.socket, broken),
        ("10.0.0.1", 1),
        is_media=bool,
        take=lambda data, arrived: pytest.fail(),
        otherwise=lambda data, sender: pytest.fail(),
    )
    reader.read()
    reader.read()
    assert broken.calls == 2


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
async def test_a_wall_clock_that_is_set_moves_no_datagram_in_time(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    clock = SimpleNamespace(monotonic=time.monotonic, time=time.time)
    monkeypatch.setattr(reader_module, "time", clock)
    give_back = ends.read_instead()
    assert give_back is not None
    began = time.monotonic()
    ends.say(MEDIA + b"1")  # stamped by the clock as it was
    clock.time = lambda: time.time() + step
    await until(lambda: len(ends.taken) == 1)
    ends.say(MEDIA + b"2")
    await until(lambda: len(ends.taken) == 2)
    assert all(began <= came <= time.monotonic() for came in ends.times)
    give_back()
