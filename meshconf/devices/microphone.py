"""A microphone through PortAudio. Its callback runs in PortAudio's thread and only copies into the handover."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from meshconf.devices import portaudio
from meshconf.devices.base import DeviceLost, Samples, SourceEnded
from meshconf.devices.handover import Handover
from meshconf.types import BLOCK, SAMPLE_RATE

_WAITING = 5
"""Blocks (100 ms) that wait for a late reader."""


class Microphone:
    """One open microphone; a `TimedSource`."""

    def __init__(self, name: str = "default") -> None:
        """Open and start it; takes up to a second, so call it in a thread.

        Args:
            name: `default`, a device's name or a part of it.

        Raises:
            DeviceError: PortAudio or the device is missing, or it is in use.
        """
        sounddevice = portaudio.library()
        index = portaudio.find(name, "input")
        self._blocks: Handover[tuple[float, Samples]] = Handover(_WAITING)
        self.captured = 0.0
        self._lock = threading.Lock()
        self._closed = False
        try:
            self._stream = sounddevice.InputStream(
                device=index,
                samplerate=SAMPLE_RATE,
                channels=1,
                dtype="int16",
                blocksize=BLOCK,
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

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        self.captured, block = await self._blocks.get()
        return block

    def close(self) -> None:
        """Stop listening and release the device; see `AudioSource.close`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._blocks.fail(SourceEnded("The microphone was switched off."))
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)

    def _heard(self, indata: Any, frames: int, when: Any, status: Any) -> None:
        captured = portaudio.captured_at(when, self._stream.latency)
        self._blocks.put((captured, np.array(indata[:, 0], dtype=np.int16)))

    def _finished(self) -> None:
        # PortAudio raises nothing when a device is unplugged: its stream just finishes.
        self._blocks.fail(
            DeviceLost("The microphone is gone.", fix="plug it in again or choose another with --mic NAME")
        )
