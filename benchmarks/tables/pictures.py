"""Sizes that several tables share. meshconf decides their bitrates; the others are asked for the same."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.contenders.base import Picture
from meshconf.media.rungs import ladder
from meshconf.types import SourceKind


def _picture(width: int, height: int, fps: int) -> Picture:
    best = ladder(SourceKind.CAMERA, width, height, fps)[0]
    return Picture(width, height, fps, best.max_bps)


HD = _picture(1280, 720, 30)
VGA = _picture(640, 480, 30)
P360 = _picture(640, 360, 30)
P180 = _picture(320, 180, 15)
SLOW = _picture(640, 480, 5)


def in_h264(picture: Picture) -> Picture:
    """The same in H.264."""
    return replace(picture, codec="H264")
