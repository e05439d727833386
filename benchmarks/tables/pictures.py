"""Sizes and bitrates that several tables share."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.contenders.base import Picture

VGA = Picture(640, 480, 30, 1_000_000)
HD = Picture(1280, 720, 30, 2_000_000)
P360 = Picture(640, 360, 30, 800_000)
P180 = Picture(320, 180, 15, 150_000)


def in_h264(picture: Picture) -> Picture:
    """The same in H.264."""
    return replace(picture, codec="H264")
