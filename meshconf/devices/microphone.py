"""A microphone through PortAudio. Its callback runs in PortAudio's thread and only copies into the handover.

A device that refuses 48 kHz or the number of channels is opened as it likes, and resampled where its blocks are read.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from meshconf.devices import portaudio
from meshconf.devices.base import DeviceLost, Samples, SourceEnded
from meshconf.devices.handover import Handover
from meshconf.devices.resampling import Blocks, to_ours
from meshconf.errors import MeshconfError
from meshconf.types import BLOCK, SAMPLE_RATE

_WAITING = 5
"""Blocks (100 ms) that wait for a late reader."""


class Microphone:
    """One open microphone; a `TimedSource`."""

    def __init__(self, name: str = "default", channels: int = 1) -> None:
        """Open and start it; takes up to a second, so call it in a thread.

        Args:
            name: `default`, a device's name or a part of it.
            channels: 1, or 2 for stereo.

        Raises:
            DeviceError: PortAudio or the device is missing, or it is in use.
        """
        sounddevice = portaudio.library()
        self.captured = 0.0
        self._pieces: Handover[tuple[float, Samples]] = Handover(_WAITING)
        self._ready: deque[tuple[float, Samples]] = deque()
        self._blocks = Blocks()
        self._lock = threading.Lock()
        self._closed = False
        with portaudio.guard:
            index = portaudio.find(name, "input")
            self._rate, count = portaudio.agree(index, "input", channels)
            self._resampler = to_ours(self._rate, count, channels)
            self._mono = count == 1
            try:
                self._stream = sounddevice.InputStream(
                    device=index,
                    samplerate=self._rate,
                    channels=count,
                    dtype="int16",
                    blocksize=BLOCK * self._rate // SAMPLE_RATE,
                    latency=portaudio.LATENCY,
                    callback=self._heard,
                    finished_callback=self._finished,
                )
            except (sounddevice.PortAudioError, ValueError) as error:
                raise portaudio.refused("input", error) from error
            try:
                self._stream.start()
            except sounddevice.PortAudioError as error:
                self._stream.close()
                raise portaudio.refused("input", error) from error
            portaudio.opened(self)

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        if self._resampler is None:
            self.captured, block = await self._pieces.get()
            return block
        while not self._ready:
            began, piece = await self._pieces.get()
            # 0.02 ms: cheaper here than a trip to a thread and back.
            blocks = self._blocks.cut(self._resampler.convert(piece))
            end = began + piece.shape[0] / self._rate
            for place, block in enumerate(blocks):
                after = self._blocks.waiting + BLOCK * (len(blocks) - place)
                self._ready.append((end - after / SAMPLE_RATE, block))
        self.captured, block = self._ready.popleft()
        return block

    def close(self) -> None:
        """Stop listening and release the device; see `AudioSource.close`."""
        self._end(SourceEnded("The microphone was switched off."))

    def lose(self) -> None:
        """End as if the device were gone; see `portaudio.look_again`."""
        self._end(_gone())

    def _end(self, error: MeshconfError) -> None:
        with portaudio.guard, self._lock:
            if self._closed:
                return
            self._closed = True
            self._pieces.fail(error)
            portaudio.closed(self)
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)

    def _heard(self, indata: Any, frames: int, when: Any, status: Any) -> None:
        began = portaudio.captured_at(when, self._stream.latency)
        self._pieces.put((began, np.array(indata[:, 0] if self._mono else indata, dtype=np.int16)))

    def _finished(self) -> None:
        # PortAudio raises nothing when a device is unplugged: its stream just finishes.
        self._pieces.fail(_gone())


def _gone() -> DeviceLost:
    return DeviceLost("The microphone is gone.", fix="plug it in again or choose another with --mic NAME")
