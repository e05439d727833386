"""RTCP: what we write is what we read, bytes of the standard are read right, and no bytes do harm."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rtp.rtcp import (
    MAX_PACKETS,
    MAX_SEQUENCES,
    UNKNOWN,
    CongestionFeedback,
    GenericNack,
    PictureLossIndication,
    RtcpPacket,
    SenderReport,
    StreamArrivals,
    build,
    parse,
)

short, word, long = (st.integers(0, 2**bits - 1) for bits in (16, 32, 64))
reports = st.builds(SenderReport, word, long, word, word, word)
indications = st.builds(PictureLossIndication, word, word)
streams = st.builds(StreamArrivals, word, short, st.lists(st.none() | st.integers(0, UNKNOWN), max_size=60).map(tuple))
feedbacks = st.builds(CongestionFeedback, word, st.lists(streams, max_size=4).map(tuple), word)


@st.composite
def nacks(draw: st.DrawFn) -> GenericNack:
    first, ahead = draw(short), draw(st.sets(st.integers(0, 500), min_size=1, max_size=60))
    return GenericNack(draw(word), draw(word), tuple((first + step) & 0xFFFF for step in sorted(ahead)))


@given(st.lists(reports | indications | feedbacks | nacks(), max_size=6))
def test_what_is_written_is_read_back(packets: list[RtcpPacket]) -> None:
    assert parse(build(packets)) == packets


def test_a_sender_report_has_the_bytes_of_the_standard() -> None:
    data = build([SenderReport(0x11223344, 0x0102030405060708, 9, 10, 11)])
    assert data.hex() == "80c80006" + "11223344" + "0102030405060708" + "00000009" + "0000000a" + "0000000b"


def test_lost_packets_near_each_other_share_a_mask_across_the_wrap() -> None:
    data = build([GenericNack(1, 2, (65_530, 65_531, 10, 11))])
    assert data.hex() == "81cd0004" + "00000001" + "00000002" + "fffa8001" + "000b0000"


def test_a_picture_loss_indication_has_the_bytes_of_the_standard() -> None:
    assert build([PictureLossIndication(1, 2)]).hex() == "81ce0002" + "00000001" + "00000002"


def test_feedback_has_the_bytes_of_the_standard() -> None:
    arrivals = StreamArrivals(2, 0xFFFF, (1024, None, UNKNOWN))
    data = build([CongestionFeedback(1, (arrivals,), 0xAABBCCDD)])
    assert data.hex() == "8bcd0006" + "00000001" + "00000002" + "ffff0003" + "84000000" + "9fff0000" + "aabbccdd"


def test_report_blocks_and_unknown_packets_are_passed_over() -> None:
    report = bytearray(build([SenderReport(1, 2, 3, 4, 5)])) + bytes(24)
    report[0], report[3] = 0x81, 12
    goodbye = bytes.fromhex("81cb0001") + bytes(4)
    assert parse(bytes(report) + goodbye + build([PictureLossIndication(6, 7)])) == [
        SenderReport(1, 2, 3, 4, 5),
        PictureLossIndication(6, 7),
    ]


def test_padding_is_no_content() -> None:
    padded = bytearray(build([GenericNack(1, 2, (3,))])) + b"\0\0\0\4"
    padded[0] |= 0x20
    padded[3] += 1
    assert parse(bytes(padded)) == [GenericNack(1, 2, (3,))]


def test_an_ecn_mark_is_read_as_a_packet_that_came() -> None:
    data = bytearray(build([CongestionFeedback(1, (StreamArrivals(2, 3, (5, 6)),), 4)]))
    data[16] |= 0x60
    assert parse(bytes(data)) == [CongestionFeedback(1, (StreamArrivals(2, 3, (5, 6)),), 4)]


def test_feedback_that_claims_more_than_it_holds_is_left_out() -> None:
    data = bytearray(build([CongestionFeedback(1, (StreamArrivals(2, 3, (5, 6)),), 4)]))
    struct.pack_into("!H", data, 14, 60_000)
    assert parse(bytes(data)) == []


def test_what_one_datagram_yields_is_bounded() -> None:
    assert len(parse(build([PictureLossIndication(1, 2)] * 1000))) == MAX_PACKETS
    flood = struct.pack("!BBHII", 0x81, 205, 2 + 10_000, 1, 2) + b"\0\0\xff\xff" * 10_000
    (nack,) = parse(flood)
    assert isinstance(nack, GenericNack) and len(nack.sequences) == MAX_SEQUENCES
    several = parse(build([GenericNack(1, 2, tuple(range(at, at + 100))) for at in range(0, 400, 100)]))
    asked = [sequence for nack in several if isinstance(nack, GenericNack) for sequence in nack.sequences]
    assert asked == list(range(MAX_SEQUENCES)), "of all the requests in it together"


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data: bytes) -> None:
    parse(data)


@given(st.sampled_from([200, 205, 206]), st.integers(0, 63), st.binary(max_size=120))
def test_no_bodies_do_harm(kind: int, bits: int, body: bytes) -> None:
    body = body[: len(body) // 4 * 4]
    for packet in parse(struct.pack("!BBH", 0x80 | bits, kind, len(body) // 4) + body):
        build([packet])
