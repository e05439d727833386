"""Reads a file or a network stream with PyAV, one kind of content of it, and keeps its pace.

Runs in a device's thread. Files begin again at their end; streams end. What a server sends is decoded by FFmpeg, so
only what the person named on the command line is ever opened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.errors import DeviceError

Kind = Literal["audio", "video"]

_OPEN_SECONDS, _READ_SECONDS = 8.0, 5.0
"""How long a stream may take to answer, and to send the next piece."""

_LATE = 0.5
"""Seconds behind time after which playing goes on from here instead of catching up."""

_GAP = 30.0
"""Seconds between two pictures that are waited for, as in a show of slides; more is a jump in the time stamps."""


def said(error: Exception) -> str:
    """What FFmpeg says, without its number and the path, which whoever reads it knows."""
    return str(getattr(error, "strerror", None) or error)


def open_container(place: str, kind: Kind) -> tuple[InputContainer, av.AudioStream | av.VideoStream, bool]:
    """Open a file or stream.

    Args:
        place: `file:PATH`, a path, or a URL.
        kind: which content is wanted.

    Returns:
        The container, its first stream of that kind, and whether it is a file of this machine.

    Raises:
        DeviceError: it is not there, cannot be read, or has no such content.
    """
    path = place.removeprefix("file://") if place.startswith("file://") else place.removeprefix("file:")
    local = "://" not in path
    if local and not Path(path).expanduser().is_file():
        raise DeviceError(f"There is no file {path!r}.", fix="check the path")
    try:
        container: InputContainer = av.open(
            str(Path(path).expanduser()) if local else path,
            options={"rtsp_transport": "tcp"} if path.startswith("rtsp") else {},
            timeout=None if local else (_OPEN_SECONDS, _READ_SECONDS),
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        noun = "file" if local else "stream"
        raise DeviceError(
            f"The {noun} {path!r} cannot be read: {said(error)}.", fix="check that a player such as ffplay plays it"
        ) from error
    streams = container.streams.audio if kind == "audio" else container.streams.video
    if not streams:
        container.close()
        content = "sound" if kind == "audio" else "picture"
        raise DeviceError(f"{path!r} has no {content} in it.", fix="choose another file or stream")
    return container, streams[0], local


class Container:
    """An open file or stream, seen as its frames in time."""

    def __init__(self, place: str, kind: Kind) -> None:
        """Open it.

        Args:
            place: `file:PATH`, a path, or a URL.
            kind: which content is wanted.

        Raises:
            DeviceError: it is not there, cannot be read, or has no such content.
        """
        self._container, self._stream, self._local = open_container(place, kind)
        # A live stream comes in real time by itself; waiting on its time stamps would only add delay.
        self._paced = self._local or self._container.duration is not None
        self._frames = self._decode()
        # Monotonic moment of time stamp 0, and when the frame after the last one is due.
        self._origin: float | None = None
        self._end = 0.0

    def next(self, stopping: threading.Event) -> tuple[av.AudioFrame | av.VideoFrame, float] | None:
        """The next frame and the monotonic moment for which it is meant, waited for; None when stopped meanwhile.

        Raises:
            SourceEnded: a stream is over.
            DeviceLost: it breaks off.
        """
        try:
            frame = next(self._frames)
        except StopIteration:
            raise SourceEnded("The stream is over.") from None
        except (av.FFmpegError, OSError) as error:
            raise DeviceLost(
                f"The stream broke off: {said(error)}.", fix="check the other end and open it again"
            ) from error
        now = time.monotonic()
        if not self._paced or frame.time is None:
            return frame, now
        if self._origin is None:
            # A new round begins when the last picture of the old one has been seen for its time.
            self._origin = max(now, self._end) - frame.time
        elif not -_GAP < now - self._origin - frame.time < _LATE:
            # A jump in the time stamps, or a machine that was asleep.
            self._origin = now - frame.time
        due = self._origin + frame.time
        self._end = due + _duration(frame)
        if stopping.wait(max(0.0, due - now)):
            return None
        return frame, due

    def close(self) -> None:
        """Close the file or connection."""
        self._container.close()

    def _decode(self) -> Iterator[av.AudioFrame | av.VideoFrame]:
        while True:
            empty = True
            for frame in self._container.decode(self._stream):
                if isinstance(frame, av.AudioFrame | av.VideoFrame):
                    empty = False
                    yield frame
            # An empty file must not be read over and over.
            if not self._local or empty:
                return
            self._origin = None
            self._container.seek(0)


def _duration(frame: av.AudioFrame | av.VideoFrame) -> float:
    if isinstance(frame, av.AudioFrame):
        return frame.samples / frame.sample_rate
    return float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
