"""libopus through ctypes: finding the library, trying it, and its coders as plain as they are.

It lies inside PyAV's wheel (each system's repair tool has a folder of its own for that); else the system may have one.
Calls keep Python's lock: decoding 20 ms takes 0.03 ms and encoding 0.2 ms, while getting the lock back from a busy
thread may take 5 ms.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
import logging
import os
import weakref
from collections.abc import Iterator
from contextlib import nullcontext
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_void_p
from pathlib import Path

import numpy as np

from meshconf.codec.opus_settings import MAX_PACKET_SAMPLES, OpusSettings
from meshconf.media.samples import Samples
from meshconf.types import BLOCK, SAMPLE_RATE

_MAX_PACKET_BYTES = 4000
"""What libopus recommends as room for a packet."""

_QUANTUM = SAMPLE_RATE // 400
"""libopus conceals in steps of 2.5 ms."""

# opus_defines.h
_APPLICATIONS = {"voip": 2048, "music": 2049}
_SET_BITRATE, _SET_INBAND_FEC, _SET_PACKET_LOSS_PERC, _SET_DTX = 4002, 4012, 4014, 4016

_CELT_ONLY = 0x80
"""Bit of a packet's first byte: coded without SILK, which alone copies (RFC 6716, 3.1)."""

_logger = logging.getLogger("meshconf.codec")


@functools.cache
def load() -> ctypes.PyDLL | None:
    """The first library that works, tried once in the life of the process; None if there is none."""
    for path in _candidates():
        try:
            library = _open(path)
        except (OSError, AttributeError) as error:
            _logger.debug("%s is no libopus for us: %s", path, error)
            continue
        if _works(library):
            return library
        _logger.warning("%s does not give back what it was given", path)
    _logger.warning("no libopus was found; voices go through PyAV, without concealment of what gets lost")
    return None


class LibraryEncoder:
    """An encoder of libopus; one thread at a time."""

    def __init__(self, library: ctypes.PyDLL, settings: OpusSettings) -> None:
        self._library = library
        error = c_int()
        self._state = library.opus_encoder_create(
            SAMPLE_RATE, settings.channels, _APPLICATIONS[settings.application], byref(error)
        )
        if not self._state:
            raise MemoryError("libopus has no memory for an encoder")
        weakref.finalize(self, library.opus_encoder_destroy, self._state)
        self._packet = ctypes.create_string_buffer(_MAX_PACKET_BYTES)
        self.apply(settings)

    def encode(self, samples: Samples) -> bytes:
        """The packet of one block; empty if libopus refuses."""
        pcm = np.ascontiguousarray(samples, dtype=np.int16)
        size = self._library.opus_encode(self._state, pcm.ctypes.data, BLOCK, self._packet, _MAX_PACKET_BYTES)
        return ctypes.string_at(self._packet, size) if size > 0 else b""

    def apply(self, settings: OpusSettings) -> None:
        """Go on with these bitrate, FEC, loss and DTX; channels and application stay as they are."""
        for request, number in (
            (_SET_BITRATE, settings.bitrate_bps),
            (_SET_INBAND_FEC, int(settings.fec)),
            (_SET_PACKET_LOSS_PERC, settings.expected_loss),
            (_SET_DTX, int(settings.dtx)),
        ):
            self._library.opus_encoder_ctl(self._state, request, c_int32(number))


class LibraryDecoder:
    """A decoder of libopus; one thread at a time."""

    def __init__(self, library: ctypes.PyDLL, channels: int) -> None:
        self._library = library
        error = c_int()
        self._state = library.opus_decoder_create(SAMPLE_RATE, channels, byref(error))
        if not self._state:
            raise MemoryError("libopus has no memory for a decoder")
        weakref.finalize(self, library.opus_decoder_destroy, self._state)
        shape = (MAX_PACKET_SAMPLES,) if channels == 1 else (MAX_PACKET_SAMPLES, channels)
        self._pcm = np.zeros(shape, dtype=np.int16)
        self._address = self._pcm.ctypes.data
        self._has_lbrr = getattr(library, "opus_packet_has_lbrr", None)

    def decode(self, packet: bytes) -> Samples:
        """The sound of a packet; none if libopus refuses it."""
        return self._run(packet, MAX_PACKET_SAMPLES) if packet else self._pcm[:0].copy()

    def conceal(self, samples: int) -> Samples:
        """As many samples as libopus makes of what it decoded last; what is beyond 120 ms is silence."""
        return self._make_up(None, samples)

    def has_fec(self, packet: bytes) -> bool:
        """Whether a copy of the last packet is in this one; before libopus 1.5, whether there may be one."""
        if not packet:
            return False
        if self._has_lbrr is None:
            return not packet[0] & _CELT_ONLY
        return bool(self._has_lbrr(packet, len(packet)) == 1)

    def recover(self, next_packet: bytes, samples: int) -> Samples:
        """The `samples` before `next_packet`, by its copy; what there is no copy of is made up."""
        return self._make_up(next_packet or None, samples)

    def _make_up(self, packet: bytes | None, samples: int) -> Samples:
        size = max(1, min(-(-samples // _QUANTUM), MAX_PACKET_SAMPLES // _QUANTUM)) * _QUANTUM
        made = self._run(packet, size, fec=packet is not None)
        missing = samples - made.shape[0]
        if missing <= 0:
            # Of a recovery the end counts: it joins the next packet.
            return made[-missing:] if packet else made[:samples]
        return np.concatenate([made, np.zeros((missing, *made.shape[1:]), dtype=np.int16)])

    def _run(self, packet: bytes | None, size: int, *, fec: bool = False) -> Samples:
        length = 0 if packet is None else len(packet)
        count = self._library.opus_decode(self._state, packet, length, self._address, size, int(fec))
        return self._pcm[: max(count, 0)].copy()


def _candidates() -> Iterator[str]:
    package = importlib.util.find_spec("av")
    if package is not None and package.origin is not None:
        home = Path(package.origin).parent
        # Left there by auditwheel and delvewheel, and by delocate.
        for folder in (home.parent / "av.libs", home / ".dylibs"):
            yield from sorted(str(path) for path in folder.glob("*opus*") if path.is_file())
    system = ctypes.util.find_library("opus")
    if system is not None:
        yield system


def _open(path: str) -> ctypes.PyDLL:
    add_directory = getattr(os, "add_dll_directory", None)  # Windows looks for a library's own libraries only there
    with nullcontext() if add_directory is None or not Path(path).is_file() else add_directory(str(Path(path).parent)):
        library = ctypes.PyDLL(path)
    library.opus_encoder_create.argtypes = [c_int32, c_int, c_int, POINTER(c_int)]
    library.opus_encoder_create.restype = c_void_p
    library.opus_encoder_destroy.argtypes = [c_void_p]
    library.opus_encoder_destroy.restype = None
    library.opus_encode.argtypes = [c_void_p, c_void_p, c_int, c_char_p, c_int32]
    # Variadic: what stands before the dots has to be declared, or Apple's ARM passes the rest in the wrong place.
    library.opus_encoder_ctl.argtypes = [c_void_p, c_int]
    library.opus_decoder_create.argtypes = [c_int32, c_int, POINTER(c_int)]
    library.opus_decoder_create.restype = c_void_p
    library.opus_decoder_destroy.argtypes = [c_void_p]
    library.opus_decoder_destroy.restype = None
    library.opus_decode.argtypes = [c_void_p, c_char_p, c_int32, c_void_p, c_int, c_int]
    if hasattr(library, "opus_packet_has_lbrr"):  # since 1.5
        library.opus_packet_has_lbrr.argtypes = [c_char_p, c_int32]
    return library


def _works(library: ctypes.PyDLL) -> bool:
    """Whether a tone survives, a hole is filled and a bad packet is refused."""
    encoder = LibraryEncoder(library, OpusSettings(32_000, 1, "voip", 0, False, False))
    decoder = LibraryDecoder(library, 1)
    tone = (8000 * np.sin(np.arange(BLOCK) * (2 * np.pi * 500 / SAMPLE_RATE))).astype(np.int16)
    heard = [decoder.decode(encoder.encode(tone)) for _ in range(3)]
    whole = all(block.shape == (BLOCK,) for block in heard) and int(np.abs(heard[-1]).max()) > 2000
    return whole and decoder.conceal(BLOCK).shape == (BLOCK,) and decoder.decode(b"\xff\xff").shape == (0,)
