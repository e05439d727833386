"""Encoded pictures for tests: a bright square that moves, the number of the picture painted into it as a stamp."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import cast

import av
import numpy as np
from av.video.frame import PictureType

from meshconf.media import stamp
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.pictures.i420 import Picture

TICKS = 3000
"""RTP time between two pictures: 30 a second."""

_ENCODERS = {"VP8": "libvpx", "H264": "libx264"}
_OPTIONS = {
    "VP8": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"},
    "H264": {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"},
}
_CLOCK = Fraction(1, 90_000)


def picture(width: int, height: int, number: int) -> Picture:
    """Picture `number` of a clip before it is encoded; its bottom is as bright as its number says."""
    drawn = np.full((height * 3 // 2, width), 128, np.uint8)
    x = 5 * number % max(1, width - width // 4)
    drawn[height // 3 : height * 2 // 3, x : x + width // 4] = 220
    drawn[height * 3 // 4 : height] = brightness(number)
    if stamp.height(width) <= height // 3 and width >= stamp.BLOCK:
        stamp.paint(drawn, number)
    return drawn


def brightness(number: int) -> int:
    """Luma of the bottom of a picture of that number."""
    return 30 + number * 37 % 190


@cache
def clip(codec: Codec, width: int, height: int, pictures: int, *, first: int = 0) -> tuple[EncodedFrame, ...]:
    """A clip that begins with its only keyframe; time 0 is that of picture 0."""
    context = cast(av.VideoCodecContext, av.CodecContext.create(_ENCODERS[codec], "w"))
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = _CLOCK, Fraction(30)
    context.bit_rate, context.gop_size, context.thread_count = 1_000_000, 3000, 1
    context.options = _OPTIONS[codec]
    packets = []
    for number in range(first, first + pictures):
        frame = av.VideoFrame.from_ndarray(picture(width, height, number), format="yuv420p")
        frame.pts, frame.time_base = number * TICKS, _CLOCK
        frame.pict_type = PictureType.I if number == first else PictureType.NONE
        packets += context.encode(frame)
    packets += context.encode(None)
    return tuple(
        EncodedFrame(codec, bytes(packet), packet.is_keyframe, cast(int, packet.pts), 0.0, width, height)
        for packet in packets
    )
