"""A listener that remembers, waiting for a condition, real links over loopback, and media to send through them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from meshconf.rtc.certificate import Certificate
from meshconf.rtc.channels import ChannelName
from meshconf.rtc.feed import PacketFeed
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.link import PeerLink
from meshconf.types import BLOCK, SAMPLE_RATE, SourceKind

LOOPBACK = IceConfig(loopback=True)


async def until(condition: Callable[[], object], *, within_s: float = 8.0) -> None:
    """Wait for a condition to become true, or fail."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - conditions of many kinds, few with an event
            await asyncio.sleep(0.01)


class RecordingListener:
    """Remembers everything that a link says."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.opened = 0
        self.messages: list[tuple[ChannelName, bytes]] = []
        self.sound: dict[SourceKind, list[NDArray[np.int16]]] = {}
        self.pictures: dict[SourceKind, list[av.VideoFrame]] = {}

    def link_state(self, link: PeerLink, state: str) -> None:
        self.states.append(state)

    def link_open(self, link: PeerLink) -> None:
        self.opened += 1

    def link_message(self, link: PeerLink, channel: ChannelName, data: bytes) -> None:
        self.messages.append((channel, data))

    def link_audio(self, link: PeerLink, source: SourceKind, samples: NDArray[np.int16]) -> None:
        self.sound.setdefault(source, []).append(samples)

    def link_picture(self, link: PeerLink, source: SourceKind, frame: av.VideoFrame) -> None:
        self.pictures.setdefault(source, []).append(frame)


class End:
    """One end of a link, with its listener and feeds."""

    def __init__(
        self, feeds: Mapping[SourceKind, PacketFeed] | None = None, listener: RecordingListener | None = None
    ) -> None:
        self.certificate = Certificate.generate()
        self.listener = listener or RecordingListener()
        self.feeds = feeds if feeds is not None else {kind: PacketFeed(kind) for kind in SourceKind}
        self.link = PeerLink(certificate=self.certificate, ice=LOOPBACK, feeds=self.feeds, listener=self.listener)


async def connect(one: End, other: End) -> None:
    """Carry offer and answer between two ends and wait until both are open."""
    offer = await one.link.offer()
    answer = await other.link.answer(offer, one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await until(lambda: one.listener.opened and other.listener.opened)


async def close(*ends: End) -> None:
    """Close links and the feeds behind them."""
    for end in ends:
        await end.link.close()
        for feed in end.feeds.values():
            feed.close()


def vp8_packets(*, width: int = 160, height: int = 120, luma: int = 200) -> Iterator[av.Packet[Any]]:
    """Endless keyframes of one even shade, 30 a second in media time."""
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate = 500_000
    codec.time_base = Fraction(1, 90_000)
    codec.gop_size = 1
    codec.options = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0"}
    plane = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    plane[:height] = luma
    pts = 0
    while True:
        frame = av.VideoFrame.from_ndarray(plane, format="yuv420p")
        frame.pts, frame.time_base = pts, Fraction(1, 90_000)
        pts += 3_000
        yield from codec.encode(frame)


def opus_packets(*, hertz: float = 440.0) -> Iterator[av.Packet[Any]]:
    """An endless tone in packets of 20 ms."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.format, codec.layout = SAMPLE_RATE, "s16", "mono"
    codec.time_base = Fraction(1, SAMPLE_RATE)
    at = 0
    while True:
        wave = np.sin(2 * np.pi * hertz * np.arange(at, at + BLOCK) / SAMPLE_RATE) * 12_000
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
        at += BLOCK
        yield from codec.encode(frame)


class Player:
    """Publishes packets into a feed at a steady rate until it is stopped."""

    def __init__(self, feed: PacketFeed, packets: Iterator[av.Packet[Any]], *, interval_s: float) -> None:
        self._task = asyncio.create_task(self._play(feed, packets, interval_s))

    async def _play(self, feed: PacketFeed, packets: Iterator[av.Packet[Any]], interval_s: float) -> None:
        for packet in packets:
            feed.publish(packet, packet.is_keyframe)
            await asyncio.sleep(interval_s)

    async def stop(self) -> None:
        """Publish no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
