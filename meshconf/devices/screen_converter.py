"""From a screen's pixels to the picture that is encoded: of one like the last, only the rows that differ are converted.

Most of what happens on a screen is small: a pointer that moves, a line that is typed.
"""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from meshconf.pictures.i420 import Picture, Planes, planes_of

_BAND = 64
"""Rows that are compared at once: most changes are found soon, and what fits the processor's cache is fast. Even, since
two rows share their colour."""

_MARGIN = 2
"""Rows to each side from which colours come besides their own; even."""

Pixels = npt.NDArray[np.uint8]
"""(height, width, 4): blue, green, red and nothing; height and width even."""


class ScreenConverter:
    """Converts the pictures of one screen, all of one size, one after the other."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._last: tuple[Pixels, Picture] | None = None

    def convert(self, pixels: Pixels) -> av.VideoFrame | None:
        """The picture in yuv420p; None if it is as the last one.

        Args:
            pixels: kept until the next picture, so nobody may change them.
        """
        height, width = pixels.shape[:2]
        picture: Picture
        if self._last is None:
            picture, rows = np.empty((height * 3 // 2, width), np.uint8), slice(0, height)
        else:
            before, converted = self._last
            changed = _changed_rows(pixels, before)
            if changed is None:
                return None
            picture, rows = converted.copy(), _wider(changed, height)
        # What is converted has edges of its own, where its colours are a little different.
        taken = _wider(rows, height)
        inner = slice(rows.start - taken.start, rows.stop - taken.start)
        for plane, (whole, part) in enumerate(zip(planes_of(picture), self._converted(pixels[taken]), strict=True)):
            half = 1 if plane == 0 else 2
            whole[rows.start // half : rows.stop // half] = part[inner.start // half : inner.stop // half]
        self._last = pixels, picture
        return av.VideoFrame.from_ndarray(picture, format="yuv420p")

    def _converted(self, pixels: Pixels) -> Planes:
        shown = av.VideoFrame.from_numpy_buffer(pixels, format="bgra")
        # Colour is averaged where it is halved: coloured letters lose less so.
        part = self._reformatter.reformat(
            shown, shown.width, shown.height, "yuv420p", interpolation="AREA", threads=1
        ).to_ndarray()
        return planes_of(part.astype(np.uint8, copy=False))


def _changed_rows(one: Pixels, other: Pixels) -> slice | None:
    """From the first band of rows that differs to the last one."""
    first, second = (pixels.reshape(len(pixels), -1).view(np.uint64) for pixels in (one, other))
    bands = range(0, len(first), _BAND)

    def differs(top: int) -> bool:
        return not np.array_equal(first[top : top + _BAND], second[top : top + _BAND])

    top = next((band for band in bands if differs(band)), None)
    if top is None:
        return None
    last = next(band for band in reversed(bands) if band == top or differs(band))
    return slice(top, min(last + _BAND, len(first)))


def _wider(rows: slice, height: int) -> slice:
    return slice(max(rows.start - _MARGIN, 0), min(rows.stop + _MARGIN, height))
