"""VP8 through libvpx, set for calls: realtime, no look-ahead, keyframes only when asked for.

Pacing, the choice of size and rate, and fanning packets out are for others. An encoder belongs to one thread at a time.
"""

from __future__ import annotations

from fractions import Fraction

import av
from av.video.frame import PictureType

from meshconf.errors import LocalProtocolError

CLOCK_RATE = 90_000
"""Hz of a picture's pts."""

_TIME_BASE = Fraction(1, CLOCK_RATE)
_THREADS_FROM = 1280 * 720
"""Pixels from which a second thread is worth its overhead."""


class VideoEncoder:
    """Encodes the pictures of one source once, for everybody who watches."""

    def __init__(self, width: int, height: int, fps: int, bitrate_bps: int) -> None:
        """Open the encoder.

        Args:
            width: pixels, even.
            height: pixels, even.
            fps: highest frame rate that will come; rate control reckons with it.
            bitrate_bps: mean bitrate to keep to.

        Raises:
            ValueError: the size is odd or anything is not positive.
        """
        if min(width, height, fps, bitrate_bps) <= 0 or width % 2 or height % 2:
            raise ValueError("a video encoder needs an even size, and a positive rate and bitrate")
        self.width = width
        self.height = height
        self._last_pts = -1
        context = av.VideoCodecContext.create("libvpx", "w")
        context.width = width
        context.height = height
        context.pix_fmt = "yuv420p"
        context.time_base = _TIME_BASE
        context.framerate = Fraction(fps)
        context.bit_rate = bitrate_bps
        context.gop_size = 3000
        context.thread_count = 2 if width * height >= _THREADS_FROM else 1
        context.options = {
            "deadline": "realtime",
            "cpu-used": "8",
            "lag-in-frames": "0",
            "auto-alt-ref": "0",
            "error-resilient": "default",
            "static-thresh": "100",
            "noise-sensitivity": "0",
            # One second of buffer, no peak above the mean: a burst waits in somebody's router and delays the voice.
            "minrate": str(bitrate_bps),
            "maxrate": str(bitrate_bps),
            "bufsize": str(bitrate_bps),
            "undershoot-pct": "95",
            "max-intra-rate": "300",
            "qmin": "4",
            "qmax": "56",
        }
        self._context = context

    def encode(self, frame: av.VideoFrame, *, keyframe: bool) -> list[av.Packet[av.VideoStream]]:
        """Encode one picture.

        Args:
            frame: yuv420p of the encoder's size, with a pts in 90 kHz that grows. It is not kept; its time is adjusted.
            keyframe: whether this picture must stand alone.

        Returns:
            Nearly always one packet; none when rate control dropped the picture.

        Raises:
            LocalProtocolError: size or format is not the encoder's, or pts is missing.
        """
        if (frame.width, frame.height, frame.format.name) != (self.width, self.height, "yuv420p"):
            raise LocalProtocolError("the picture does not fit the encoder that it was given to")
        if frame.pts is None:
            raise LocalProtocolError("a picture to encode needs a time")
        # libvpx refuses a time that stands still; two captures in one tick of 11 microseconds are the same to a viewer.
        self._last_pts = max(frame.pts, self._last_pts + 1)
        frame.pts = self._last_pts
        frame.time_base = _TIME_BASE
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        return list(self._context.encode(frame))
