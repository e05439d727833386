"""Pictures for tests."""

from __future__ import annotations

import numpy as np

from meshconf.pictures.i420 import Picture

# (B, G, R) as the display shows them, and (Y, U, V) as BT.601 in studio range has them.
RED = (0, 0, 254)
RED_YUV = (81, 90, 240)
BLUE = (255, 0, 0)
BLUE_YUV = (41, 240, 110)


def plain(width: int, height: int, yuv: tuple[int, int, int]) -> Picture:
    """An I420 picture of one colour."""
    picture = np.empty((height * 3 // 2, width), np.uint8)
    picture[:height] = yuv[0]
    chroma = picture[height:].reshape(2, -1)
    chroma[0], chroma[1] = yuv[1], yuv[2]
    return picture
