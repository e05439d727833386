"""A loudspeaker through PortAudio. Its callback runs in PortAudio's thread, takes one block and wakes the mixer.

A device that refuses 48 kHz or the number of channels is opened as it likes, and resampled where blocks are written.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from meshconf.devices import portaudio
from meshconf.devices.handover import Doorbell
from meshconf.devices.portaudio_stream import PortAudioStream
from meshconf.devices.resampling import from_ours
from meshconf.devices.ring import Ring
from meshconf.errors import MeshconfError
from meshconf.media.samples import Samples, mono
from meshconf.types import BLOCK, SAMPLE_RATE

_REMEMBERED = 100
"""Blocks (2 s) that are remembered for whoever asks what was played."""

_AHEAD = 2
"""Blocks that wait for the device: one to play, one that covers a late mixer."""


class Speaker:
    """One open loudspeaker; a `TimedSink`."""

    def __init__(self, name: str = "default", channels: int = 1) -> None:
        """Open and start it; takes up to a second, so call it in a thread.

        Args:
            name: `default`, a device's name or a part of it.
            channels: 1, or 2 for stereo.

        Raises:
            DeviceError: PortAudio or the device is missing, or it is in use.
        """
        self._bell = Doorbell()
        self._written: deque[tuple[int, Samples]] = deque(maxlen=_REMEMBERED)
        self._played: deque[tuple[float, Samples]] = deque(maxlen=_REMEMBERED)
        self._cause: MeshconfError | None = None
        with portaudio.guard:
            index = portaudio.find(name, "output")
            agreed = portaudio.agree(index, "output", channels)
            self._rate, self._channels = agreed
            self._resampler = from_ours(agreed.rate, agreed.channels, channels)
            self._block = BLOCK * agreed.rate // SAMPLE_RATE
            self._ring = Ring((_AHEAD + 1) * self._block, agreed.channels)
            self._stream = PortAudioStream("output", index, agreed, self._play, self._ended)

    def write(self, samples: Samples) -> None:
        """Queue 20 ms; see `AudioSink.write`."""
        given = samples if self._resampler is None else self._resampler.convert(samples)
        place = self._ring.write(given.reshape(-1, self._channels))
        self._written.append((place, mono(samples)))

    async def pace(self) -> None:
        """Wait until another 20 ms fit; see `AudioSink.pace`."""
        # A resampler may hold a few samples back: what is short of a block by them is one.
        room = (_AHEAD - 1) * self._block + self._block // 4
        await self._bell.wait_until(lambda: len(self._ring) < room or self._cause is not None)
        if self._cause is not None:
            raise self._cause.with_traceback(None)

    def played(self) -> list[tuple[float, Samples]]:
        """What the card took since the last call; see `TimedSink.played`."""
        # One by one: the callback may add while this is read.
        return [self._played.popleft() for _ in range(len(self._played))]

    def close(self) -> None:
        """Fall silent and release the device; see `AudioSink.close`."""
        self._stream.close()

    def _play(self, outdata: Any, begins: float) -> None:
        """In PortAudio's thread."""
        place, count = self._ring.read(outdata)
        while self._written and self._written[0][0] < place + count:
            start, block = self._written.popleft()
            self._played.append((begins + (start - place) / self._rate, block))
        if count < len(outdata):
            silence = np.zeros((len(outdata) - count) * SAMPLE_RATE // self._rate, dtype=np.int16)
            self._played.append((begins + count / self._rate, silence))
        self._bell.ring()

    def _ended(self, error: MeshconfError) -> None:
        self._cause = self._cause or error
        self._bell.ring()
