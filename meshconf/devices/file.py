"""Files and streams as microphones and cameras: paced in real time, files for ever from the start again.

Each has its own thread, which opens, decodes and closes the container.
"""

from __future__ import annotations

import threading
import time

import av
import numpy as np

from meshconf.devices.base import SourceEnded
from meshconf.devices.container import Container
from meshconf.devices.fit import fit
from meshconf.devices.handover import Handover
from meshconf.devices.worker import Metronome, Worker
from meshconf.media.samples import Samples
from meshconf.types import BLOCK, SAMPLE_RATE

_WAITING = 10
"""Blocks (200 ms) of sound that wait for a late reader: a decoder gives them in bursts."""


class FileSound:
    """The first sound track of a file or stream; an `AudioSource`."""

    def __init__(self, place: str) -> None:
        """Open it; takes up to seconds, so call it in a thread.

        Args:
            place: `file:PATH` or a URL.

        Raises:
            DeviceError: it is missing, unreadable or silent by nature.
        """
        self._blocks: Handover[Samples] = Handover(_WAITING)
        self._worker = Worker("the sound file", _SoundReader(place, self._blocks), self._blocks.fail)

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        return await self._blocks.get()

    def close(self) -> None:
        """Close the file; see `AudioSource.close`."""
        self._blocks.fail(SourceEnded("The file was closed."))
        self._worker.close()


class FilePicture:
    """The first video track of a file or stream; a `VideoSource`."""

    def __init__(self, place: str, width: int, height: int, fps: int) -> None:
        """Open it; takes up to seconds, so call it in a thread.

        Args:
            place: `file:PATH` or a URL.
            width: pixels of the pictures to give, even.
            height: pixels, even.
            fps: most pictures a second; a file with more is thinned out.

        Raises:
            DeviceError: it is missing, unreadable or has no picture.
        """
        self._pictures: Handover[av.VideoFrame] = Handover(2)
        reader = _PictureReader(place, width, height, fps, self._pictures)
        self._worker = Worker("the video file", reader, self._pictures.fail)

    async def read(self) -> av.VideoFrame:
        """The next picture; see `VideoSource.read`."""
        return await self._pictures.get()

    def close(self) -> None:
        """Close the file; see `VideoSource.close`."""
        self._pictures.fail(SourceEnded("The file was closed."))
        self._worker.close()


class _SoundReader:
    def __init__(self, place: str, blocks: Handover[Samples]) -> None:
        self._place = place
        self._blocks = blocks
        self._container: Container | None = None
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self._rest: Samples = np.zeros(0, dtype=np.int16)
        self._metronome = Metronome(BLOCK / SAMPLE_RATE)

    def open(self) -> None:
        self._container = Container(self._place, "audio")

    def step(self, stopping: threading.Event) -> None:
        assert self._container is not None
        frame, _ = self._container.next(stopping) or (None, 0.0)
        if not isinstance(frame, av.AudioFrame):
            return
        # The resampler would answer a jump of the time stamps at the loop with silence or an error.
        frame.pts = None
        parts = [self._rest, *(part.to_ndarray()[0] for part in self._resampler.resample(frame))]
        samples = np.concatenate(parts)
        whole = samples.size // BLOCK * BLOCK
        self._rest = samples[whole:]
        for block in samples[:whole].reshape(-1, BLOCK):
            # Frames of a file may hold 100 ms and more: each block waits for its own time.
            if stopping.wait(self._metronome.delay()):
                return
            self._blocks.put(block)

    def release(self) -> None:
        if self._container is not None:
            self._container.close()


class _PictureReader:
    def __init__(self, place: str, width: int, height: int, fps: int, pictures: Handover[av.VideoFrame]) -> None:
        self._place = place
        self._size = width, height
        # A picture a little early is still due: time stamps are rounded to milliseconds in many files.
        self._interval = 0.8 / fps
        self._pictures = pictures
        self._container: Container | None = None
        self._last = time.monotonic() - 1.0

    def open(self) -> None:
        self._container = Container(self._place, "video")

    def step(self, stopping: threading.Event) -> None:
        assert self._container is not None
        frame, due = self._container.next(stopping) or (None, 0.0)
        if not isinstance(frame, av.VideoFrame):
            return
        if due - self._last < self._interval:
            return
        self._last = due
        self._pictures.put(fit(frame, *self._size, due))

    def release(self) -> None:
        if self._container is not None:
            self._container.close()
