"""What we send: each source is captured once, encoded once, and fanned out to every link by its feed.

A publisher lives as long as the meeting; switching it off closes the device (the camera's light goes out) and leaves
the m-line as it is, so nothing is renegotiated. Device threads fill bounded queues; encoding runs in one worker
thread; the event loop only passes things on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import numpy.typing as npt

from meshconf.codec.choice import by_preference
from meshconf.codec.ladder import Ladder
from meshconf.codec.sound_encoder import MUSIC_BPS, SoundEncoder
from meshconf.conference.failure import sentence_in_meeting
from meshconf.conference.screencast import Screencast
from meshconf.conference.tasks import Tasks
from meshconf.devices.base import AudioSource, SelfSized, SourceEnded, VideoSource
from meshconf.devices.open import open_audio_source, open_video_source
from meshconf.devices.opening import open_or_release
from meshconf.errors import DeviceError
from meshconf.media.encoded import Codec
from meshconf.media.rungs import Rung, ladder
from meshconf.rtc.feed import Feed
from meshconf.types import PICTURE_CLOCK, SourceKind

if TYPE_CHECKING:
    import av

    from meshconf.media.encoded import EncodedFrame


SPARING = 0.1
"""Seconds between two pictures of a screen on a computer that is short of time: a smaller one could not be read."""

CODECS: tuple[Codec, ...] = ("VP8", "H264")
"""What every meshconf decodes."""

Encode = Callable[["av.VideoFrame", float], Coroutine[None, None, float]]
"""Encodes a picture captured at a moment; when to encode it again, in monotonic seconds."""


class Cleaner(Protocol):
    """Makes of what a source gives what others should hear."""

    def prepare(self, source: AudioSource) -> None:
        """Load what it needs for a source that was just opened; called in a thread."""

    def clean(self, source: AudioSource, block: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """The block that the source has just given, clean."""


@dataclass
class Publisher:
    """One source of ours: off, or captured, encoded and published."""

    kind: SourceKind
    feed: Feed
    seed: str
    """Tells our test tone from that of others."""
    size: tuple[int, int, int] | None
    """Width, height and pictures a second that are asked of whatever has no size of its own; None for sound."""
    on_sound: Callable[[npt.NDArray[np.int16]], None]
    on_picture: Callable[[av.VideoFrame], None]
    on_lost: Callable[[SourceKind, str], None]
    """The source ended or its device went away; the sentence says what to do."""
    rungs: tuple[Rung, ...] = ()
    """The qualities that it can be sent in, the largest first; none for sound. A screen's follow from its size."""
    octets: dict[int, int] = field(default_factory=dict)
    """Bytes encoded so far, by rung, since it was started."""
    spec: str = "none"
    open_sound: Callable[[str], AudioSource] | None = None
    """Opens what sounds, in a thread; None for the usual way."""
    muted: bool = False
    """Whether what the device gives is thrown away: nothing is encoded, and so nothing can leave."""
    on_captured: Callable[[npt.NDArray[np.int16], npt.NDArray[np.int16]], None] = lambda block, clean: None
    """Takes sound as the device gives it and as it would be sent, muted or not; it stays on this machine."""
    cleaner: Cleaner | None = None
    """What sound goes through before it is sent."""
    _tasks: Tasks = field(default_factory=Tasks)
    _task: asyncio.Task[None] | None = None
    _source: AudioSource | VideoSource | None = None
    _switching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _switched: int = 0
    """How often it was to be started or stopped: the last time counts."""
    cast: Screencast = field(default_factory=Screencast)
    """What is shown of a screen."""
    codecs: tuple[Codec, ...] = CODECS
    """What it may be encoded with."""
    expected_loss: int = 5
    """For sound: percent of packets that the worst listener loses."""
    music: bool = False
    """Whether sound goes out as music, in stereo, and not as speech."""
    affordable_bps: int = 2 * MUSIC_BPS
    """For music: bits a second that the slowest listener can take."""
    cpu_short: bool = False
    """Whether pictures are to be encoded as cheaply as possible."""
    encoding_s: float = 0.0
    """Seconds that encoding has taken so far."""
    captured_s: float = 0.0
    """Seconds of pictures that were encoded so far."""
    _captured: float = 0.0
    _keyframes: set[int] = field(default_factory=set)
    _wanted: Mapping[Rung, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.size is not None:
            self.rungs = ladder(self.kind, *self.size)

    @property
    def wanted(self) -> Mapping[Rung, int]:
        """Bits a second by rung, for each that somebody watches; replaced whole, since the encoding thread reads it."""
        return self._wanted

    @wanted.setter
    def wanted(self, bitrates_bps: Mapping[Rung, int]) -> None:
        others = bitrates_bps.keys() != self._wanted.keys()
        self._wanted = bitrates_bps
        if others:
            self.cast.nudge()

    @property
    def on(self) -> bool:
        """Whether it sends."""
        return self._task is not None

    async def start(self, spec: str) -> None:
        """Open the source and publish; a source that runs already is replaced.

        Whoever starts or stops it while the source opens is obeyed as soon as that is done: nothing may run on return.

        Raises:
            DeviceError: it is missing or refuses; nothing runs then.
        """
        self._switched += 1
        turn = self._switched
        async with self._switching:
            await self._end()
            if turn != self._switched:
                return
            self.spec = spec
            self.cast.open_curtain()
            self.octets.clear()
            source = await open_or_release(self._open, spec)
            self._opened(source)
            if turn != self._switched:
                await self._release()
                return
            self._task = self._tasks.spawn(
                self._run(turn, source),
                f"publish-{self.kind}",
                on_failure=lambda error: self._failed(turn),
            )

    def name_of(self, rung: int) -> str:
        """A rung as people say it: 360p30."""
        if self.rungs:
            return f"{self.rungs[rung].height}p{self.rungs[rung].fps}"
        return "opus stereo" if self.music else "opus mono"

    async def stop(self) -> None:
        """Stop and release the device before returning."""
        self._switched += 1
        async with self._switching:
            await self._end()

    async def _end(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._release()

    def _open(self, spec: str) -> AudioSource | VideoSource:
        """In a thread."""
        if self.size is not None:
            width, height, fps = self.size
            return open_video_source(spec, width=width, height=height, fps=fps, kind=self.kind, seed=self.seed)
        sound = self.open_sound(spec) if self.open_sound is not None else open_audio_source(spec, seed=self.seed)
        try:
            if self.cleaner is not None:
                self.cleaner.prepare(sound)
        except BaseException:
            sound.close()
            raise
        return sound

    def _opened(self, source: AudioSource | VideoSource) -> None:
        self._source = source
        if self.size is not None:
            size = (source.width, source.height, source.fps) if isinstance(source, SelfSized) else self.size
            self.rungs = ladder(self.kind, *size)

    def _work(self, source: AudioSource | VideoSource) -> Coroutine[None, None, None]:
        if self.kind.is_audio:
            return self._sound(cast(AudioSource, source))
        if self.kind is SourceKind.SCREEN:
            return self._screen(cast(VideoSource, source))
        return self._pictures(cast(VideoSource, source))

    async def _release(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            await asyncio.to_thread(source.close)

    async def _run(self, turn: int, source: AudioSource | VideoSource) -> None:
        try:
            await self._work(source)
        except SourceEnded:
            await self._ended(turn, f"the {self.kind} source has ended")
        except DeviceError as error:
            await self._ended(turn, sentence_in_meeting(error))

    def _failed(self, turn: int) -> None:
        sentence = f"the {self.kind} is off, since something went wrong inside meshconf; switch it on again"
        self._tasks.spawn(self._ended(turn, sentence), f"end-{self.kind}")

    async def _ended(self, turn: int, sentence: str) -> None:
        async with self._switching:
            if turn != self._switched:
                return  # stopped or replaced by somebody meanwhile
            self._task = None
            try:
                await self._release()
            finally:
                self.on_lost(self.kind, sentence)

    async def _sound(self, source: AudioSource) -> None:
        encoder = SoundEncoder()
        while True:
            captured = await source.read()
            # Muted or not, so that an echo canceller knows the room when it is needed.
            block = captured if self.cleaner is None else self.cleaner.clean(source, captured)
            self.on_captured(captured, block)
            if self.muted:
                continue
            self.on_sound(block)
            encoder.music, encoder.expected_loss = self.music, self.expected_loss
            encoder.affordable_bps = self.affordable_bps
            # 0.25 ms: cheaper here than a trip to a thread and back.
            frame = encoder.encode(block, time.monotonic())
            if frame is not None:
                self._publish(frame)

    async def _pictures(self, source: VideoSource) -> None:
        self.feed.on_keyframe_request = self._keyframes.add
        async with self._encoding() as encode:
            while True:
                frame = await source.read()
                self.on_picture(frame)
                await encode(frame, (frame.pts or 0) / PICTURE_CLOCK)

    async def _screen(self, source: VideoSource) -> None:
        def ask(rung: int) -> None:
            self._keyframes.add(rung)
            self.cast.nudge()

        self.feed.on_keyframe_request = ask
        watching = asyncio.create_task(self.cast.watch(source), name="watch-screen")
        try:
            async with self._encoding() as encode:
                wake = inf
                while True:
                    frame, captured = await self.cast.next(wake)
                    began = time.monotonic()
                    self.on_picture(frame)
                    wake = await encode(frame, captured)
                    if self.cpu_short:
                        await asyncio.sleep(began + SPARING - time.monotonic())
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    @asynccontextmanager
    async def _encoding(self) -> AsyncIterator[Encode]:
        """A thread with encoders; gives what encodes in it and says when it wants the same picture again."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix=f"encode-{self.kind}") as worker:
            encoders = Ladder(screen=self.kind is SourceKind.SCREEN)

            async def encode(frame: av.VideoFrame, captured: float) -> float:
                if not self.wanted and not encoders.running():
                    return inf
                await loop.run_in_executor(worker, self._encode, encoders, frame, captured)
                return encoders.wake()

            try:
                yield encode
            finally:
                await loop.run_in_executor(worker, encoders.close)

    def _encode(self, encoders: Ladder, frame: av.VideoFrame, captured: float) -> None:
        """In the worker: encode what is wanted, and send it from here, past the event loop."""
        began = time.perf_counter()
        # In here, since looking for hardware encoders may take a moment.
        encoders.set_codecs(self._by_preference())
        encoders.set_wanted(self.wanted)
        while self._keyframes:
            # Rungs follow from the screen's size: a viewer of another one may have asked.
            if (asked := self._keyframes.pop()) < len(self.rungs):
                encoders.request_keyframe(self.rungs[asked])
        for encoded in encoders.encode(frame, captured):
            self._publish(encoded)
        self.captured_s += min(1.0, max(0.0, captured - self._captured))
        self._captured = captured
        self.encoding_s += time.perf_counter() - began

    def _by_preference(self) -> tuple[Codec, ...]:
        # Only VP8 can be told which parts of a screen to make how sharp; a processor that is short gets fewer pictures.
        if self.kind is SourceKind.SCREEN:
            return self.codecs
        return by_preference(self.codecs, cpu_short=self.cpu_short)

    def _publish(self, frame: EncodedFrame) -> None:
        self.octets[frame.rung] = self.octets.get(frame.rung, 0) + len(frame.data)
        self.feed.publish(frame)
