"""Sources and a sink that work on every machine: a tone, a moving test picture, and a loudspeaker to nowhere.

The tone and the null sink cost microseconds and keep time on the event loop; the picture has a thread like a camera.
"""

from __future__ import annotations

import asyncio
import threading
import time
import zlib

import av
import numpy as np

from meshconf.devices.base import SourceEnded
from meshconf.devices.fit import timed
from meshconf.devices.handover import Handover
from meshconf.devices.pattern import Pattern
from meshconf.devices.worker import Metronome, Worker
from meshconf.media.samples import Samples
from meshconf.types import BLOCK, SAMPLE_RATE

_AMPLITUDE = 3277
"""Peak of the tone: 20 dB below full scale, so that ten of them do not clip."""

_LOWEST, _STEP, _STEPS = 300, 50, 40
"""Tones of different people lie 50 Hz apart: every one is a whole number of periods in a block."""

_BLOCK_SECONDS = BLOCK / SAMPLE_RATE


def tone_frequency(seed: str) -> int:
    """Frequency in Hz of the tone that stands for `seed` (a person's name): 300 to 2250, the same on every machine."""
    return _LOWEST + _STEP * (zlib.crc32(seed.encode()) % _STEPS)


class Tone:
    """A steady sine in real time; an `AudioSource`."""

    def __init__(self, frequency: float) -> None:
        """Start a tone of `frequency` Hz."""
        self._step = 2 * np.pi * frequency / SAMPLE_RATE
        self._phase = 0.0
        self._ramp = np.arange(BLOCK) * self._step
        self._metronome = Metronome(_BLOCK_SECONDS)
        self._closed = False

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        await asyncio.sleep(self._metronome.delay())
        if self._closed:
            raise SourceEnded("The test tone was switched off.")
        block: Samples = (np.sin(self._ramp + self._phase) * _AMPLITUDE).astype(np.int16)
        self._phase = (self._phase + BLOCK * self._step) % (2 * np.pi)
        return block

    def close(self) -> None:
        """End the tone; see `AudioSource.close`."""
        self._closed = True


class Silence:
    """Nothing, in real time; an `AudioSource`."""

    def __init__(self) -> None:
        self._metronome = Metronome(_BLOCK_SECONDS)
        self._closed = False

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        await asyncio.sleep(self._metronome.delay())
        if self._closed:
            raise SourceEnded("The silence was switched off.")
        return np.zeros(BLOCK, dtype=np.int16)

    def close(self) -> None:
        """End it; see `AudioSource.close`."""
        self._closed = True


class NullSink:
    """Plays to nowhere in real time; an `AudioSink`."""

    def __init__(self) -> None:
        self._metronome = Metronome(_BLOCK_SECONDS)
        self._closed = False

    def write(self, samples: Samples) -> None:
        """Take 20 ms and forget them."""

    async def pace(self) -> None:
        """Wait for the next 20 ms; see `AudioSink.pace`."""
        await asyncio.sleep(self._metronome.delay())
        if self._closed:
            raise SourceEnded("The null speaker was switched off.")

    def close(self) -> None:
        """End it; see `AudioSink.close`."""
        self._closed = True


class TestPicture:
    """The moving pattern of `pattern.py` in real time; a `VideoSource`."""

    __test__ = False  # the name is what people call it; pytest must not take it for tests

    def __init__(self, width: int, height: int, fps: int, seed: str = "") -> None:
        """Start painting.

        Args:
            width: pixels, even.
            height: pixels, even.
            fps: pictures a second.
            seed: whose pattern; decides the colours.
        """
        self._pictures: Handover[av.VideoFrame] = Handover(2)
        self._worker = Worker(
            "the test picture", _Painter(Pattern(width, height, seed), fps, self._pictures), self._end
        )

    async def read(self) -> av.VideoFrame:
        """The next picture; see `VideoSource.read`."""
        return await self._pictures.get()

    def close(self) -> None:
        """Stop painting; see `VideoSource.close`."""
        self._pictures.fail(SourceEnded("The test picture was switched off."))
        self._worker.close()

    def _end(self, error: Exception) -> None:
        self._pictures.fail(error)


class _Painter:
    def __init__(self, pattern: Pattern, fps: int, pictures: Handover[av.VideoFrame]) -> None:
        self._pattern = pattern
        self._pictures = pictures
        self._metronome = Metronome(1 / fps)

    def open(self) -> None:
        """Nothing to open."""

    def step(self, stopping: threading.Event) -> None:
        if stopping.wait(self._metronome.delay()):
            return
        captured = time.monotonic()
        picture = self._pattern.paint(time.time())
        self._pictures.put(timed(av.VideoFrame.from_ndarray(picture, format="yuv420p"), captured))

    def release(self) -> None:
        """Nothing to release."""
