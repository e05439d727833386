"""One source over one link: which frames go, how their packets are numbered, what is sent again."""

from __future__ import annotations

import pytest

from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import packet as rtp
from meshconf.media.rtp import rtx
from meshconf.media.rtp.packet import RtpPacket
from meshconf.media.send.history import MOST_REPEATS, SIZE
from meshconf.media.send.packets import patch
from meshconf.rtc.outgoing import PADDING, Outgoing, OutgoingStream
from meshconf.types import SourceKind
from tests.rtc.wire import (
    H264,
    H264_RTX,
    OPUS,
    RTX_SSRC,
    SSRC,
    VP8,
    VP8_RTX,
    h264_frame,
    opus_frame,
    packets_of,
    vp8_frame,
)


def camera(**fields: object) -> OutgoingStream:
    stream = OutgoingStream(SourceKind.CAMERA, SSRC, RTX_SSRC)
    stream.payload_types = {"VP8": VP8, "H264": H264}
    stream.rtx_types = {VP8: VP8_RTX, H264: H264_RTX}
    return stream


def _on_the_wire(outgoing: Outgoing) -> RtpPacket:
    packet, payload_type, sequence = outgoing
    buffer = bytearray(packet)
    patch(buffer, 0, payload_type, sequence)
    read = rtp.parse(bytes(buffer))
    assert read is not None
    return read


def _send(stream: OutgoingStream, frame: EncodedFrame) -> list[RtpPacket]:
    """What a link without any pace would send of a frame."""
    packets = packets_of(frame)
    if not stream.takes(packets):
        return []
    return [_on_the_wire(one) for one in stream.number(packets, 0, len(packets.packets), 1.0)]


def test_numbers_have_no_gap_over_frames_portions_and_the_wrap() -> None:
    stream = camera()
    stream._sequence = 0xFFF0
    numbers: list[int] = []
    for timestamp in range(30):
        packets = packets_of(vp8_frame(6_000, keyframe=not timestamp, timestamp=timestamp))
        assert stream.takes(packets)
        for first in range(0, len(packets.packets), 2):
            numbers += [sequence for _, _, sequence in stream.number(packets, first, 2, 0.0)]
    assert len(numbers) == 180
    assert numbers == [(0xFFF0 + step) & 0xFFFF for step in range(180)]


def test_the_first_number_leaves_room_before_the_wrap() -> None:
    # RFC 3711, 3.3.1: a receiver that misses the first packets could not tell how often the numbers have wrapped.
    assert all(camera()._sequence < 1 << 15 for _ in range(200))


def test_the_last_packet_of_a_picture_is_marked_and_sound_never_is() -> None:
    stream = camera()
    sent = _send(stream, vp8_frame(5_000, keyframe=True, timestamp=9_000))
    assert [packet.marker for packet in sent] == [False] * 4 + [True]
    assert {(packet.payload_type, packet.ssrc, packet.timestamp) for packet in sent} == {(VP8, SSRC, 9_000)}
    assert (stream.counters.packets, stream.counters.octets) == (5, 5_000 + 5 * 4)
    microphone = OutgoingStream(SourceKind.MIC, SSRC, RTX_SSRC, payload_types={"opus": OPUS})
    (sound,) = _send(microphone, opus_frame(3))
    assert (sound.payload_type, sound.marker, sound.timestamp) == (OPUS, False, 2_880)
    assert microphone.again(sound.sequence, 0.0, 0.0) is None, "nobody waits for sound"


def test_a_report_tells_of_the_capture_and_else_of_the_sending() -> None:
    stream = camera()
    packets = packets_of(vp8_frame(100, keyframe=True, timestamp=7))
    stream.takes(packets)
    stream.number(packets, 0, 1, 50.0)
    assert (stream.last_timestamp, stream.last_captured) == (7, 50.0)
    packets = packets_of(EncodedFrame("VP8", b"\x11\0\0x", False, 8, captured=49.5))
    stream.number(packets, 0, 1, 50.1)
    assert (stream.last_timestamp, stream.last_captured) == (8, 49.5)


def test_a_viewer_begins_with_a_keyframe() -> None:
    stream = camera()
    delta = packets_of(vp8_frame(100))
    assert not stream.takes(delta) and stream.needs_keyframe(delta)
    assert stream.takes(packets_of(vp8_frame(100, keyframe=True)))
    assert stream.takes(delta) and not stream.needs_keyframe(delta)


def test_another_rung_begins_at_its_keyframe_and_until_then_the_old_one_goes_on() -> None:
    stream = camera()
    sent: list[tuple[int, int]] = []
    numbers: list[int] = []
    stream.rung = 1
    for timestamp in range(12):
        if timestamp == 4:
            stream.rung = 0
        for rung in (0, 1):
            frame = vp8_frame(2_000, keyframe=timestamp in (1, 7), timestamp=timestamp, rung=rung)
            packets = _send(stream, frame)
            numbers += [packet.sequence for packet in packets]
            if packets:
                sent.append((timestamp, rung))
    # Rung 0 comes before rung 1 of the same moment, so that the switch at 7 leaves that of rung 1 out.
    assert sent == [(t, 1) for t in range(1, 7)] + [(t, 0) for t in range(7, 12)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_only_frames_of_the_wanted_rung_ask_for_a_keyframe() -> None:
    stream = camera()
    stream.rung = 2
    assert [stream.needs_keyframe(packets_of(vp8_frame(100, rung=rung))) for rung in range(4)] == [
        False,
        False,
        True,
        False,
    ]
    stream.rung = None
    assert not any(stream.needs_keyframe(packets_of(vp8_frame(100, rung=rung))) for rung in range(4))


def test_a_codec_that_the_viewer_cannot_decode_is_neither_sent_nor_asked_for() -> None:
    stream = camera()
    del stream.payload_types["H264"]
    packets = packets_of(h264_frame(500))
    assert not stream.takes(packets) and not stream.needs_keyframe(packets)


def test_nothing_goes_while_nothing_is_wanted_and_then_it_begins_with_a_keyframe() -> None:
    stream = camera()
    assert _send(stream, vp8_frame(100, keyframe=True))
    stream.rung = None
    assert not _send(stream, vp8_frame(100))
    stream.rung = 0
    assert not _send(stream, vp8_frame(100))
    assert _send(stream, vp8_frame(100, keyframe=True))
    microphone = OutgoingStream(SourceKind.MIC, SSRC, RTX_SSRC, payload_types={"opus": OPUS}, rung=None)
    assert not _send(microphone, opus_frame(0))


def test_after_a_broken_off_frame_nothing_goes_before_a_keyframe() -> None:
    stream = camera()
    assert _send(stream, vp8_frame(100, keyframe=True))
    stream.break_off()
    assert not _send(stream, vp8_frame(100))
    assert _send(stream, vp8_frame(100, keyframe=True))


@pytest.mark.parametrize(
    ("frame", "number", "again"), [(vp8_frame(4_000, keyframe=True), VP8, VP8_RTX), (h264_frame(4_000), H264, H264_RTX)]
)
def test_what_is_sent_again_holds_the_packet_as_it_was(frame: EncodedFrame, number: int, again: int) -> None:
    stream = camera()
    stream._rtx_sequence = 0xFFFF
    sent = _send(stream, frame)
    for place, packet in enumerate(sent):
        outgoing = stream.again(packet.sequence, 0.0, 0.0)
        assert outgoing is not None
        repeat = _on_the_wire(outgoing)
        assert (repeat.ssrc, repeat.payload_type, repeat.marker) == (RTX_SSRC, again, packet.marker)
        assert repeat.sequence == (0xFFFF + place) & 0xFFFF
        assert rtx.unwrap(repeat, payload_type=number, ssrc=SSRC) == packet
    assert stream.counters.repeated == len(sent)


def test_a_viewer_without_retransmissions_gets_none() -> None:
    stream = camera()
    stream.rtx_types = {}
    (packet,) = _send(stream, vp8_frame(100, keyframe=True))
    assert stream.again(packet.sequence, 0.0, 0.0) is None
    assert stream.recent(10_000) == []
    assert stream.counters.repeated == 0


def test_numbers_never_sent_too_old_or_asked_for_too_often_give_nothing() -> None:
    stream = camera()
    (first,) = _send(stream, vp8_frame(100, keyframe=True))
    assert stream.again((first.sequence + 1) & 0xFFFF, 0.0, 0.0) is None
    assert sum(stream.again(first.sequence, 0.0, 0.0) is not None for _ in range(50)) == MOST_REPEATS
    for _ in range(SIZE):
        _send(stream, vp8_frame(100))
    assert stream.again(first.sequence, 0.0, 0.0) is None


@pytest.mark.parametrize("later", [0, 500, 30_000, 40_000, 65_500, 66_000, 100_000])
def test_repairs_and_padding_go_on_however_long_ago_the_keyframe_was(later: int) -> None:
    stream = camera()
    _send(stream, vp8_frame(3_000, keyframe=True))
    delta = packets_of(vp8_frame(100))
    for _ in range(later):
        stream.number(delta, 0, 1, 1.0)
    (last,) = _send(stream, vp8_frame(100))
    assert stream.again(last.sequence, 0.0, 0.0) is not None
    assert stream.again((last.sequence - min(later, 900)) & 0xFFFF, 0.0, 0.0) is not None
    assert len(stream.recent(1_000)) > 1


def test_what_a_keyframe_has_superseded_is_not_sent_again() -> None:
    stream = camera()
    stream._sequence = 0xFFFE
    before = _send(stream, vp8_frame(3_000, keyframe=True))
    keyframe = _send(stream, vp8_frame(3_000, keyframe=True))
    assert [stream.again(packet.sequence, 0.0, 0.0) for packet in before] == [None] * 3
    assert None not in [stream.again(packet.sequence, 0.0, 0.0) for packet in keyframe]


def test_padding_is_the_last_packets_once_more_and_bounded() -> None:
    stream = camera()
    assert stream.recent(5_000) == []
    sent = _send(stream, vp8_frame(5_000, keyframe=True))
    padding = [_on_the_wire(one) for one in stream.recent(2_500)]
    originals = [rtx.unwrap(one, payload_type=VP8, ssrc=SSRC) for one in padding]
    assert originals == [sent[-1], sent[-2], sent[-3]]
    for _ in range(200):
        _send(stream, vp8_frame(50))
    assert len(stream.recent(1_000_000)) == PADDING


def test_padding_is_neither_counted_nor_taken_from_what_the_viewer_may_ask_for() -> None:
    stream = camera()
    (only,) = _send(stream, vp8_frame(100, keyframe=True))
    for _ in range(50):
        assert len(stream.recent(1_000)) == 1
    assert stream.counters.repeated == 0
    assert stream.again(only.sequence, 0.0, 0.0) is not None and stream.counters.repeated == 1
