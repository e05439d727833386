"""What a peer may send, with a valid seal or without: nothing of it does harm."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.media.rtp import rtcp
from meshconf.media.rtp.rtcp import CongestionFeedback, GenericNack, PictureLossIndication, SenderReport, StreamArrivals
from meshconf.rtc.receiver import REPORTS_AT_ONCE
from tests.rtc.sides import CAMERA, MIC, Side, close, rtcp_of, rtp_packet, sealer, started
from tests.rtc.support import until
from tests.rtc.wire import H264, H264_RTX, OPUS, VP8, VP8_RTX, opus_frame, vp8_frame

pytestmark = pytest.mark.usefixtures("without_connections")

word = st.integers(0, 2**32 - 1)
short = st.integers(0, 2**16 - 1)
"""SSRCs are drawn as indices into those that the two ends have, or are any."""


def _ssrc(place: int, side: Side, far: Side) -> int:
    known = [ssrc for one in (side, far) for feed in one.feeds.values() for ssrc in (feed.ssrc, feed.rtx_ssrc)]
    return known[place] if place < len(known) else place


places = st.integers(0, 15) | word


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.just("sr"), places, st.integers(0, 2**64 - 1), word)
        | st.tuples(st.just("nack"), places, st.lists(short, max_size=400))
        | st.tuples(st.just("pli"), places)
        | st.tuples(st.just("ccfb"), places, short, st.lists(st.none() | st.integers(0, 0x1FFF), max_size=500), word)
        | st.tuples(st.just("junk"), st.binary(max_size=300)),
        max_size=12,
    )
)
def test_reports_may_say_anything(said: list[tuple[Any, ...]]) -> None:
    async def receive() -> None:
        one, other = started()
        seal = sealer(other)
        for number in range(20):
            one.feeds[CAMERA].publish(vp8_frame(2_000, keyframe=not number, timestamp=number))
        leader = rtcp.build([PictureLossIndication(other.feeds[MIC].ssrc, 0)])
        for what in said:
            match what:
                case "sr", place, ntp, at:
                    data = rtcp.build([SenderReport(_ssrc(place, one, other), ntp, at, 0, 0)])
                case "nack", place, numbers:
                    data = rtcp.build([GenericNack(1, _ssrc(place, one, other), tuple(numbers))])
                case "pli", place:
                    data = rtcp.build([PictureLossIndication(1, _ssrc(place, one, other))])
                case "ccfb", place, begin, offsets, at:
                    arrivals = StreamArrivals(_ssrc(place, one, other), begin, tuple(offsets))
                    data = rtcp.build([CongestionFeedback(1, (arrivals,), at)])
                case _:
                    data = what[1]
            one.receive(seal(leader + data))
        assert one.media.octets_received or not said
        rtcp_of(one)._turn()
        rtcp_of(one)._send_reports()
        # It still sends, whatever it was told.
        before = len(other.sink.sound)
        one.feeds[MIC].publish(opus_frame(1))
        await asyncio.sleep(0)
        assert len(other.sink.sound) == before + 1
        close(one, other)

    asyncio.run(receive())


async def test_a_flood_of_reports_is_heard_in_part() -> None:
    one, other = started()
    seal = sealer(other)
    ask = rtcp.build([PictureLossIndication(1, one.feeds[CAMERA].ssrc)])
    leader = rtcp.build([PictureLossIndication(other.feeds[MIC].ssrc, 0)])
    flood = [seal(leader + ask) for _ in range(3 * REPORTS_AT_ONCE)]
    now = time.monotonic()
    one.asked.clear()
    one.media._receiver.take(flood, now)
    assert len(one.asked) == REPORTS_AT_ONCE
    one.media._receiver.take([b"\x80\xc9" + datagram[2:] for datagram in flood], now + 1)  # without a valid seal
    one.media._receiver.take([seal(leader + ask)], now + 1)
    assert len(one.asked) == REPORTS_AT_ONCE + 1
    # What came while we were busy has the times at which it came.
    for report in range(100):
        one.media._receiver.take([seal(leader + ask)], now + 1 + 0.05 * report)
    assert len(one.asked) == REPORTS_AT_ONCE + 101
    close(one, other)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 7),
            st.sampled_from((VP8, VP8_RTX, H264, H264_RTX, OPUS, 0, 127)),
            short,
            st.binary(max_size=40),
        ),
        max_size=30,
    )
)
def test_packets_may_hold_anything(packets: list[tuple[int, int, int, bytes]]) -> None:
    async def receive() -> None:
        one, other = started()
        seal = sealer(other)
        for place, payload_type, sequence, payload in packets:
            data = seal(
                rtp_packet(payload_type, sequence, _ssrc(place, other, one), payload, marker=bool(sequence & 1))
            )
            one.receive(data)
        rtcp_of(one)._turn()
        for stream in one.media.pictures.values():
            one.media._receiver._due(stream)
        close(one, other)

    asyncio.run(receive())


@given(st.binary(max_size=100), st.sampled_from([b"", b"\x80", b"\x80\x61", b"\x80\xc8", b"\xbf\xcf"]))
def test_unsealed_bytes_do_nothing(junk: bytes, start: bytes) -> None:
    async def receive() -> None:
        one, other = started()
        for middle in (b"", bytes(2) + other.feeds[MIC].ssrc.to_bytes(4), bytes(6) + other.feeds[MIC].ssrc.to_bytes(4)):
            one.receive(start + middle + junk)
        assert one.media.octets_received == 0 and one.sink.sound == []
        close(one, other)

    asyncio.run(receive())


async def test_streams_that_were_not_announced_never_reach_libsrtp(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps keys and a window for each SSRC that it has opened a packet of, for ever."""
    one, other = started()
    seal = sealer(other)
    receiver = one.media._receiver._srtp
    assert receiver is not None
    lengths: list[int] = []
    monkeypatch.setattr(receiver, "_open", lambda unprotect, data: lengths.append(len(data)))
    for ssrc in range(1, 300):
        one.receive(seal(rtp_packet(OPUS, 1, ssrc, b"x")))
        one.receive(seal(rtcp.build([PictureLossIndication(ssrc, 2)])))
    assert lengths == []
    one.receive(seal(rtp_packet(OPUS, 1, other.feeds[MIC].ssrc, b"x")))
    one.receive(seal(rtcp.build([PictureLossIndication(other.feeds[MIC].ssrc, 2)])))
    assert len(lengths) == 2
    close(one, other)


async def test_a_repeated_packet_of_sound_is_heard_once() -> None:
    one, other = started()
    one.feeds[MIC].publish(opus_frame(0))
    await until(lambda: other.sink.sound)
    for _ in range(5):
        other.receive(one.wire.sent[0])
    heard, *again = [packet.payload for _, packet in other.sink.sound]
    assert heard and again == [b""] * 5, "that it came again is told, with nothing in it"
    close(one, other)
