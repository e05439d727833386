"""What recording and playing have in common: a stream of the sound server that opens, ends, and tells of both.

A stream names its device, or follows the default one: then the server moves it when that changes. One that names its
device ends with it, since PulseAudio would otherwise move it, too, when the default changes. The server resamples, so
that any rate and any number of channels will do.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from ctypes import byref, c_int, c_uint64
from typing import Any, Literal

from meshconf.devices.base import DeviceLost
from meshconf.devices.pulse import binding
from meshconf.devices.pulse.binding import BufferAttributes, Library
from meshconf.devices.pulse.connection import ANSWER_S, Connection
from meshconf.errors import DeviceError, DeviceKind, MeshconfError, Remedy
from meshconf.types import SAMPLE_RATE

_FLAGS = binding.STREAM_INTERPOLATE_TIMING | binding.STREAM_AUTO_TIMING_UPDATE | binding.STREAM_ADJUST_LATENCY

SAMPLE_BYTES = 2

Noun = Literal["microphone", "speaker", "sound of a program"]

_KINDS: dict[Noun, DeviceKind] = {"microphone": DeviceKind.MIC, "speaker": DeviceKind.SPEAKER}
"""Of those that are devices."""


class Stream(ABC):
    """A `pa_stream`. Callbacks run in libpulse's thread, with the connection's lock."""

    def __init__(
        self, connection: Connection, noun: Noun, channels: int, on_end: Callable[[MeshconfError], None]
    ) -> None:
        """Make and connect it; waits until the server has said yes.

        Args:
            connection: to the server; outlives the stream.
            noun: what it is, for sentences and for the mixer of the desktop.
            channels: 1 or 2.
            on_end: told in libpulse's thread why an open stream ended, unless `close` ended it.

        Raises:
            DeviceError: the server refuses.
        """
        self._connection = connection
        self._noun: Noun = noun
        self._on_end = on_end
        self._settled = threading.Event()
        self._closing = threading.Lock()
        self._closed = False
        self._ready = False
        self._on_state = binding.STREAM_NOTIFY(self._changed)  # ctypes keeps no references
        self._on_request = binding.STREAM_REQUEST(self._requested)
        spec = binding.SampleSpec(binding.SAMPLE_S16LE, SAMPLE_RATE, channels)
        with connection.lock() as library:
            properties = library.proplist_new()
            if noun == "microphone":
                # Bluetooth headsets change to the profile that has a microphone for such streams. Playing has no role:
                # that one would pause everybody's music.
                library.proplist_sets(properties, b"media.role", b"phone")
            self._stream = library.stream_new_with_proplist(
                connection.context, noun.encode(), byref(spec), None, properties
            )
            library.proplist_free(properties)
            if not self._stream:
                raise self._refused()
            library.stream_set_state_callback(self._stream, self._on_state, None)
            agreed = self._connect(library, self._stream) >= 0
        if not agreed or not self._settled.wait(ANSWER_S) or not self._ready:
            error = self._refused()
            self.close()
            raise error

    def close(self) -> None:
        """End it before returning. May be called again; not from a callback."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            with self._connection.lock() as library:
                library.stream_set_state_callback(self._stream, binding.STREAM_NOTIFY(), None)
                library.stream_set_read_callback(self._stream, binding.STREAM_REQUEST(), None)
                library.stream_set_write_callback(self._stream, binding.STREAM_REQUEST(), None)
                library.stream_disconnect(self._stream)
                library.stream_unref(self._stream)

    @abstractmethod
    def _connect(self, library: Library, stream: int) -> int:
        """Ask the server; less than 0 is no."""

    @abstractmethod
    def _requested(self, stream: Any, size: int, data: Any) -> None:
        """There are `size` bytes to take, or room for as many."""

    def _latency_s(self) -> float | None:
        """Seconds between the device and us; None while the server has not told. In callbacks only."""
        latency, negative = c_uint64(), c_int()
        known = self._connection.library.stream_get_latency(self._stream, byref(latency), byref(negative)) >= 0
        return (-latency.value if negative.value else latency.value) / 1e6 if known else None

    def _changed(self, stream: Any, data: Any) -> None:
        state = self._connection.library.stream_get_state(stream)
        if state == binding.STREAM_READY:
            self._ready = True
            self._settled.set()
        elif state in (binding.STREAM_FAILED, binding.STREAM_TERMINATED):
            if self._ready:
                self._on_end(self._gone())
            self._settled.set()

    def _gone(self) -> DeviceLost:
        sentence = f"The {self._noun} is gone."
        if (kind := _KINDS.get(self._noun)) is None:
            return DeviceLost(sentence, fix="start sharing it again")
        return DeviceLost(sentence, fix="plug it in again", kind=kind, remedy=Remedy.CHOOSE_ANOTHER)

    def _refused(self) -> DeviceError:
        sentence = f"The {self._noun} does not open: {self._connection.problem()}."
        if (kind := _KINDS.get(self._noun)) is None:
            return DeviceError(sentence, fix="start sharing it again")
        return DeviceError(sentence, fix="close the program that uses it", kind=kind, remedy=Remedy.CHOOSE_ANOTHER)


def flags(device: str | None) -> int:
    """How to connect to a device; None is the default one."""
    return _FLAGS if device is None else _FLAGS | binding.STREAM_DONT_MOVE


def buffers(**sizes: int) -> BufferAttributes:
    """Sizes in bytes; what is not said, the server decides."""
    return BufferAttributes(**{name: sizes.get(name, binding.SERVER_DECIDES) for name, _ in BufferAttributes._fields_})
