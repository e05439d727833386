"""Encoders of libavcodec through PyAV, one picture in and one frame out at once.

Where the library cannot change its bitrate while it runs, the encoder is opened anew, rarely, since each time costs a
keyframe.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.codec.hwaccel import HWAccel
from av.video.frame import PictureType

from meshconf.codec.encoder import EncoderFailed, PictureClock, check_size
from meshconf.errors import LocalProtocolError
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.types import PICTURE_CLOCK, PICTURE_TIME_BASE

_NEVER = 1 << 20
"""Pictures from keyframe to keyframe: they come when asked for."""
_WORTH_RENEWING = 0.2
"""A bitrate that is less than this far from the wanted one is kept, where a change needs a new encoder."""
_RENEW_DOWN, _RENEW_UP = 1 * PICTURE_CLOCK, 10 * PICTURE_CLOCK
"""How long an encoder stays at least before a lower or a higher bitrate renews it."""


@dataclass(frozen=True, slots=True)
class Format:
    """What an encoder is opened for."""

    width: int
    height: int
    fps: int
    bitrate_bps: int
    ceiling_bps: int
    """Highest bitrate that will be asked for."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """One encoder of libavcodec and how it is set for calls."""

    name: str
    """libavcodec's."""
    codec: Codec
    options: Callable[[Format], dict[str, str]]
    run_time_bitrate: bool = False
    """Whether `bit_rate` may be set while it runs."""
    opens_at_ceiling: bool = False
    """Whether it must be opened with the highest bitrate that it will ever have."""
    pixel_format: str = "yuv420p"
    device: str | None = None
    """Kind of device to upload pictures to, where the encoder does not do that itself."""


class LibavEncoder:
    """A `VideoEncoder`, see there."""

    def __init__(self, implementation: Implementation, wanted: Format) -> None:
        """Open the encoder.

        Raises:
            ValueError: the size is odd or anything is not positive.
            EncoderFailed: libavcodec or the hardware refuses.
        """
        check_size(wanted.width, wanted.height, wanted.fps, wanted.bitrate_bps)
        self.codec: Codec = implementation.codec
        self.name = implementation.name
        self._implementation = implementation
        self._wanted = wanted
        self._bitrate_bps = wanted.bitrate_bps
        self._clock = PictureClock(wanted.width, wanted.height, wanted.fps)
        self._opened_at = 0
        self._context: av.VideoCodecContext | None = self._open()

    @property
    def bitrate_bps(self) -> int:
        """As `VideoEncoder.bitrate_bps`."""
        return self._bitrate_bps

    @bitrate_bps.setter
    def bitrate_bps(self, value: int) -> None:
        if value <= 0:
            raise ValueError("a bitrate is positive")
        self._bitrate_bps = value
        if self._implementation.run_time_bitrate and self._context is not None:
            self._context.bit_rate = min(value, self._highest)

    def steer(self, quantizer: int, blocks: npt.NDArray[np.bool_]) -> None:
        """As `VideoEncoder.steer`: libavcodec has no way to, and what stands still becomes sharper by the bitrate."""

    def encode(self, frame: av.VideoFrame, *, keyframe: bool) -> EncodedFrame | None:
        """As `VideoEncoder.encode`."""
        if self._context is None:
            raise LocalProtocolError("this encoder is closed")
        time = self._clock.advance(frame, keyframe=keyframe)
        timestamp = frame.pts or 0
        if self._wants_renewal(time, keyframe):
            self._context = self._open()
            self._opened_at = time
        try:
            frame.pts, frame.time_base = time, PICTURE_TIME_BASE
            frame.pict_type = PictureType.I if keyframe else PictureType.NONE
            packets = self._context.encode(frame)
        except (av.FFmpegError, ValueError, RuntimeError) as error:
            raise EncoderFailed(f"{self.name} gave up: {error}") from error
        finally:
            frame.pts = timestamp
        if not packets:
            return None
        if len(packets) > 1 or packets[0].pts != time:
            raise EncoderFailed(f"{self.name} holds pictures back")
        return EncodedFrame(
            self.codec,
            bytes(packets[0]),
            packets[0].is_keyframe,
            timestamp,
            width=self._wanted.width,
            height=self._wanted.height,
        )

    def close(self) -> None:
        """As `VideoEncoder.close`."""
        self._context = None

    @property
    def _highest(self) -> int:
        """The highest bitrate that can be set without a new encoder."""
        return self._wanted.ceiling_bps if self._implementation.opens_at_ceiling else sys.maxsize

    def _wants_renewal(self, time: int, keyframe: bool) -> bool:
        if self._implementation.run_time_bitrate:
            current = min(self._bitrate_bps, self._highest)
        else:
            current = self._wanted.bitrate_bps
        if abs(self._bitrate_bps - current) <= _WORTH_RENEWING * current:
            return False
        patience = _RENEW_DOWN if self._bitrate_bps < current else _RENEW_UP
        return keyframe or time - self._opened_at >= patience

    def _open(self) -> av.VideoCodecContext:
        implementation, old = self._implementation, self._wanted
        ceiling = max(old.ceiling_bps, self._bitrate_bps)
        self._wanted = wanted = Format(old.width, old.height, old.fps, self._bitrate_bps, ceiling)
        try:
            device = HWAccel(implementation.device) if implementation.device else None
            context = av.CodecContext.create(implementation.name, "w", device)
            if not isinstance(context, av.VideoCodecContext):
                raise EncoderFailed(f"{implementation.name} is no video encoder")
            context.width, context.height = wanted.width, wanted.height
            context.pix_fmt = implementation.pixel_format
            context.time_base, context.framerate = PICTURE_TIME_BASE, Fraction(wanted.fps)
            context.bit_rate = ceiling if implementation.opens_at_ceiling else wanted.bitrate_bps
            context.gop_size, context.max_b_frames, context.thread_count = _NEVER, 0, 1
            context.options = implementation.options(wanted)
            context.open(strict=False)
            if implementation.opens_at_ceiling:
                context.bit_rate = wanted.bitrate_bps
        except (av.FFmpegError, OSError, ValueError, RuntimeError) as error:
            raise EncoderFailed(f"{implementation.name} cannot be opened: {error}") from error
        return context


def vp8_options(wanted: Format) -> dict[str, str]:
    """libvpx as `vp8.py` sets it, as far as libavcodec lets us."""
    rate = str(wanted.bitrate_bps)
    return {
        "deadline": "realtime",
        "cpu-used": "-8",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "static-thresh": "100",
        "noise-sensitivity": "0",
        "minrate": rate,
        "maxrate": rate,
        "bufsize": rate,
        "rc_init_occupancy": str(wanted.bitrate_bps // 2),
        "undershoot-pct": "95",
        "overshoot-pct": "15",
        "drop-threshold": "30",
        "max-intra-rate": str(max(200, 15 * wanted.fps)),
        "qmin": "4",
        "qmax": "56",
    }


LIBVPX = Implementation("libvpx", "VP8", vp8_options)
"""VP8 where libvpx cannot be loaded by ourselves."""
