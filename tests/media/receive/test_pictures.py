"""Pictures from packets without a gap: ended by marker or timestamp, and never by a lie."""

from __future__ import annotations

import pytest

from meshconf.media.encoded import EncodedFrame, PictureCodec
from meshconf.media.receive.counters import Counters
from meshconf.media.receive.fragments import read
from meshconf.media.receive.pictures import PictureBuilder
from meshconf.media.rtp import h264
from meshconf.media.rtp.packet import RtpPacket
from tests.media.receive.network import packets, picture
from tests.media.rtp.pictures import DELTA, IDR, PPS, SPS, annex_b

KEY, NEXT = picture(True, 3000), picture(False, 2500)


class Source:
    """Feeds a builder; time is in milliseconds of the source."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.builder = PictureBuilder(self.counters)

    def feed(self, *fed: RtpPacket, codec: PictureCodec | None = "VP8", now: float = 0.0) -> list[EncodedFrame]:
        for packet in fed:
            self.builder.feed(read(packet, codec, now, False))
        whole, self.builder.whole = self.builder.whole, []
        return [picture.frame for picture in whole]

    def vp8(self, data: bytes, timestamp: int, *, now: float = 0.0) -> list[EncodedFrame]:
        return self.feed(*packets(data, sequence=0, timestamp=timestamp), now=now)

    def h264(self, data: bytes, timestamp: int) -> list[EncodedFrame]:
        payloads = h264.split(data, False, 0, 1150)
        rtp = [RtpPacket(96, 0, timestamp, 1, n == len(payloads) - 1, load) for n, load in enumerate(payloads)]
        return self.feed(*rtp, codec="H264")


def test_a_picture_is_whole_with_its_marker() -> None:
    source = Source()
    *most, last = packets(KEY, sequence=0, timestamp=90)
    assert source.feed(*most, now=1.0) == []
    assert source.feed(last, now=1.5) == [EncodedFrame("VP8", KEY, True, 90, 1.5, 640, 480)]
    assert source.vp8(NEXT, 180, now=2.0) == [EncodedFrame("VP8", NEXT, False, 180, 2.0, 640, 480)]
    assert source.builder.packets == source.builder.bytes == 0


def test_without_a_marker_the_next_timestamp_ends_it() -> None:
    source = Source()
    key = [packet._replace(marker=False) for packet in packets(KEY, sequence=0, timestamp=90)]
    assert source.feed(*key) == []
    assert [frame.data for frame in source.vp8(NEXT, 180)] == [KEY, NEXT]


def test_nothing_but_a_keyframe_starts() -> None:
    source = Source()
    assert source.vp8(NEXT, 90) == [] and source.counters.discarded == 3
    assert source.vp8(KEY, 180) and source.vp8(NEXT, 270)


def test_a_picture_without_its_start_is_dropped_and_so_are_those_that_refer_to_it() -> None:
    source = Source()
    assert source.vp8(KEY, 90)
    assert source.feed(*packets(NEXT, sequence=0, timestamp=180)[1:]) == []
    assert source.vp8(NEXT, 270) == [] and source.builder.needs_keyframe
    assert source.vp8(KEY, 360)


def test_a_marker_in_the_middle_costs_that_picture_only() -> None:
    source = Source()
    lying = [packet._replace(marker=True) for packet in packets(KEY, sequence=0, timestamp=90)]
    source.feed(*lying)
    assert source.builder.needs_keyframe
    assert source.vp8(KEY, 180) and source.vp8(NEXT, 270)


@pytest.mark.parametrize("payload", [b"\x80", b"\x90\x80\x80\0" + b"a second start"])
def test_a_malformed_packet_spoils_its_picture(payload: bytes) -> None:
    source = Source()
    source.vp8(KEY, 90)
    first, middle, last = packets(NEXT, sequence=0, timestamp=180)
    assert source.feed(first, middle._replace(payload=payload), last) == [] and source.builder.needs_keyframe


def test_padding_is_passed_over() -> None:
    source = Source()
    first, *rest = packets(KEY, sequence=0, timestamp=90)
    assert source.feed(first, first._replace(payload=b""), *rest, rest[-1]._replace(payload=b""))
    assert source.vp8(NEXT, 180)


def test_a_picture_cannot_change_its_codec_halfway() -> None:
    source = Source()
    first, *rest = packets(KEY, sequence=0, timestamp=90)
    assert source.feed(first) == source.feed(rest[0]._replace(payload=b"\x41slice"), codec="H264") == []
    assert source.feed(rest[1]) == [] and source.vp8(KEY, 180)


def test_a_stream_changes_its_codec_at_a_keyframe() -> None:
    source = Source()
    source.vp8(KEY, 90)
    assert source.h264(annex_b(DELTA), 180) == [], "another decoder knows nothing of what was before"
    (frame,) = source.h264(annex_b(SPS, PPS, IDR), 270)
    assert frame == EncodedFrame("H264", annex_b(SPS, PPS, IDR), True, 270, 0.0, 640, 480)
    assert source.h264(annex_b(DELTA), 360) and source.vp8(KEY, 450)


def test_parameters_without_an_idr_slice_are_no_keyframe() -> None:
    assert Source().h264(annex_b(SPS, PPS, DELTA), 90) == []


def test_a_picture_from_before_is_dropped() -> None:
    source = Source()
    source.vp8(KEY, 90_000)
    assert source.vp8(NEXT, 87_000) == []
    assert source.vp8(KEY, 88_000) == [], "a keyframe neither"
    assert source.vp8(KEY, 93_000)


def test_two_pictures_of_one_moment_need_a_keyframe_between() -> None:
    source = Source()
    source.vp8(KEY, 90)
    assert source.vp8(NEXT, 90) == []
    assert source.vp8(KEY, 90), "as when another rung goes on from here"


def test_timestamps_grow_across_the_turn_and_over_a_new_start() -> None:
    source = Source()
    frames = [source.vp8(KEY, 2**32 - 90), source.vp8(NEXT, 90), source.vp8(KEY, 2**31 + 180), source.vp8(KEY, 90)]
    times = [frame.timestamp for (frame,) in frames]
    assert times == [2**32 - 90, 2**32 + 90, 2**32 + 2**31 + 180, 2 * 2**32 + 90]


def test_a_sender_that_starts_anew_may_turn_its_clock_back() -> None:
    source = Source()
    source.vp8(KEY, 180_000)
    source.builder.drop(anew=True)
    source.builder.drop()
    (frame,) = source.vp8(KEY, 90_000)
    assert frame.timestamp == 2**32 + 90_000
    assert source.vp8(KEY, 87_000) == [], "but only once"


def test_only_what_was_repaired_is_marked_so() -> None:
    source = Source()
    for n, repaired in enumerate((True, False)):
        for packet in packets(KEY, sequence=0, timestamp=3000 * n):
            source.builder.feed(read(packet, "VP8", 0.0, repaired))
    assert [(picture.repaired, picture.packets) for picture in source.builder.whole] == [(True, 3), (False, 3)]
