"""What every video encoder looks like, whichever library does the work, and what all of them check and count.

An encoder belongs to one thread at a time. Sizes, rates and who watches are for others: see `ladder.py`.
"""

from __future__ import annotations

from typing import Protocol

import av
import numpy as np
import numpy.typing as npt

from meshconf.errors import LocalProtocolError, MeshconfError
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.types import PICTURE_CLOCK

_LONGEST_PICTURE = 4
"""A pause is told to rate control as at most this many pictures' time."""


class EncoderFailed(MeshconfError):
    """A video encoder could not be opened or gave up; another codec may do."""

    code = "encoder"


class VideoEncoder(Protocol):
    """Encodes the pictures of one size of one source, once for everybody who watches."""

    @property
    def codec(self) -> Codec:
        """What viewers need to decode it."""
        ...

    @property
    def name(self) -> str:
        """Which implementation works here, for statistics: libvpx, libx264, h264_nvenc."""
        ...

    @property
    def bitrate_bps(self) -> int:
        """Mean bitrate to keep to; may be set at any time and costs no keyframe where the library allows it."""
        ...

    @bitrate_bps.setter
    def bitrate_bps(self, value: int) -> None: ...

    def steer(self, quantizer: int, blocks: npt.NDArray[np.bool_]) -> None:
        """Say how the next picture is encoded, where the library lets us; others go by their bitrate.

        Args:
            quantizer: how coarse, 0 to 63 as in VP8.
            blocks: which macroblocks of 16x16 pixels, (rows, columns); the others stay as they were.

        Raises:
            EncoderFailed: there are more or fewer of them than the picture has.
        """
        ...

    def encode(self, frame: av.VideoFrame, *, keyframe: bool) -> EncodedFrame | None:
        """Encode one picture.

        Args:
            frame: yuv420p of the encoder's size, its pts in 90 kHz and growing. It is not kept; its pixels and its pts
                stay as they are, its type and time base may change.
            keyframe: whether decoding must be able to start here. The first picture is one unasked.

        Returns:
            The frame with the picture's pts as its timestamp; None when rate control dropped the picture. Capture time
            and rung are not known here.

        Raises:
            LocalProtocolError: size or format is not the encoder's, or pts is missing or did not grow.
            EncoderFailed: the encoder gave up; close it.
        """
        ...

    def close(self) -> None:
        """Give memory and hardware back; may be called twice."""
        ...


def check_size(width: int, height: int, fps: int, bitrate_bps: int) -> None:
    """What an encoder can be opened with.

    Raises:
        ValueError: the size is odd (4:2:0 has no half chroma samples), or anything is not positive.
    """
    if min(width, height, fps, bitrate_bps) <= 0 or width % 2 or height % 2:
        raise ValueError("a video encoder needs an even size, and a positive rate and bitrate")


class PictureClock:
    """Checks pictures on their way in, and tells rate control their time without its pauses.

    Rate control gives a picture the bits of the time since the last one. After two seconds in which nobody watched this
    would be a keyframe of two seconds' bits, just when the viewer waits for it.
    """

    def __init__(self, width: int, height: int, fps: int) -> None:
        """Keep time for pictures of one size that come at most `fps` times a second."""
        self._shape = (width, height, "yuv420p")
        self._shortest = PICTURE_CLOCK // fps
        self._longest = _LONGEST_PICTURE * self._shortest
        self._last: int | None = None
        self._time = 0

    def advance(self, frame: av.VideoFrame, *, keyframe: bool) -> int:
        """The time of this picture for rate control: 90 kHz from 0, strictly growing.

        Args:
            frame: the picture.
            keyframe: whether it will be one; it gets a single picture's time, however long the pause.

        Raises:
            LocalProtocolError: size or format do not fit, or pts is missing or did not grow.
        """
        if (frame.width, frame.height, frame.format.name) != self._shape:
            raise LocalProtocolError("the picture does not fit the encoder that it was given to")
        pts = frame.pts
        if pts is None or (self._last is not None and pts <= self._last):
            raise LocalProtocolError("a picture to encode needs a time that is later than the last one's")
        if self._last is not None:
            self._time += min(pts - self._last, self._shortest if keyframe else self._longest)
        self._last = pts
        return self._time
