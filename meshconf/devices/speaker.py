"""A loudspeaker through PortAudio. Its callback runs in PortAudio's thread, takes one block and wakes the mixer."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from meshconf.devices import portaudio
from meshconf.devices.base import DeviceLost, Samples, SourceEnded
from meshconf.devices.handover import Doorbell
from meshconf.errors import MeshconfError
from meshconf.types import BLOCK, SAMPLE_RATE

_AHEAD = 2
"""Blocks that wait for the device: one to play, one that covers a late mixer."""

_REMEMBERED = 100
"""Blocks (2 s) that are remembered for whoever asks what was played."""

_SILENCE = np.zeros(BLOCK, dtype=np.int16)


class Speaker:
    """One open loudspeaker; a `TimedSink`."""

    def __init__(self, name: str = "default") -> None:
        """Open and start it; takes up to a second, so call it in a thread.

        Args:
            name: `default`, a device's name or a part of it.

        Raises:
            DeviceError: PortAudio or the device is missing, or it is in use.
        """
        sounddevice = portaudio.library()
        index = portaudio.find(name, "output")
        self._queue: deque[Samples] = deque(maxlen=_AHEAD + 1)
        self._played: deque[tuple[float, Samples]] = deque(maxlen=_REMEMBERED)
        self._bell = Doorbell()
        self._end: MeshconfError | None = None
        self._lock = threading.Lock()
        self._closed = False
        try:
            self._stream = sounddevice.OutputStream(
                device=index,
                samplerate=SAMPLE_RATE,
                channels=1,
                dtype="int16",
                blocksize=BLOCK,
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

    def write(self, samples: Samples) -> None:
        """Queue 20 ms; see `AudioSink.write`."""
        self._queue.append(samples)

    async def pace(self) -> None:
        """Wait until another 20 ms fit; see `AudioSink.pace`."""
        await self._bell.wait_until(lambda: len(self._queue) < _AHEAD or self._end is not None)
        if self._end is not None:
            raise self._end.with_traceback(None)

    def played(self) -> list[tuple[float, Samples]]:
        """What the card took since the last call; see `TimedSink.played`."""
        # One by one: the callback may add while this is read.
        return [self._played.popleft() for _ in range(len(self._played))]

    def close(self) -> None:
        """Fall silent and release the device; see `AudioSink.close`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._end = self._end or SourceEnded("The speaker was switched off.")
            self._bell.ring()
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)

    def _play(self, outdata: Any, frames: int, when: Any, status: Any) -> None:
        try:
            block = self._queue.popleft()
        except IndexError:
            block = _SILENCE
        outdata[:, 0] = block
        self._played.append((portaudio.sounds_at(when, self._stream.latency), block))
        self._bell.ring()

    def _finished(self) -> None:
        # PortAudio raises nothing when a device is unplugged: its stream just finishes.
        self._end = self._end or DeviceLost(
            "The speaker is gone.", fix="plug it in again or choose another with --speaker NAME"
        )
        self._bell.ring()
