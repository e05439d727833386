"""A listener that remembers, waiting for a condition, real links over loopback, and media to send through them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import count

import av
import numpy as np

from meshconf.codec.libopus import OpusEncoder
from meshconf.media.encoded import EncodedFrame
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.channels import ChannelName
from meshconf.rtc.feed import Feed
from meshconf.rtc.ice import IceConfig
from meshconf.rtc.incoming import SoundPacket
from meshconf.rtc.link import PeerLink
from meshconf.rtc.transport import MediaTransport
from meshconf.types import BLOCK, SAMPLE_RATE, SourceKind
from tests.support.waiting import until as until

LOOPBACK = IceConfig(loopback=True)

Frames = Iterator[EncodedFrame]


def pending_timers() -> list[asyncio.TimerHandle]:
    """What the running event loop would still do later."""
    scheduled: list[asyncio.TimerHandle] = vars(asyncio.get_running_loop())["_scheduled"]
    return [timer for timer in scheduled if not timer.cancelled()]


class RecordingListener:
    """Remembers everything that a link says."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.opened = 0
        self.messages: list[tuple[ChannelName, bytes]] = []
        self.sound: dict[SourceKind, list[SoundPacket]] = {}
        self.pictures: dict[SourceKind, list[EncodedFrame]] = {}

    def link_state(self, link: PeerLink, state: str) -> None:
        self.states.append(state)

    def link_open(self, link: PeerLink) -> None:
        self.opened += 1

    def link_message(self, link: PeerLink, channel: ChannelName, data: bytes) -> None:
        self.messages.append((channel, data))

    def link_sound(self, link: PeerLink, source: SourceKind, packet: SoundPacket) -> None:
        self.sound.setdefault(source, []).append(packet)

    def link_picture(self, link: PeerLink, source: SourceKind, frame: EncodedFrame) -> None:
        self.pictures.setdefault(source, []).append(frame)


class End:
    """One end of a link, with its listener and feeds."""

    def __init__(
        self, feeds: Mapping[SourceKind, Feed] | None = None, listener: RecordingListener | None = None
    ) -> None:
        self.certificate = Certificate.generate()
        self.listener = listener or RecordingListener()
        self.feeds = feeds if feeds is not None else {kind: Feed(kind) for kind in SourceKind}
        self.link = PeerLink(certificate=self.certificate, ice=LOOPBACK, feeds=self.feeds, listener=self.listener)
        show_all(self.link.media)


def show_all(media: MediaTransport) -> None:
    """Send the first rung of each source of pictures."""
    for kind in media.outgoing:
        media.show(kind, 0)


async def connect(one: End, other: End) -> None:
    """Carry offer and answer between two ends and wait until both are open."""
    offer = await one.link.offer()
    answer = await other.link.answer(offer, one.certificate.fingerprint)
    await one.link.accept(answer, other.certificate.fingerprint)
    await until(lambda: one.listener.opened and other.listener.opened)


async def close(*ends: End) -> None:
    """Close links."""
    for end in ends:
        await end.link.close()


def vp8_frames(*, width: int = 160, height: int = 120, luma: int = 200, every_key: bool = True) -> Frames:
    """Endless pictures of one even shade, 30 a second in media time; all keyframes, or just the first."""
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate = 500_000
    codec.time_base = Fraction(1, 90_000)
    codec.gop_size = 1 if every_key else 10_000
    codec.options = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0"}
    plane = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    plane[:height] = luma
    for number in count():
        frame = av.VideoFrame.from_ndarray(plane, format="yuv420p")
        frame.pts, frame.time_base = number * 3_000, Fraction(1, 90_000)
        for packet in codec.encode(frame):
            yield EncodedFrame("VP8", bytes(packet), packet.is_keyframe, number * 3_000, 0.0, width, height)


def opus_frames(*, hertz: float = 440.0) -> Frames:
    """An endless tone in packets of 20 ms."""
    encoder = OpusEncoder()
    for number in count():
        at = number * BLOCK
        wave = np.sin(2 * np.pi * hertz * np.arange(at, at + BLOCK) / SAMPLE_RATE) * 12_000
        frame = encoder.encode(wave.astype(np.int16))
        assert frame is not None
        yield frame


class Player:
    """Publishes frames into a feed at a steady rate until it is stopped."""

    def __init__(self, feed: Feed, frames: Frames, *, interval_s: float) -> None:
        self.published: list[EncodedFrame] = []
        self._task = asyncio.create_task(self._play(feed, frames, interval_s))

    async def _play(self, feed: Feed, frames: Frames, interval_s: float) -> None:
        for frame in frames:
            feed.publish(frame)
            self.published.append(frame)
            await asyncio.sleep(interval_s)

    async def stop(self) -> None:
        """Publish no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
