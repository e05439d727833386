"""From the picture as it came to the pixels of a window: a part of it, in another size, in the colours of OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from meshconf.pictures.i420 import Picture, planes_of
from meshconf.windows.geometry import Rect
from meshconf.windows.label import Image
from meshconf.windows.viewport import Shown

Plane = npt.NDArray[np.uint8]
"""Brightness or one colour, (height, width)."""

_LEAST_ROWS = 200
"""For each pixel that several become one: the rest that is cut off at the edges is below half a percent then."""


def render(picture: Picture, shown: Shown, part: Image, *, well: bool) -> bool:
    """Paint what is seen of a picture, with no other pixels than its own where its size is kept.

    Args:
        picture: all of it.
        shown: what of it is seen, and in which size.
        part: where to paint it, of that size.
        well: as well as can be, rather than fast.

    Returns:
        Whether it could be painted better.
    """
    source, target = shown.source, shown.target
    smaller = target.width < source.width
    if smaller:
        # Areas keep thin strokes of letters when they get smaller, and cost four times as much.
        method = cv2.INTER_AREA if well or 2 * target.width < source.width else cv2.INTER_LINEAR
        # Fewer pixels are quicker to colour.
        picture, source = _shrunk(picture, source, target, method), Rect(0, 0, target.width, target.height)
    image: Image = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)  # type: ignore[assignment]
    image = image[source.y : source.y + source.height, source.x : source.x + source.width]
    if (source.width, source.height) != (target.width, target.height):
        image = cv2.resize(image, (target.width, target.height), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    np.copyto(part, image)
    return smaller and not well


def _shrunk(picture: Picture, source: Rect, target: Rect, method: int) -> Picture:
    """A part of a picture in the size of `target`, or up to one pixel more where that is odd."""
    width, height = target.width + target.width % 2, target.height + target.height % 2
    small = np.empty((height * 3 // 2, width), np.uint8)
    for plane, (large, little) in enumerate(zip(planes_of(picture), planes_of(small), strict=True)):
        half = 1 if plane == 0 else 2
        left, top = source.x // half, source.y // half
        part = large[top : top + -(-source.height // half), left : left + -(-source.width // half)]
        cv2.resize(_coarse(part, little.shape), little.shape[::-1], dst=little, interpolation=method)
    return small


def _coarse(plane: Plane, shape: tuple[int, ...]) -> Plane:
    """A plane that is larger by less than twice: areas of whole pixels cost a tenth of those that cut pixels."""
    factor = min(plane.shape[0] // shape[0], plane.shape[1] // shape[1], plane.shape[0] // _LEAST_ROWS)
    if factor < 2:
        return plane
    height, width = plane.shape[0] // factor, plane.shape[1] // factor
    whole = plane[: height * factor, : width * factor]
    coarse: Plane = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return coarse
