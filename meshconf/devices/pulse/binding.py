"""libpulse's streams through ctypes: the calls that we use, with their types.

pulsectl lists and moves, but plays and records nothing. The library is asked for by the first stream, and is absent
where there is no sound server.
"""

from __future__ import annotations

import ctypes
import functools
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

LIBRARY = "libpulse.so.0"

# pulse/def.h
CONTEXT_NOAUTOSPAWN = 0x1
CONTEXT_READY, CONTEXT_FAILED, CONTEXT_TERMINATED = 4, 5, 6
STREAM_READY, STREAM_FAILED, STREAM_TERMINATED = 2, 3, 4
STREAM_INTERPOLATE_TIMING, STREAM_AUTO_TIMING_UPDATE, STREAM_DONT_MOVE, STREAM_ADJUST_LATENCY = 0x2, 0x8, 0x200, 0x2000
SAMPLE_S16LE = 3
SEEK_RELATIVE = 0
INVALID_INDEX = SERVER_DECIDES = 0xFFFFFFFF

CONTEXT_NOTIFY = CFUNCTYPE(None, c_void_p, c_void_p)
STREAM_NOTIFY = CFUNCTYPE(None, c_void_p, c_void_p)
STREAM_REQUEST = CFUNCTYPE(None, c_void_p, c_size_t, c_void_p)


class SampleSpec(ctypes.Structure):
    """`pa_sample_spec`."""

    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class BufferAttributes(ctypes.Structure):
    """`pa_buffer_attr`, in bytes."""

    _fields_ = (
        ("maxlength", c_uint32),
        ("tlength", c_uint32),
        ("prebuf", c_uint32),
        ("minreq", c_uint32),
        ("fragsize", c_uint32),
    )


_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "threaded_mainloop_new": (c_void_p, []),
    "threaded_mainloop_get_api": (c_void_p, [c_void_p]),
    "threaded_mainloop_start": (c_int, [c_void_p]),
    "threaded_mainloop_stop": (None, [c_void_p]),
    "threaded_mainloop_free": (None, [c_void_p]),
    "threaded_mainloop_lock": (None, [c_void_p]),
    "threaded_mainloop_unlock": (None, [c_void_p]),
    "proplist_new": (c_void_p, []),
    "proplist_sets": (c_int, [c_void_p, c_char_p, c_char_p]),
    "proplist_free": (None, [c_void_p]),
    "context_new": (c_void_p, [c_void_p, c_char_p]),
    "context_set_state_callback": (None, [c_void_p, CONTEXT_NOTIFY, c_void_p]),
    "context_connect": (c_int, [c_void_p, c_char_p, c_int, c_void_p]),
    "context_get_state": (c_int, [c_void_p]),
    "context_errno": (c_int, [c_void_p]),
    "context_disconnect": (None, [c_void_p]),
    "context_unref": (None, [c_void_p]),
    "stream_new_with_proplist": (c_void_p, [c_void_p, c_char_p, POINTER(SampleSpec), c_void_p, c_void_p]),
    "stream_set_state_callback": (None, [c_void_p, STREAM_NOTIFY, c_void_p]),
    "stream_set_read_callback": (None, [c_void_p, STREAM_REQUEST, c_void_p]),
    "stream_set_write_callback": (None, [c_void_p, STREAM_REQUEST, c_void_p]),
    "stream_set_monitor_stream": (c_int, [c_void_p, c_uint32]),
    "stream_connect_record": (c_int, [c_void_p, c_char_p, POINTER(BufferAttributes), c_int]),
    "stream_connect_playback": (c_int, [c_void_p, c_char_p, POINTER(BufferAttributes), c_int, c_void_p, c_void_p]),
    "stream_get_state": (c_int, [c_void_p]),
    "stream_get_latency": (c_int, [c_void_p, POINTER(c_uint64), POINTER(c_int)]),
    "stream_peek": (c_int, [c_void_p, POINTER(c_void_p), POINTER(c_size_t)]),
    "stream_drop": (c_int, [c_void_p]),
    "stream_write": (c_int, [c_void_p, c_char_p, c_size_t, c_void_p, c_int64, c_int]),
    "stream_disconnect": (c_int, [c_void_p]),
    "stream_unref": (None, [c_void_p]),
    "strerror": (c_char_p, [c_int]),
}


class Library:
    """The functions of libpulse without their prefix, as attributes."""

    def __init__(self, path: str = LIBRARY) -> None:
        """Load it.

        Raises:
            OSError: it is not there.
            AttributeError: it is something else.
        """
        loaded = ctypes.CDLL(path)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(loaded, f"pa_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # for type checkers: all attributes are set above


@functools.cache
def load() -> Library | None:
    """The library, or None where there is none."""
    try:
        return Library()
    except (OSError, AttributeError):
        return None
