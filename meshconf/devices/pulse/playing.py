"""Playing through the sound server."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from ctypes import byref
from typing import Any

import numpy as np

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.handover import Doorbell
from meshconf.devices.pulse import binding
from meshconf.devices.pulse.binding import Library
from meshconf.devices.pulse.connection import RESTART, Connection
from meshconf.devices.pulse.stream import SAMPLE_BYTES, Stream, buffers, flags
from meshconf.errors import MeshconfError
from meshconf.media.samples import Samples, mono
from meshconf.types import BLOCK, SAMPLE_RATE

_SERVER_AHEAD = 2
"""Blocks that the server holds: one that is played, one that covers a late callback."""

_REMEMBERED = 100
"""Blocks (2 s) that are remembered for whoever asks what was played."""

_AHEAD = 1
"""Blocks that wait for the server to ask."""


class Playing(Stream):
    """Blocks to a sink."""

    def __init__(
        self,
        connection: Connection,
        *,
        device: str | None,
        channels: int,
        next_block: Callable[[float], bytes],
        on_end: Callable[[MeshconfError], None],
    ) -> None:
        """Open it.

        Args:
            connection: to the server.
            device: the server's name of the sink; None for the default.
            channels: 1 or 2.
            next_block: told when it will sound (monotonic), gives 20 ms; in libpulse's thread, never waits.
            on_end: see `Stream`.

        Raises:
            DeviceError: see `Stream`.
        """
        self._device = device
        self._next_block = next_block
        self._block_bytes = BLOCK * channels * SAMPLE_BYTES
        super().__init__(connection, "speaker", channels, on_end)

    def _connect(self, library: Library, stream: int) -> int:
        library.stream_set_write_callback(stream, self._on_request, None)
        attributes = buffers(tlength=_SERVER_AHEAD * self._block_bytes, minreq=self._block_bytes)
        name = self._device.encode() if self._device is not None else None
        return int(library.stream_connect_playback(stream, name, byref(attributes), flags(self._device), None, None))

    def _requested(self, stream: Any, size: int, data: Any) -> None:
        write = self._connection.library.stream_write
        # What is less than a block is asked for again with the next.
        for _ in range(size // self._block_bytes):
            latency = self._latency_s()
            sounds = time.monotonic() + (_SERVER_AHEAD * BLOCK / SAMPLE_RATE if latency is None else latency)
            write(stream, self._next_block(sounds), self._block_bytes, None, 0, binding.SEEK_RELATIVE)


class PulseSpeaker:
    """One open sink of the sound server; a `TimedSink`."""

    def __init__(self, device: str | None = None, channels: int = 1) -> None:
        """Open and start it; takes some milliseconds, so call it in a thread.

        Args:
            device: the server's name for it; None follows the default.
            channels: 1, or 2 for stereo.

        Raises:
            DeviceError: there is no server, or it refuses.
        """
        self._queue: deque[Samples] = deque(maxlen=_AHEAD + 1)
        self._played: deque[tuple[float, Samples]] = deque(maxlen=_REMEMBERED)
        self._silence: Samples = np.zeros(BLOCK if channels == 1 else (BLOCK, channels), dtype=np.int16)
        self._bell = Doorbell()
        self._end: MeshconfError | None = None
        self._connection = Connection(self._lost)
        try:
            self._stream = Playing(
                self._connection, device=device, channels=channels, next_block=self._next, on_end=self._ended
            )
        except BaseException:
            self._connection.close()
            raise

    def write(self, samples: Samples) -> None:
        """Queue 20 ms; see `AudioSink.write`."""
        self._queue.append(samples)

    async def pace(self) -> None:
        """Wait until another 20 ms fit; see `AudioSink.pace`."""
        await self._bell.wait_until(lambda: len(self._queue) < _AHEAD or self._end is not None)
        if self._end is not None:
            raise self._end.with_traceback(None)

    def played(self) -> list[tuple[float, Samples]]:
        """What the server took since the last call; see `TimedSink.played`."""
        # One by one: libpulse's thread may add while this is read.
        return [self._played.popleft() for _ in range(len(self._played))]

    def close(self) -> None:
        """Fall silent and release the device; see `AudioSink.close`."""
        self._ended(SourceEnded("The speaker was switched off."))
        self._stream.close()
        self._connection.close()

    def _next(self, sounds: float) -> bytes:
        block = self._queue.popleft() if self._queue else self._silence
        self._played.append((sounds, mono(block)))
        self._bell.ring()
        return block.tobytes()

    def _ended(self, error: MeshconfError) -> None:
        self._end = self._end or error
        self._bell.ring()

    def _lost(self) -> None:
        self._ended(DeviceLost("The sound server is gone.", fix=RESTART))
