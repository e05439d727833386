"""Milliseconds painted into a picture as black and white 16x16 blocks, so that whoever receives it can tell its age.

32 bits of time and 8 bits of checksum, most significant first, in rows from the upper left corner. The blocks survive
VP8 and H.264 at 300 kbit/s, but no scaling. Pure: the caller brings the clock.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 16
"""Side of a block in pixels: one macroblock of VP8, so that a block never shares its quantiser with another."""

WRAP = 2**32
"""Stamps are milliseconds modulo this (49 days)."""

_BITS = 40
_BLOCKS_A_ROW = 20
_BLACK, _WHITE = 16, 235
_SURE = 48
"""A block whose brightness is nearer than this to the middle is no stamp."""

Picture = npt.NDArray[np.uint8]


def columns(width: int) -> int:
    """Blocks in one row of the stamp of a picture of `width` pixels."""
    return max(1, min(_BLOCKS_A_ROW, width // BLOCK))


def height(width: int) -> int:
    """Rows of pixels that the stamp covers in a picture of `width` pixels."""
    return -(-_BITS // columns(width)) * BLOCK


def paint(picture: Picture, ms: int) -> None:
    """Write `ms` (modulo `WRAP`) into the upper left corner.

    Args:
        picture: luma plane, or a whole I420 picture of height * 3 / 2 rows; changed in place. Its chroma should be
            neutral under the stamp.
        ms: milliseconds of a clock that reader and painter share.
    """
    value = ms % WRAP
    word = value << 8 | _checksum(value)
    across = columns(picture.shape[1])
    bits = np.array([word >> (_BITS - 1 - n) & 1 for n in range(_BITS)], dtype=np.uint8)
    rows = -(-_BITS // across)
    grid = np.zeros(rows * across, dtype=np.uint8)
    grid[:_BITS] = bits
    luma = _BLACK + grid.reshape(rows, across) * np.uint8(_WHITE - _BLACK)
    picture[: rows * BLOCK, : across * BLOCK] = luma.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)


def read(picture: npt.NDArray[Any]) -> int | None:
    """The milliseconds in a picture, or None when it carries no stamp that can be read for sure."""
    if picture.ndim != 2 or picture.shape[0] < height(picture.shape[1]) or picture.shape[1] < BLOCK:
        return None
    across = columns(picture.shape[1])
    rows = -(-_BITS // across)
    corner = picture[: rows * BLOCK, : across * BLOCK].reshape(rows, BLOCK, across, BLOCK)
    inner = corner[:, 4:-4, :, 4:-4].mean(axis=(1, 3)).ravel()[:_BITS]
    middle = (_BLACK + _WHITE) / 2
    if np.any(np.abs(inner - middle) < _SURE):
        return None
    word = int("".join("1" if bright else "0" for bright in inner > middle), 2)
    value, check = word >> 8, word & 0xFF
    return value if check == _checksum(value) else None


def _checksum(value: int) -> int:
    # Not zero for zero: an all-black corner must not read as the time 0.
    return (sum(value.to_bytes(4, "big")) + 0xA5) % 251
