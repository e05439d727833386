"""What SCTP may bring: all that an honest peer sends over a bad road, and nothing by which a peer stops ours."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import google_crc32c
import pytest
from aiortc import RTCPeerConnection, RTCSctpTransport
from aiortc import rtcsctptransport as sctp

from meshconf.rtc import patches, sctp_hooks
from meshconf.rtc.channels import Channels
from tests.rtc.support import End, close, connect, until

CTL, RT = 0, 1
WHOLE, FIRST, MIDDLE, LAST = 3, 2, 0, 1
UNORDERED = 4
BEFORE = 1_000
"""The number of the last chunk that came."""


@pytest.fixture
async def association() -> AsyncIterator[RTCSctpTransport]:
    """One that stands, with our channels, and sends into the void."""
    patches.apply()
    connection = RTCPeerConnection()
    connection.addTransceiver("audio")
    Channels(connection, on_open=lambda: None, on_message=lambda name, data: None, on_violation=lambda sentence: None)
    transport = connection.sctp
    assert transport is not None

    async def lose(data: bytes) -> None:
        pass

    vars(transport.transport)["_send_data"] = lose
    transport._remote_port, transport._last_received_tsn = 5_000, BEFORE
    transport._ssthresh = 1 << 20
    transport._association_state = transport.State.ESTABLISHED
    yield transport
    transport._set_state(transport.State.CLOSED)
    await connection.close()


def data(ahead: int, *, stream: int = CTL, flags: int = WHOLE, order: int = 0, size: int = 1_160) -> sctp.DataChunk:
    """A chunk so many numbers ahead of the last one."""
    chunk = sctp.DataChunk(flags=flags)
    chunk.tsn, chunk.stream_id, chunk.stream_seq = (BEFORE + ahead) % 2**32, stream, order
    chunk.protocol, chunk.user_data = sctp.WEBRTC_BINARY, bytes(size)
    return chunk


def forward(ahead: int, *streams: tuple[int, int]) -> sctp.ForwardTsnChunk:
    chunk = sctp.ForwardTsnChunk()
    chunk.cumulative_tsn, chunk.streams = BEFORE + ahead, list(streams)
    return chunk


def sack(cumulative: int, *gaps: tuple[int, int]) -> sctp.SackChunk:
    chunk = sctp.SackChunk()
    chunk.cumulative_tsn, chunk.gaps = cumulative % 2**32, list(gaps)
    return chunk


async def refused(association: RTCSctpTransport, chunk: sctp.Chunk) -> None:
    with pytest.raises(ConnectionError, match="The peer"):
        await association._receive_chunk(chunk)


def _of_another_kind() -> sctp.DataChunk:
    chunk = data(1)
    chunk.protocol = sctp.WEBRTC_DCEP
    return chunk


@pytest.mark.parametrize(
    "chunk",
    [
        data(1, stream=3),
        _of_another_kind(),
        data(1, flags=FIRST, size=1),
        data(2, flags=MIDDLE | UNORDERED, stream=RT, size=sctp_hooks.SHORTEST_PIECE - 1),
        data(sctp_hooks.FARTHEST + 1),
        forward(sctp_hooks.FARTHEST + 1),
        forward(1, (CTL, 0)),
        forward(1, (77, 0)),
        sctp.ReconfigChunk(),
    ],
    ids=repr,
)
async def test_what_nobody_honest_sends_ends_the_link(association: RTCSctpTransport, chunk: sctp.Chunk) -> None:
    await refused(association, chunk)


async def test_half_a_megabyte_may_wait_for_one_packet_and_not_much_more(association: RTCSctpTransport) -> None:
    honest = 524_288 // 1_160 + 200  # all that ctl lets through at once: each message may end with a short piece
    for number in range(honest):
        await association._receive_chunk(data(2 + number, order=1 + number))
    for number in range(honest, sctp_hooks.MOST_HELD):
        await association._receive_chunk(data(2 + number, order=1 + number, size=1))
    await refused(association, data(2 + sctp_hooks.MOST_HELD, order=1 + sctp_hooks.MOST_HELD))


async def test_what_comes_late_lets_all_go_that_waited(association: RTCSctpTransport) -> None:
    for number in range(500):
        await association._receive_chunk(data(2 + number, order=1 + number))
    await association._receive_chunk(data(1))
    assert association._inbound_streams[CTL].reassembly == []
    assert association._last_received_tsn == BEFORE + 501


async def test_halves_of_lossy_messages_do_not_pile_up(association: RTCSctpTransport) -> None:
    for number in range(sctp_hooks.MOST_HALVES):
        await association._receive_chunk(data(2 + 2 * number, stream=RT, flags=LAST | UNORDERED, size=40))
    await refused(association, data(200, stream=RT, flags=LAST | UNORDERED, size=40))


async def test_lossy_messages_may_be_given_up_and_no_others(association: RTCSctpTransport) -> None:
    await association._receive_chunk(data(2, stream=RT, flags=LAST | UNORDERED, size=40))
    await association._receive_chunk(data(5, order=1))
    await association._receive_chunk(forward(3, (RT, 0)))
    assert association._inbound_streams[RT].reassembly == []
    assert association._last_received_tsn == BEFORE + 3
    await association._receive_chunk(forward(2))  # once more, an old one
    await refused(association, forward(6))


async def test_numbers_are_not_taken_without_end_by_moving_the_last_one(association: RTCSctpTransport) -> None:
    association._sack_misordered = set(range(BEFORE + 2, BEFORE + 2 + sctp_hooks.FARTHEST))
    await refused(association, data(1, stream=RT, flags=WHOLE | UNORDERED))


async def test_nothing_is_taken_before_the_association_or_after_the_goodbye(association: RTCSctpTransport) -> None:
    association._last_received_tsn = None
    await refused(association, data(1))
    association._set_state(association.State.CLOSED)
    for chunk in (data(1), forward(1), sack(association._local_tsn + 9)):
        await association._receive_chunk(chunk)
    assert association._inbound_streams == {}


async def test_old_chunks_are_only_told_again(association: RTCSctpTransport) -> None:
    await association._receive_chunk(data(0))
    await association._receive_chunk(data(-500))
    assert association._sack_duplicates == [BEFORE, BEFORE - 500]


async def test_acknowledged_is_only_what_was_sent(association: RTCSctpTransport) -> None:
    first = association._local_tsn
    for _ in range(10):
        await association._send(CTL, sctp.WEBRTC_BINARY, b"x" * 1_000)
    before = first - 1
    # 2 and 9 are on their way; the order of gaps turns around where numbers begin anew.
    await association._receive_chunk(sack(before, (10, 10), (3, 8)))
    await association._receive_chunk(sack(first))
    await association._receive_chunk(sack(before, (2, 2)))  # overtaken
    assert association._last_sacked_tsn == first % 2**32
    for gaps in ([(2, 11)], [(0, 3)], [(5, 4)], [(1, 9), (1, 9)], [(1, 65_535)] * 280):
        await refused(association, sack(before, *gaps))
    await refused(association, sack(first + 10))


@pytest.mark.parametrize("length", [0, 3])
def test_a_parameter_of_no_length_is_refused(length: int) -> None:
    patches.apply()
    with pytest.raises(ValueError, match="parameter"):
        sctp.decode_params(struct.pack("!HHHH", 1, 4, 1, length))
    assert sctp.decode_params(struct.pack("!HHB", 1, 5, 7) + bytes(3) + struct.pack("!HH", 2, 4)) == [
        (1, b"\x07"),
        (2, b""),
    ]


def _packet(association: RTCSctpTransport, *chunks: bytes) -> bytes:
    raw = b"".join(chunks)
    head = struct.pack("!HHL", association._local_port, association._remote_port, association._remote_verification_tag)
    return head + struct.pack("<L", google_crc32c.value(head + bytes(4) + raw)) + raw


def _sctp_of(end: End) -> RTCSctpTransport:
    transport = end.link._connection.sctp
    assert transport is not None
    return transport


async def test_one_hostile_datagram_ends_its_link_at_once() -> None:
    one, other = End(), End()
    await connect(one, other)
    near, far = _sctp_of(one), _sctp_of(other)
    gaps = struct.pack("!HH", 1, 65_535) * 280
    body = struct.pack("!LLHH", far._last_sacked_tsn, 1 << 20, 280, 0) + gaps
    hostile = _packet(near, struct.pack("!BBH", 3, 0, 4 + len(body)) + body)
    began = time.process_time()
    await near.transport._send_data(hostile)
    await until(lambda: other.listener.states[-1] == "closed")
    assert time.process_time() - began < 1.0
    await close(one, other)


async def test_a_heartbeat_without_end_is_dropped() -> None:
    one, other = End(), End()
    await connect(one, other)
    near = _sctp_of(one)
    await near.transport._send_data(_packet(near, struct.pack("!BBHHH", 4, 0, 8, 1, 0)))
    assert one.link.send("ctl", b"still here")
    await until(lambda: other.listener.messages)
    await close(one, other)


async def test_an_honest_peer_on_a_bad_road_keeps_its_link() -> None:
    """A tenth lost and a tenth overtaken, both ways, while ctl and rt are as busy as they may be."""
    one, other = End(), End()
    await connect(one, other)
    chance = random.Random(1)

    def spoil(association: RTCSctpTransport) -> None:
        regular: Callable[[bytes], Awaitable[None]] = association._handle_data
        loop = asyncio.get_running_loop()

        async def arrive(packet: bytes) -> None:
            fate = chance.random()
            if fate < 0.1:
                return
            if fate < 0.2:
                loop.call_later(0.03, lambda: asyncio.ensure_future(regular(packet)))
                return
            await regular(packet)

        vars(association)["_handle_data"] = arrive

    for end in (one, other):
        spoil(_sctp_of(end))
    sent = 0
    for round_ in range(100):
        while sent < 16 and one.link.send("ctl", bytes([sent]) * 16_384):
            sent += 1
        one.link.send("rt", bytes([round_]) * (1_190 if round_ % 4 else 60))
        await asyncio.sleep(0.005)

    def said() -> list[bytes]:
        return [message for channel, message in other.listener.messages if channel == "ctl"]

    await until(lambda: len(said()) == 16, within_s=60)
    assert [message[0] for message in said()] == list(range(16))
    assert one.link.state == other.link.state == "connected"
    await close(one, other)
