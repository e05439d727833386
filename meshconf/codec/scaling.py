"""Makes smaller pictures of a picture, each from the next larger one, with swscale; I420 stays I420."""

from __future__ import annotations

from collections.abc import Collection

import av
from av.video.reformatter import VideoReformatter

from meshconf.types import PICTURE_TIME_BASE

Size = tuple[int, int]
"""Width and height in pixels."""


class Scaler:
    """Scales the pictures of one source; keeps what swscale has worked out for each pair of sizes."""

    def __init__(self) -> None:
        self._reformatters: dict[tuple[Size, Size], VideoReformatter] = {}

    def scale(self, frame: av.VideoFrame, sizes: Collection[Size]) -> dict[Size, av.VideoFrame]:
        """The picture in each of the sizes, with the time of the original; the frame itself where it fits.

        Area averaging is exact for halves, does not flicker and is the cheapest there.
        """
        pictures: dict[Size, av.VideoFrame] = {}
        nearest = frame
        used = set()
        for size in sorted(sizes, reverse=True):
            if (nearest.width, nearest.height, nearest.format.name) != (*size, "yuv420p"):
                # One larger in only one direction would lose detail in the other.
                origin = nearest if nearest.width >= size[0] and nearest.height >= size[1] else frame
                step = (origin.width, origin.height), size
                used.add(step)
                reformatter = self._reformatters.setdefault(step, VideoReformatter())
                nearest = reformatter.reformat(origin, *size, "yuv420p", interpolation="AREA", threads=1)
                nearest.pts, nearest.time_base = frame.pts, PICTURE_TIME_BASE
            pictures[size] = nearest
        return pictures

    def forget(self, keep: Collection[Size]) -> None:
        """Give back the memory for sizes that are not needed any more."""
        self._reformatters = {step: kept for step, kept in self._reformatters.items() if step[1] in keep}
