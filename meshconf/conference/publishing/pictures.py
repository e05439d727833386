"""The camera: each picture is encoded once in every quality that somebody watches, in a thread that also sends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from meshconf.codec.choice import by_preference
from meshconf.codec.ladder import Ladder
from meshconf.conference.publishing.publisher import OnLost, Publisher
from meshconf.devices.base import SelfSized, VideoSource
from meshconf.devices.open import open_video_source
from meshconf.media.encoded import Codec
from meshconf.media.rungs import Rung, ladder
from meshconf.rtc.feed import Feed
from meshconf.types import PICTURE_CLOCK, SourceKind

if TYPE_CHECKING:
    import av

CODECS: tuple[Codec, ...] = ("VP8", "H264")
"""What every meshconf decodes."""

Encode = Callable[["av.VideoFrame", float], Coroutine[None, None, float]]
"""Encodes a picture captured at a moment; when to encode it again, in monotonic seconds."""


class Canvas(Protocol):
    """Where a picture of ours is drawn for ourselves."""

    def write(self, frame: av.VideoFrame) -> None:
        """Draw it; called in the thread that encodes."""


class Mirror(Protocol):
    """Lets us see what we send; called on the event loop."""

    def canvas(self, kind: SourceKind) -> Canvas | None:
        """Where the next picture goes; None while nobody here looks, so that it costs nothing."""

    def drawn(self, kind: SourceKind) -> None:
        """A picture is on its canvas."""


class PicturePublisher(Publisher[VideoSource]):
    """One source of pictures.

    Args:
        kind: camera or screen.
        feed: takes what is encoded.
        seed: tells our test picture from that of others.
        size: width, height and pictures a second that are asked of whatever has no size of its own.
        codecs: what it may be encoded with.
        mirror: lets us see it.
        on_lost: as for `Publisher`.
    """

    def __init__(
        self,
        kind: SourceKind,
        feed: Feed,
        *,
        seed: str,
        size: tuple[int, int, int],
        codecs: tuple[Codec, ...] = CODECS,
        mirror: Mirror,
        on_lost: OnLost,
    ) -> None:
        super().__init__(kind, feed, on_lost=on_lost)
        self.rungs = ladder(kind, *size)
        """The qualities that it can be sent in, the largest first."""
        self.cpu_short = False
        """Whether pictures are to be encoded as cheaply as possible."""
        self.encoding_s = 0.0
        """Seconds that encoding has taken so far."""
        self.captured_s = 0.0
        """Seconds of pictures that were encoded so far."""
        self._seed = seed
        self._size = size
        self._codecs = codecs
        self._mirror = mirror
        self._captured = 0.0
        self._keyframes: set[int] = set()
        self._wanted: Mapping[Rung, int] = {}

    @property
    def wanted(self) -> Mapping[Rung, int]:
        """Bits a second by rung, for each that somebody watches; replaced whole, since the encoding thread reads it."""
        return self._wanted

    @wanted.setter
    def wanted(self, bitrates_bps: Mapping[Rung, int]) -> None:
        others = bitrates_bps.keys() != self._wanted.keys()
        self._wanted = bitrates_bps
        if others:
            self._nudge()

    def name_of(self, rung: int) -> str:
        """A rung as people say it: 360p30."""
        return f"{self.rungs[rung].height}p{self.rungs[rung].fps}"

    def encodes(self, rung: int) -> bool:
        """Whether somebody watches it."""
        return self.rungs[rung] in self._wanted

    def _open(self, spec: str) -> VideoSource:
        width, height, fps = self._size
        return open_video_source(spec, width=width, height=height, fps=fps, kind=self.kind, seed=self._seed)

    def _opened(self, source: VideoSource) -> None:
        size = (source.width, source.height, source.fps) if isinstance(source, SelfSized) else self._size
        self.rungs = ladder(self.kind, *size)
        self.feed.on_keyframe_request = self._request_keyframe

    async def _work(self, source: VideoSource) -> None:
        async with self._encoding() as encode:
            while True:
                frame = await source.read()
                await encode(frame, (frame.pts or 0) / PICTURE_CLOCK)

    def _nudge(self) -> None:
        """Another quality is wanted, or a keyframe: the next picture of a camera is soon there. In any thread."""

    def _preferred_codecs(self) -> tuple[Codec, ...]:
        return by_preference(self._codecs, cpu_short=self.cpu_short)

    @asynccontextmanager
    async def _encoding(self) -> AsyncIterator[Encode]:
        """A thread with encoders; gives what encodes in it and says when it wants the same picture again."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix=f"encode-{self.kind}") as worker:
            encoders = Ladder(screen=self.kind is SourceKind.SCREEN)
            drawn: tuple[Canvas, av.VideoFrame] | None = None

            async def encode(frame: av.VideoFrame, captured: float) -> float:
                nonlocal drawn
                canvas = self._mirror.canvas(self.kind)
                if self._wanted or encoders.running():
                    await loop.run_in_executor(worker, self._encode, encoders, frame, captured)
                if canvas is not None:
                    if drawn is None or drawn[0] is not canvas or drawn[1] is not frame:
                        await loop.run_in_executor(worker, canvas.write, frame)
                        drawn = canvas, frame
                    self._mirror.drawn(self.kind)
                return encoders.wake()

            try:
                yield encode
            finally:
                await loop.run_in_executor(worker, encoders.close)

    def _encode(self, encoders: Ladder, frame: av.VideoFrame, captured: float) -> None:
        """In the worker: encode what is wanted, and send it from here, past the event loop."""
        began = time.perf_counter()
        # In here, since looking for hardware encoders may take a moment.
        encoders.set_codecs(self._preferred_codecs())
        encoders.set_wanted(self._wanted)
        while self._keyframes:
            # Rungs follow from the screen's size: a viewer of another one may have asked.
            if (asked := self._keyframes.pop()) < len(self.rungs):
                encoders.request_keyframe(self.rungs[asked])
        for encoded in encoders.encode(frame, captured):
            self._publish(encoded)
        self.captured_s += min(1.0, max(0.0, captured - self._captured))
        self._captured = captured
        self.encoding_s += time.perf_counter() - began

    def _request_keyframe(self, rung: int) -> None:
        """In any thread."""
        self._keyframes.add(rung)
        self._nudge()
