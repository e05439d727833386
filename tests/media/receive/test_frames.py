"""The order of packets: holes are waited for, whole keyframes behind them are found, and what is held is bounded."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.receive.counters import Counters
from meshconf.media.receive.fragments import read
from meshconf.media.receive.frames import BYTES, PACKETS, SECONDS, FrameBuffer
from meshconf.media.rtp.packet import RtpPacket
from tests.media.receive.network import packets, picture

KEY, NEXT = picture(True, 3000), picture(False, 2000)


def stream(*pictures: bytes) -> list[RtpPacket]:
    """Their packets, from number 0 on."""
    sent: list[RtpPacket] = []
    for n, data in enumerate(pictures):
        sent += packets(data, sequence=len(sent), timestamp=3000 * n)
    return sent


def insert(frames: FrameBuffer, *arriving: RtpPacket, now: float = 0.0) -> list[bytes]:
    """Insert packets; the pictures that are whole then."""
    for packet in arriving:
        assert frames.insert(packet.sequence, read(packet, "VP8", now, False), now)
    return [picture.frame.data for picture in frames.take()]


@given(st.lists(st.booleans(), max_size=12), st.randoms(use_true_random=False))
def test_any_order_of_packets_gives_the_pictures_in_order(keyframes: list[bool], random: Random) -> None:
    pictures = [KEY, *(KEY if keyframe else NEXT + bytes([n]) for n, keyframe in enumerate(keyframes))]
    sent = stream(*pictures)
    random.shuffle(sent)
    frames = FrameBuffer(Counters())
    assert insert(frames, *sent) == pictures
    assert frames.packets == frames.bytes == 0 and frames.keyframe is None and frames.arriving_since() is None


def test_pictures_behind_a_hole_wait() -> None:
    frames = FrameBuffer(Counters())
    sent = stream(KEY, NEXT, NEXT)
    assert insert(frames, *sent[:3], *sent[4:]) == [KEY]
    assert frames.next == 3 and frames.packets == 3 and frames.bytes == 3000
    assert insert(frames, sent[3]) == [NEXT, NEXT]


def test_a_skipped_hole_needs_a_keyframe() -> None:
    counters = Counters()
    frames = FrameBuffer(counters)
    sent = stream(KEY, NEXT, NEXT, KEY, NEXT)
    insert(frames, *sent[:3], *sent[4:7])
    frames.skip(4)
    assert frames.needs_keyframe and frames.next == 7 and frames.packets == 0 and counters.discarded == 3
    assert insert(frames, *sent[7:]) == [KEY, NEXT]


def test_a_whole_keyframe_behind_the_hole_is_found() -> None:
    counters = Counters()
    frames = FrameBuffer(counters)
    sent = stream(KEY, NEXT, KEY, NEXT)
    found = []
    for now, arriving in ((1.0, (*sent[:3], sent[4], sent[5])), (2.0, (sent[7],)), (3.0, (sent[6],))):
        insert(frames, *arriving, now=now)
        found.append((frames.keyframe, frames.arriving_since()))
    assert found == [(None, 1.0), (None, 1.0), (5, None)] and frames.keyframe_since == 3.0
    insert(frames, sent[8], sent[9])
    frames.jump()
    assert [picture.frame.data for picture in frames.take()] == [KEY, NEXT]
    assert frames.keyframe is None and frames.packets == 0 and counters.discarded == 1


def test_the_newest_whole_keyframe_counts() -> None:
    frames = FrameBuffer(Counters())
    insert(frames, *stream(NEXT, KEY, KEY, KEY)[1:-1])
    assert frames.keyframe == 5 and frames.arriving_since() is not None
    frames = FrameBuffer(Counters())
    sent = stream(NEXT, KEY, KEY)
    insert(frames, *sent[2:4], *sent[5:], sent[4])
    assert frames.keyframe == 5, "and not the one that was repaired last"


def test_a_keyframe_without_marker_is_whole_when_the_next_picture_starts() -> None:
    frames = FrameBuffer(Counters())
    sent = [packet._replace(marker=False) for packet in stream(NEXT, KEY, NEXT)]
    insert(frames, *sent[1:5])
    assert frames.keyframe is None
    insert(frames, sent[5])
    assert frames.keyframe == 2


def test_a_filled_hole_forgets_the_keyframes_behind_it() -> None:
    frames = FrameBuffer(Counters())
    sent = stream(KEY, KEY, KEY)
    assert insert(frames, *sent[1:-1]) == [] and frames.keyframe == 3
    assert insert(frames, sent[0]) == [KEY, KEY] and frames.keyframe is None
    assert insert(frames, sent[-1]) == [KEY]


def test_many_beginnings_of_keyframes_cost_little() -> None:
    frames = FrameBuffer(Counters())
    first, *_ = packets(KEY, sequence=0, timestamp=0)
    insert(frames, *(first._replace(sequence=n, timestamp=n, marker=False) for n in range(2, 2000, 2)))
    assert len(frames._followed) <= 4


def test_more_packets_than_the_bound_are_refused() -> None:
    frames = FrameBuffer(Counters())
    (packet,) = packets(picture(False, 10), sequence=0, timestamp=0)
    taken = [frames.insert(n, read(packet, "VP8", 0.0, False), 0.0) for n in range(1, PACKETS + 2)]
    assert taken == [True] * PACKETS + [False]
    frames.skip(PACKETS + 2)
    assert frames.packets == frames.bytes == 0


@pytest.mark.parametrize("first", [0, 1], ids=["in a picture that does not end", "behind a hole"])
def test_more_bytes_than_the_bound_are_refused(first: int) -> None:
    frames = FrameBuffer(Counters())
    large = RtpPacket(96, 0, 0, 1, False, b"\x00" + bytes(60_000))
    start = large._replace(payload=b"\x10" + KEY)
    held = 0
    for n in range(first, PACKETS):
        held += 1
        if not frames.insert(n, read(start if n == first else large, "VP8", 0.0, False), 0.0):
            break
    assert held == BYTES // 60_000 + 1
    frames.skip(PACKETS)
    assert frames.packets == frames.bytes == 0


def test_a_picture_that_does_not_end_is_refused_in_time() -> None:
    frames = FrameBuffer(Counters())
    sent = [packet._replace(marker=False) for packet in stream(KEY)]
    insert(frames, *sent[:2])
    assert not frames.insert(2, read(sent[2], "VP8", SECONDS + 0.1, False), SECONDS + 0.1)
