"""A loudspeaker through PortAudio. Its callback runs in PortAudio's thread, takes one block and wakes the mixer.

A device that refuses 48 kHz or the number of channels is opened as it likes, and resampled where blocks are written.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from meshconf.devices import portaudio
from meshconf.devices.base import DeviceLost, Samples, SourceEnded
from meshconf.devices.handover import Doorbell
from meshconf.devices.resampling import from_ours, mono
from meshconf.devices.ring import Ring
from meshconf.errors import MeshconfError
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
        sounddevice = portaudio.library()
        self._bell = Doorbell()
        self._written: deque[tuple[int, Samples]] = deque(maxlen=_REMEMBERED)
        self._played: deque[tuple[float, Samples]] = deque(maxlen=_REMEMBERED)
        self._cause: MeshconfError | None = None
        self._lock = threading.Lock()
        self._closed = False
        with portaudio.guard:
            index = portaudio.find(name, "output")
            self._rate, self._channels = portaudio.agree(index, "output", channels)
            self._resampler = from_ours(self._rate, self._channels, channels)
            self._block = BLOCK * self._rate // SAMPLE_RATE
            self._ring = Ring((_AHEAD + 1) * self._block, self._channels)
            try:
                self._stream = sounddevice.OutputStream(
                    device=index,
                    samplerate=self._rate,
                    channels=self._channels,
                    dtype="int16",
                    blocksize=self._block,
                    latency=portaudio.LATENCY,
                    callback=self._play,
                    finished_callback=self._finished,
                )
            except (sounddevice.PortAudioError, ValueError) as error:
                raise portaudio.refused("output", error) from error
            try:
                self._stream.start()
            except sounddevice.PortAudioError as error:
                self._stream.close()
                raise portaudio.refused("output", error) from error
            portaudio.opened(self)

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
        self._end(SourceEnded("The speaker was switched off."))

    def lose(self) -> None:
        """End as if the device were gone; see `portaudio.look_again`."""
        self._end(_gone())

    def _end(self, error: MeshconfError) -> None:
        with portaudio.guard, self._lock:
            if self._closed:
                return
            self._closed = True
            self._cause = self._cause or error
            self._bell.ring()
            portaudio.closed(self)
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)

    def _play(self, outdata: Any, frames: int, when: Any, status: Any) -> None:
        begins = portaudio.sounds_at(when, self._stream.latency)
        place, count = self._ring.read(outdata)
        while self._written and self._written[0][0] < place + count:
            start, block = self._written.popleft()
            self._played.append((begins + (start - place) / self._rate, block))
        if count < frames:
            silence = np.zeros((frames - count) * SAMPLE_RATE // self._rate, dtype=np.int16)
            self._played.append((begins + count / self._rate, silence))
        self._bell.ring()

    def _finished(self) -> None:
        # PortAudio raises nothing when a device is unplugged: its stream just finishes.
        self._cause = self._cause or _gone()
        self._bell.ring()


def _gone() -> DeviceLost:
    return DeviceLost("The speaker is gone.", fix="plug it in again or choose another with --speaker NAME")
