"""Feeds and their tracks, without any network."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from meshconf.rtc.feed import KEYFRAME_INTERVAL_S, FeedTrack, PacketFeed
from meshconf.types import SourceKind
from tests.rtc.support import until


def _packet(pts: int, rate: int = 90_000, data: bytes = b"x") -> av.Packet[Any]:
    packet: av.Packet[Any] = av.Packet(data)
    packet.pts, packet.time_base = pts, Fraction(1, rate)
    return packet


async def _reading(feed: PacketFeed) -> FeedTrack:
    """A track whose link has begun to read."""
    track = feed.track()
    first = asyncio.create_task(track.recv())
    await until(lambda: track.reading)
    feed.publish(_packet(0, 48_000 if feed.kind.is_audio else 90_000), True)
    await first
    return track


async def test_every_reading_track_gets_each_packet() -> None:
    feed = PacketFeed(SourceKind.MIC)
    tracks = [await _reading(feed)]
    tracks.append(feed.track())
    waiting = asyncio.create_task(tracks[1].recv())
    await until(lambda: feed.viewers == 2)
    feed.publish(_packet(960, 48_000, b"sound"), False)
    assert bytes(await tracks[0].recv()) == bytes(await waiting) == b"sound"
    feed.close()


async def test_a_track_that_nobody_reads_yet_keeps_nothing() -> None:
    feed = PacketFeed(SourceKind.MIC)
    track = feed.track()
    feed.publish(_packet(0, 48_000, b"stale"), False)
    waiting = asyncio.create_task(track.recv())
    await until(lambda: track.reading)
    feed.publish(_packet(960, 48_000, b"fresh"), False)
    assert bytes(await waiting) == b"fresh"
    feed.close()


async def test_pictures_begin_with_a_keyframe() -> None:
    feed = PacketFeed(SourceKind.CAMERA)
    asked: list[bool] = []
    feed.on_keyframe_request = lambda: asked.append(True)
    track = feed.track()
    waiting = asyncio.create_task(track.recv())
    await until(lambda: asked)
    feed.publish(_packet(0, data=b"delta"), False)
    feed.publish(_packet(3_000, data=b"key"), True)
    assert bytes(await waiting) == b"key"
    assert track.dropped == 1
    feed.close()


async def test_a_slow_link_loses_the_oldest_sound() -> None:
    feed = PacketFeed(SourceKind.MEDIA)
    track = await _reading(feed)
    for number in range(1, 16):
        feed.publish(_packet(960 * number, 48_000, bytes([number])), False)
    assert bytes(await track.recv()) == bytes([6])
    assert track.dropped == 5
    feed.close()


async def test_a_slow_link_waits_for_a_keyframe_after_a_dropped_picture() -> None:
    feed = PacketFeed(SourceKind.SCREEN)
    track = await _reading(feed)
    asked: list[bool] = []
    await until(lambda: feed._cooldown is None)
    feed.on_keyframe_request = lambda: asked.append(True)
    for number in range(1, 40):
        feed.publish(_packet(3_000 * number), False)
    assert asked == [True]
    feed.publish(_packet(3_000 * 40, data=b"key"), True)
    feed.publish(_packet(3_000 * 41, data=b"delta"), False)
    assert [bytes(await track.recv()), bytes(await track.recv())] == [b"key", b"delta"]
    assert track.dropped == 39
    feed.close()


async def test_keyframe_requests_are_coalesced_and_the_last_is_not_lost() -> None:
    feed = PacketFeed(SourceKind.CAMERA)
    loop = asyncio.get_running_loop()
    asked: list[float] = []
    feed.on_keyframe_request = lambda: asked.append(loop.time())
    for _ in range(10):
        feed.request_keyframe()
    assert len(asked) == 1
    await until(lambda: len(asked) == 2)
    assert asked[1] - asked[0] >= KEYFRAME_INTERVAL_S * 0.9
    feed.request_keyframe()
    feed.publish(_packet(0), True)
    await until(lambda: feed._cooldown is None)
    assert len(asked) == 2, "the keyframe that came has answered the request"
    feed.close()


async def test_a_source_that_fails_to_make_a_keyframe_harms_nobody() -> None:
    def broken() -> None:
        raise RuntimeError("boom")

    feed = PacketFeed(SourceKind.CAMERA)
    feed.on_keyframe_request = broken
    feed.request_keyframe()
    feed.close()


async def test_time_goes_forward_when_a_source_starts_anew() -> None:
    feed = PacketFeed(SourceKind.MIC)
    track = await _reading(feed)
    stamps = []
    for pts in (960, 1_920, 0, 960):
        feed.publish(_packet(pts, 48_000), False)
        packet = await track.recv()
        assert packet.pts is not None and packet.time_base == Fraction(1, 48_000)
        stamps.append(packet.pts)
    assert stamps[:2] == [960, 1_920]
    assert stamps[2] > stamps[1]
    assert stamps[3] == stamps[2] + 960
    feed.close()


async def test_a_packet_in_another_clock_is_converted_and_one_without_time_refused() -> None:
    feed = PacketFeed(SourceKind.CAMERA)
    track = await _reading(feed)
    feed.publish(_packet(1, rate=30), True)
    assert (await track.recv()).pts == 3_000
    with pytest.raises(ValueError, match="time_base"):
        feed.publish(av.Packet(b"x"), True)
    feed.close()


async def test_stopping_a_track_wakes_its_reader_and_leaves_the_others() -> None:
    feed = PacketFeed(SourceKind.MIC)
    gone, stays = await _reading(feed), feed.track()
    waiting = asyncio.create_task(gone.recv())
    other = asyncio.create_task(stays.recv())
    await until(lambda: stays.reading)
    gone.stop()
    with pytest.raises(MediaStreamError):
        await waiting
    feed.publish(_packet(960, 48_000, b"on"), False)
    assert bytes(await other) == b"on"
    assert feed.viewers == 1
    feed.close()
    with pytest.raises(MediaStreamError):
        await stays.recv()
