"""What we send: each source is captured once, encoded once, and fanned out to every link by its feed.

A publisher lives as long as the meeting; switching it off closes the device (the camera's light goes out) and leaves
the m-line as it is, so nothing is renegotiated. Device threads fill bounded queues; encoding runs in one worker
thread; the event loop only passes things on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from meshconf.codec.opus import OpusEncoder
from meshconf.codec.video import VideoEncoder
from meshconf.conference.failure import sentence_in_meeting
from meshconf.devices.base import AudioSource, SourceEnded, VideoSource
from meshconf.devices.open import open_audio_source, open_video_source
from meshconf.errors import DeviceError
from meshconf.rtc.feed import PacketFeed
from meshconf.types import SourceKind

if TYPE_CHECKING:
    import av


Work = Callable[[], Coroutine[None, None, None]]
"""Reads a source, encodes and publishes until it is cancelled or the source ends."""


@dataclass(slots=True)
class EncoderCounters:
    """Counters of one encoder; the statistics take their difference each second."""

    frames: int = 0
    octets: int = 0
    size: str = "off"


@dataclass
class Publisher:
    """One source of ours: off, or captured, encoded and published."""

    kind: SourceKind
    feed: PacketFeed
    seed: str
    """Tells our test tone from that of others."""
    size: tuple[int, int, int]
    """Width, height, pictures a second; for pictures only."""
    bitrate_bps: int
    on_sound: Callable[[npt.NDArray[np.int16]], None]
    on_picture: Callable[[av.VideoFrame], None]
    on_lost: Callable[[SourceKind, str], None]
    """The source ended or its device went away; the sentence says what to do."""
    counters: EncoderCounters = field(default_factory=EncoderCounters)
    spec: str = "none"
    _task: asyncio.Task[None] | None = None
    _source: AudioSource | VideoSource | None = None
    _keyframe: bool = True

    @property
    def on(self) -> bool:
        """Whether it sends."""
        return self._task is not None

    async def start(self, spec: str) -> None:
        """Open the source and publish; a source that runs already is replaced.

        Raises:
            DeviceError: it is missing or refuses; nothing runs then.
        """
        await self.stop()
        self.spec = spec
        opening = asyncio.create_task(self._open(spec), name=f"open-{self.kind}")
        try:
            self._source, work = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # The thread that opens it cannot be stopped: what it opens is closed as soon as it is there.
            opening.add_done_callback(_close_late)
            raise
        self._task = asyncio.create_task(self._run(work), name=f"publish-{self.kind}")

    async def stop(self) -> None:
        """Stop and release the device before returning."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._release()

    def want_keyframe(self) -> None:
        """Somebody cannot decode without one; the feed has coalesced the requests."""
        self._keyframe = True

    async def _open(self, spec: str) -> tuple[AudioSource | VideoSource, Work]:
        if self.kind.is_audio:
            sound = await asyncio.to_thread(open_audio_source, spec, seed=self.seed)
            return sound, partial(self._sound, sound)
        width, height, fps = self.size
        picture = await asyncio.to_thread(
            open_video_source, spec, width=width, height=height, fps=fps, kind=self.kind, seed=self.seed
        )
        return picture, partial(self._pictures, picture)

    async def _release(self) -> None:
        source, self._source = self._source, None
        self.counters.size = "off"
        if source is not None:
            await asyncio.to_thread(source.close)

    async def _run(self, work: Work) -> None:
        try:
            await work()
        except SourceEnded:
            await self._ended(f"the {self.kind} source has ended")
        except DeviceError as error:
            await self._ended(sentence_in_meeting(error))

    async def _ended(self, sentence: str) -> None:
        self._task = None
        await self._release()
        self.on_lost(self.kind, sentence)

    async def _sound(self, source: AudioSource) -> None:
        encoder = OpusEncoder()
        self.counters.size = "opus mono"
        while True:
            block = await source.read()
            self.on_sound(block)
            # 0.25 ms: cheaper here than a trip to a thread and back.
            for packet in encoder.encode(block):
                self._publish(packet, keyframe=True)

    async def _pictures(self, source: VideoSource) -> None:
        width, height, fps = self.size
        loop = asyncio.get_running_loop()
        encoder = VideoEncoder(width, height, fps, self.bitrate_bps)
        self.feed.on_keyframe_request = self.want_keyframe
        self.counters.size = f"{height}p{fps}"
        with ThreadPoolExecutor(1, thread_name_prefix=f"encode-{self.kind}") as worker:
            while True:
                frame = await source.read()
                self.on_picture(frame)
                keyframe, self._keyframe = self._keyframe, False
                for packet in await loop.run_in_executor(
                    worker,
                    lambda f=frame, k=keyframe: encoder.encode(f, keyframe=k),  # type: ignore[misc]
                ):
                    self._publish(packet, keyframe=packet.is_keyframe)

    def _publish(self, packet: av.Packet[Any], *, keyframe: bool) -> None:
        self.counters.frames += 1
        self.counters.octets += packet.size
        self.feed.publish(packet, keyframe)


def _close_late(opening: asyncio.Task[tuple[AudioSource | VideoSource, Work]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        source, _ = opening.result()
        source.close()
