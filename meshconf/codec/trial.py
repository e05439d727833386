"""A short life for a hardware encoder: `python -m meshconf.codec.trial h264_nvenc` exits with 0 if it can be used.

What it must do: give each picture at once, keyframes exactly when asked, in Annex B and with their parameter sets, in a
form that libavcodec decodes to the same picture, and follow a lower bitrate if it is said to. The process may crash.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import av
import numpy as np
from av.codec.context import Flags

from meshconf.codec.encoder import EncoderFailed, VideoEncoder
from meshconf.codec.h264 import HARDWARE, X264
from meshconf.codec.libav import Format, LibavEncoder
from meshconf.types import PICTURE_CLOCK

WIDTH, HEIGHT, FPS = 640, 360, 30
_HIGH, _LOW = 2_000_000, 500_000
_PICTURES = 60
_KEYFRAME_AT = 20
_LOWER_FROM = 25
_START_CODES = (b"\x00\x00\x00\x01", b"\x00\x00\x01")
_SPS, _PPS, _IDR = 7, 8, 5
"""NAL unit types (H.264, table 7-1)."""
_MEAN_ERROR = 8.0
"""Levels of luma that a decoded picture may be away from the original on average; a grey one is 17 away."""


def nal_types(data: bytes) -> list[int]:
    """Types of the NAL units of an access unit in Annex B form; empty if it is none."""
    if not data.startswith(_START_CODES):
        return []
    return [unit[0] & 0x1F for unit in data.split(_START_CODES[1])[1:] if unit]


def passes(encoder: VideoEncoder, *, follows_bitrate: bool) -> bool:
    """Whether an encoder of 640x360 at 30 pictures a second does all that is asked of it."""
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.flags |= Flags.low_delay
    decoder.thread_count = 1
    sizes: list[int] = []
    for number, picture in enumerate(_pictures()):
        if number == _LOWER_FROM:
            encoder.bitrate_bps = _LOW
        asked = number in (0, _KEYFRAME_AT)
        frame = encoder.encode(picture, keyframe=asked)
        if frame is None:
            return False
        types = nal_types(frame.data)
        renewed = not follows_bitrate and number >= _LOWER_FROM
        if frame.keyframe != (_IDR in types) or (frame.keyframe != asked and not renewed):
            return False
        if frame.keyframe and not {_SPS, _PPS} <= set(types):
            return False
        shown = decoder.decode(av.Packet(frame.data))
        if len(shown) != 1 or (number < _LOWER_FROM and _mean_error(picture, shown[0]) > _MEAN_ERROR):
            return False
        sizes.append(len(frame.data))
    before, after = sizes[_KEYFRAME_AT - 10 : _KEYFRAME_AT], sizes[-10:]
    return not follows_bitrate or sum(after) < sum(before) / 2


def _pictures() -> Iterator[av.VideoFrame]:
    """Blocks of noise, new in each picture, so that the bitrate is needed."""
    random = np.random.default_rng(1)
    for number in range(_PICTURES):
        noise = random.integers(90, 160, (HEIGHT // 8, WIDTH // 8), dtype=np.uint8)
        picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, dtype=np.uint8)
        picture[:HEIGHT] = noise.repeat(8, axis=0).repeat(8, axis=1)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number * PICTURE_CLOCK // FPS
        yield frame


def _mean_error(picture: av.VideoFrame, shown: av.VideoFrame) -> float:
    original, copy = (np.asarray(p.to_ndarray()[:HEIGHT], dtype=np.int16) for p in (picture, shown))
    return float(np.abs(original - copy).mean())


def main(name: str) -> int:
    """Try one encoder; the exit code."""
    known = {implementation.name: implementation for implementation in (*HARDWARE, X264)}
    try:
        implementation = known[name]
        encoder = LibavEncoder(implementation, Format(WIDTH, HEIGHT, FPS, _HIGH, _HIGH))
        return 0 if passes(encoder, follows_bitrate=implementation.run_time_bitrate) else 1
    except (EncoderFailed, av.FFmpegError, KeyError):
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
