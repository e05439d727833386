"""Recording through the sound server: microphones, monitors of speakers, and what a single program plays."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from ctypes import byref, c_size_t, c_void_p
from typing import Any

import numpy as np

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.handover import Handover
from meshconf.devices.pulse.binding import Library
from meshconf.devices.pulse.connection import RESTART, Connection
from meshconf.devices.pulse.stream import SAMPLE_BYTES, Noun, Stream, buffers, flags
from meshconf.errors import MeshconfError
from meshconf.media.samples import Samples
from meshconf.types import BLOCK, SAMPLE_RATE

_PIECES = 2
"""Pieces in which a block arrives: half a block less to wait for, and little work."""

_WAITING = 5
"""Blocks (100 ms) that wait for a late reader."""


class Recording(Stream):
    """Blocks from a source."""

    def __init__(
        self,
        connection: Connection,
        noun: Noun,
        *,
        device: str | None,
        channels: int,
        on_block: Callable[[float, Samples], None],
        on_end: Callable[[MeshconfError], None],
        program: int | None = None,
    ) -> None:
        """Open it.

        Args:
            connection: to the server.
            noun: see `Stream`.
            device: the server's name of the source; None for the default, and for `program`.
            channels: 1 or 2.
            on_block: takes the monotonic seconds at which 20 ms began to be heard, and these; in libpulse's thread.
            on_end: see `Stream`.
            program: hear this stream alone (index of a sink input) of those that play.

        Raises:
            DeviceError: see `Stream`.
        """
        self._device = device
        self._program = program
        self._shape = (BLOCK,) if channels == 1 else (BLOCK, channels)
        self._on_block = on_block
        self._bytes = bytearray()
        self._block_bytes = BLOCK * channels * SAMPLE_BYTES
        self._bytes_a_second = SAMPLE_RATE * channels * SAMPLE_BYTES
        self._piece_bytes = self._block_bytes // _PIECES
        super().__init__(connection, noun, channels, on_end)

    def _connect(self, library: Library, stream: int) -> int:
        if self._program is not None and library.stream_set_monitor_stream(stream, self._program) < 0:
            return -1
        library.stream_set_read_callback(stream, self._on_request, None)
        attributes = buffers(fragsize=self._piece_bytes)
        name = self._device.encode() if self._device is not None else None
        return int(library.stream_connect_record(stream, name, byref(attributes), flags(self._device)))

    def _requested(self, stream: Any, size: int, data: Any) -> None:
        if size < self._piece_bytes:
            return  # some sinks give their monitor a millisecond at a time
        library, place, count = self._connection.library, c_void_p(), c_size_t()
        while library.stream_peek(stream, byref(place), byref(count)) >= 0 and count.value:
            # A hole in the buffer has a length but no place.
            self._bytes += ctypes.string_at(place, count.value) if place.value else bytes(count.value)
            library.stream_drop(stream)
        # Of what is drained, nothing waits at the server's end: the latency is the age of the last byte.
        heard_until = time.monotonic() - max(0.0, self._latency_s() or 0.0)
        while len(self._bytes) >= self._block_bytes:
            began = heard_until - len(self._bytes) / self._bytes_a_second
            block = np.frombuffer(bytes(self._bytes[: self._block_bytes]), dtype="<i2").reshape(self._shape)
            del self._bytes[: self._block_bytes]
            self._on_block(began, block)


class PulseMicrophone:
    """One open source of the sound server; a `TimedSource`."""

    def __init__(self, device: str | None = None, channels: int = 1) -> None:
        """Open and start it; takes some milliseconds, so call it in a thread.

        Args:
            device: the server's name for it; None follows the default.
            channels: 1, or 2 for stereo.

        Raises:
            DeviceError: there is no server, or it refuses.
        """
        self.captured = 0.0
        self._blocks: Handover[tuple[float, Samples]] = Handover(_WAITING)
        self._connection = Connection(self._lost)
        try:
            self._stream = Recording(
                self._connection,
                "microphone",
                device=device,
                channels=channels,
                on_block=lambda captured, block: self._blocks.put((captured, block)),
                on_end=self._blocks.fail,
            )
        except BaseException:
            self._connection.close()
            raise

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        self.captured, block = await self._blocks.get()
        return block

    def close(self) -> None:
        """Stop listening and release the device; see `AudioSource.close`."""
        self._blocks.fail(SourceEnded("The microphone was switched off."))
        self._stream.close()
        self._connection.close()

    def _lost(self) -> None:
        self._blocks.fail(DeviceLost("The sound server is gone.", fix=RESTART))
