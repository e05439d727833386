"""What engine and decoder process say to each other over a stream socket: a fixed header, and for frames the bytes.

Pictures do not travel here, and nothing is said once a picture. Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from meshconf.media.encoded import Codec

MAX_FRAME = 2 * 1024 * 1024
"""Bytes of the largest encoded picture that is taken: 60 times a usual keyframe of 640x480."""

CODECS: dict[Codec, int] = {"VP8": 1, "H264": 2}
"""What can be decoded, and its number on the wire."""

_NAMES = {number: codec for codec, number in CODECS.items()}

_COMMAND = struct.Struct("<BBHIIqd")  # kind, codec, row or keyframe, stream, length, timestamp, captured
_OPEN, _FRAME, _CLOSE = 1, 2, 3

_NEWS = struct.Struct("<BxHIIII")  # kind, nothing, stream, bus, width, height
_READY, _PICTURE, _KEYFRAME = 1, 2, 3


class WireError(ValueError):
    """The other side talks nonsense; the connection is of no use any more."""


@dataclass(frozen=True, slots=True)
class Open:
    """Engine: frames of a new stream follow."""

    stream: int
    """A number that no other stream had or will have in this process."""
    row: int
    """Its row on the board."""
    codec: Codec


class Frame(NamedTuple):
    """Engine: decode this."""

    stream: int
    data: bytes
    keyframe: bool
    timestamp: int
    captured: float


@dataclass(frozen=True, slots=True)
class Close:
    """Engine: forget that stream; its bus is the engine's to remove."""

    stream: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Worker: everything is loaded."""


@dataclass(frozen=True, slots=True)
class PictureChanged:
    """Worker: from now on a stream's pictures have that size, and are on that bus."""

    stream: int
    bus: int
    """Number behind the prefix that the worker was started with."""
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class KeyframeNeeded:
    """Worker: that stream goes on with a keyframe only."""

    stream: int


Command = Open | Frame | Close
News = Ready | PictureChanged | KeyframeNeeded


def frame_header(stream: int, length: int, *, keyframe: bool, timestamp: int, captured: float) -> bytes:
    """What stands before the `length` bytes of a frame, so that those need not be copied."""
    return _COMMAND.pack(_FRAME, 0, keyframe, stream, length, timestamp, captured)


def encode_command(command: Open | Close) -> bytes:
    """A whole command; for frames, see `frame_header`."""
    match command:
        case Open(stream, row, codec):
            return _COMMAND.pack(_OPEN, CODECS[codec], row, stream, 0, 0, 0.0)
        case Close(stream):
            return _COMMAND.pack(_CLOSE, 0, 0, stream, 0, 0, 0.0)


def encode_news(news: News) -> bytes:
    """Whole news."""
    match news:
        case Ready():
            return _NEWS.pack(_READY, 0, 0, 0, 0, 0)
        case PictureChanged(stream, bus, width, height):
            return _NEWS.pack(_PICTURE, 0, stream, bus, width, height)
        case KeyframeNeeded(stream):
            return _NEWS.pack(_KEYFRAME, 0, stream, 0, 0, 0)


class CommandReader:
    """Makes commands of bytes as they come; holds no more than one command and what was fed last."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: memoryview) -> Iterator[Command]:
        """The commands that `data` completes.

        Raises:
            WireError: This is no command.
        """
        self._bytes += data
        while len(self._bytes) >= _COMMAND.size:
            kind, codec, number, stream, length, timestamp, captured = _COMMAND.unpack_from(self._bytes)
            end = _COMMAND.size + length
            if length > MAX_FRAME or (length and kind != _FRAME):
                raise WireError(f"a command of {length} bytes")
            if len(self._bytes) < end:
                return
            payload = bytes(self._bytes[_COMMAND.size : end])
            del self._bytes[:end]
            if kind == _FRAME:
                yield Frame(stream, payload, bool(number), timestamp, captured)
            elif kind == _OPEN and codec in _NAMES:
                yield Open(stream, number, _NAMES[codec])
            elif kind == _CLOSE:
                yield Close(stream)
            else:
                raise WireError(f"a command of kind {kind}")


class NewsReader:
    """Makes news of bytes as they come."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[News]:
        """The news that `data` completes.

        Raises:
            WireError: This is no news.
        """
        self._bytes += data
        while len(self._bytes) >= _NEWS.size:
            kind, _, stream, bus, width, height = _NEWS.unpack_from(self._bytes)
            del self._bytes[: _NEWS.size]
            if kind == _READY:
                yield Ready()
            elif kind == _PICTURE and width and height:
                yield PictureChanged(stream, bus, width, height)
            elif kind == _KEYFRAME:
                yield KeyframeNeeded(stream)
            else:
                raise WireError(f"news of kind {kind}")
