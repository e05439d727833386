"""A microphone through PortAudio. Its callback runs in PortAudio's thread and only copies into the handover.

A device that refuses 48 kHz or the number of channels is opened as it likes, and resampled where its blocks are read.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from meshconf.devices import portaudio
from meshconf.devices.handover import Handover
from meshconf.devices.portaudio_stream import PortAudioStream
from meshconf.devices.resampling import Blocks, to_ours
from meshconf.media.samples import Samples
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
        self.captured = 0.0
        self._pieces: Handover[tuple[float, Samples]] = Handover(_WAITING)
        self._ready: deque[tuple[float, Samples]] = deque()
        self._blocks = Blocks()
        with portaudio.guard:
            index = portaudio.find(name, "input")
            agreed = portaudio.agree(index, "input", channels)
            self._rate = agreed.rate
            self._mono = agreed.channels == 1
            self._resampler = to_ours(agreed.rate, agreed.channels, channels)
            self._stream = PortAudioStream("input", index, agreed, self._heard, self._pieces.fail)

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
        self._stream.close()

    def _heard(self, indata: Any, began: float) -> None:
        """In PortAudio's thread."""
        self._pieces.put((began, np.array(indata[:, 0] if self._mono else indata, dtype=np.int16)))
