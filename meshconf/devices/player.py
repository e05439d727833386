"""A sound file or stream with the keys of a player: pause, resume, seek, repeat, and where it is.

A thread of its own opens, decodes and closes the container. The keys are pressed on the event loop, and take effect
with the next 20 ms.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import av
import numpy as np
from av.container import InputContainer

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.container import open_container, said
from meshconf.devices.handover import Handover
from meshconf.devices.worker import Metronome, Worker
from meshconf.errors import UsageError
from meshconf.media.samples import Samples
from meshconf.types import BLOCK, SAMPLE_RATE

BLOCK_S = BLOCK / SAMPLE_RATE

_WAITING = 10
"""Blocks (200 ms) that wait for a late reader."""


class Player:
    """The first sound track of a file or stream; an `AudioSource`."""

    def __init__(
        self, place: str, *, at_s: float = 0.0, repeat: bool = False, on_end: Callable[[], None] = lambda: None
    ) -> None:
        """Open it and play; takes up to seconds, so call it in a thread.

        Args:
            place: `file:PATH` or a URL.
            at_s: where to begin, in seconds; of a stream from now on.
            repeat: whether to begin again at the end.
            on_end: told once, in the player's thread, that there is no more; then `read` waits until `close`.

        Raises:
            DeviceError: it is missing, unreadable or silent by nature.
        """
        self.place = place
        self._blocks: Handover[Samples] = Handover(_WAITING)
        self._tape = _Tape(place, self._blocks, at_s, repeat, on_end)
        self._worker = Worker("the sound file", self._tape, self._blocks.fail)

    @property
    def position_s(self) -> float:
        """Seconds from the beginning to what is heard now."""
        return self._tape.position_s

    @property
    def duration_s(self) -> float | None:
        """Seconds that it lasts; None for a stream without end."""
        return self._tape.duration_s

    @property
    def paused(self) -> bool:
        """Whether it holds."""
        return self._tape.paused

    @property
    def ended(self) -> bool:
        """Whether there is no more, unless somebody goes back."""
        return self._tape.ended

    @property
    def repeat(self) -> bool:
        """Whether it begins again at the end."""
        return self._tape.repeat

    def pause(self) -> None:
        """Hold; nothing is read from now on."""
        self._tape.paused = True

    def resume(self) -> None:
        """Play on where it was held; a live stream goes on with what is live."""
        self._tape.paused = False

    def seek(self, to_s: float) -> None:
        """Go on from there, or from the end if there is less.

        Raises:
            UsageError: it is a stream, which has no positions.
        """
        if self.duration_s is None:
            raise UsageError("A live stream has no positions to go to.")
        self._tape.seek(max(0.0, min(to_s, self.duration_s)))

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        return await self._blocks.get()

    def close(self) -> None:
        """Close the file; see `AudioSource.close`."""
        self._blocks.fail(SourceEnded("The file was closed."))
        self._worker.close()


class _Tape:
    """The job of the player's thread. What the event loop sets are single values, read once a block."""

    def __init__(
        self, place: str, blocks: Handover[Samples], at_s: float, repeat: bool, on_end: Callable[[], None]
    ) -> None:
        self.paused = False
        self.repeat = repeat
        self.position_s = 0.0
        self.duration_s: float | None = None
        self._place = place
        self._blocks = blocks
        self._on_end = on_end
        self._lock = threading.Lock()
        self._wanted_s: float | None = at_s if at_s > 0 else None
        self.ended = False
        self._container: InputContainer | None = None
        self._rest: Samples = np.zeros(0, dtype=np.int16)
        self._target_s: float | None = None
        """Where to begin within what is decoded: containers are left at the nearest packet before it."""
        self._metronome = Metronome(BLOCK_S)

    # On the event loop.

    def seek(self, to_s: float) -> None:
        """Go there with the next block."""
        with self._lock:
            self._wanted_s = self.position_s = to_s

    # In the thread.

    def open(self) -> None:
        """See `Job.open`."""
        self._container, self._stream, local = open_container(self._place, "audio")
        if self._container.duration is not None:
            self.duration_s = self._container.duration / av.time_base
        # What plays live comes in its own time. A file that does not say how long it is, is still a file.
        self._paced = local or self.duration_s is not None
        # Not made stereo by FFmpeg, which would play mono 3 dB softer.
        self._is_stereo = isinstance(self._stream, av.AudioStream) and self._stream.channels > 1
        self._begin_s = (self._container.start_time or 0) / av.time_base
        self._rewind(0.0)

    def step(self, stopping: threading.Event) -> None:
        """See `Job.step`."""
        with self._lock:
            wanted, self._wanted_s = self._wanted_s, None
        if wanted is not None and self.duration_s is not None:
            self._go_to(wanted)
        if self.ended or (self.paused and self._paced):
            stopping.wait(BLOCK_S)
            return
        if len(self._rest) < BLOCK and self._fill():
            return
        if len(self._rest) == 0:
            self._finish()
            return
        # What plays live is not held back besides, and in a pause it passes unheard.
        if self._paced and (stopping.wait(self._metronome.delay()) or self.paused):
            return
        block, self._rest = self._rest[:BLOCK], self._rest[BLOCK:]
        if not self.paused:
            missing = np.zeros((BLOCK - len(block), *block.shape[1:]), dtype=np.int16)
            self._blocks.put(np.concatenate([block, missing]))
        with self._lock:
            if self._wanted_s is None:
                self.position_s += BLOCK_S

    def release(self) -> None:
        """See `Job.release`."""
        if self._container is not None:
            self._container.close()

    def _fill(self) -> bool:
        """Decode a frame; False at the end."""
        try:
            frame = next(self._frames, None)
        except (av.FFmpegError, OSError) as error:
            raise DeviceLost(
                f"The stream broke off: {said(error)}.", fix="check the other end and open it again"
            ) from error
        if frame is None:
            return False
        skip = 0
        if self._target_s is not None:
            ahead = self._target_s - ((frame.time or 0.0) - self._begin_s)
            if ahead >= frame.samples / frame.sample_rate:
                return True  # all of it lies before the position
            skip, self._target_s = max(0, round(ahead * SAMPLE_RATE)), None
        # Time stamps that jump would be answered with silence or an error.
        frame.pts = None
        parts = [self._shaped(part.to_ndarray()[0]) for part in self._resampler.resample(frame)]
        self._rest = np.concatenate([self._rest, *parts])[skip:]
        return True

    def _shaped(self, packed: Samples) -> Samples:
        return packed.reshape(-1, 2) if self._is_stereo else packed

    def _finish(self) -> None:
        if self.repeat and self.position_s > 0:  # what has nothing in it must not be read over and over
            self._go_to(0.0)
        else:
            self.ended = True
            self._on_end()

    def _go_to(self, to_s: float) -> None:
        assert self._container is not None
        try:
            self._container.seek(round((to_s + self._begin_s) * av.time_base))
        except (av.FFmpegError, OSError) as error:
            raise DeviceLost(
                f"It cannot be played from there: {said(error)}.", fix="play it from the beginning"
            ) from error
        self._rewind(to_s)

    def _rewind(self, to_s: float) -> None:
        self._frames: Iterator[av.AudioFrame] = self._decode()
        layout = "stereo" if self._is_stereo else "mono"
        self._resampler = av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE)
        self._rest = self._shaped(np.zeros(0, dtype=np.int16))
        self._target_s = to_s if to_s > 0 else None
        self.position_s = to_s
        self.ended = False

    def _decode(self) -> Iterator[av.AudioFrame]:
        assert self._container is not None
        for frame in self._container.decode(self._stream):
            if isinstance(frame, av.AudioFrame):
                yield frame
