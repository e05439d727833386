"""I420, the only form of picture that travels: full luma, and both chroma planes at half the width and height. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""One picture: (height * 3 / 2, width) bytes, contiguous; width and height even."""

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
"""The same in three: luma (height, width), then both chroma planes (height / 2, width / 2), of any strides."""


def check_picture(picture: Picture) -> None:
    """Raise ValueError unless `picture` is a whole I420 picture of even width and height."""
    if picture.dtype != np.uint8 or picture.ndim != 2:
        raise ValueError(f"a picture is two-dimensional uint8, not {picture.ndim}-dimensional {picture.dtype}")
    rows, width = picture.shape
    if rows == 0 or width == 0 or rows % 3 or width % 2:
        raise ValueError(f"{width}x{rows} bytes are no I420 picture of even width and height")


def planes_of(picture: Picture) -> Planes:
    """The three planes of a contiguous picture, as views."""
    rows, width = picture.shape
    height = rows * 2 // 3
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    return picture[:height], chroma[0], chroma[1]
