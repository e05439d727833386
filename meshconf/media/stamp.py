"""Milliseconds painted into a picture as black and white 16x16 blocks, so that whoever receives it can tell its age.

32 bits of time and 8 bits of checksum, most significant first, in rows from the upper left corner. The blocks survive
VP8 and H.264 at 300 kbit/s, and scaling to what the rungs of a source are made of. Pure: the caller brings the clock.
"""

from __future__ import annotations

from functools import lru_cache
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

_SCALES = (1, 3 / 4, 2 / 3, 1 / 2, 3 / 8, 1 / 3, 1 / 4)
"""How much smaller a picture may be than the one that was painted: rungs halve, captures are made to fit.

The largest first: a large block looks like many small ones, but not the other way round.
"""

_SPOTS = (0.3, 0.5, 0.7)
"""Where a block is looked at, as shares of its side: all over it, but for its rim, which scaling blurs."""

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
    """The milliseconds in a picture, or None when it carries no stamp that can be read for sure.

    Args:
        picture: luma plane, also of a picture that was scaled since it was painted.
    """
    if picture.ndim != 2:
        return None
    middle = (_BLACK + _WHITE) / 2
    for rows, across in _spots(*picture.shape):
        shades = picture[rows, across]
        bright = shades > middle
        bits = bright[:, 0]
        if np.any(bright != bits[:, None]) or np.any(np.abs(shades.mean(axis=1) - middle) < _SURE):
            continue
        word = int.from_bytes(np.packbits(bits).tobytes(), "big")
        value, check = word >> 8, word & 0xFF
        if check == _checksum(value):
            return value
    return None


_Indices = npt.NDArray[np.intp]


@lru_cache(maxsize=32)
def _spots(rows: int, width: int) -> tuple[tuple[_Indices, _Indices], ...]:
    """Where to look in a picture of a size, by scale: rows and columns of `_SPOTS`, of shape (bits, spots of each)."""
    return tuple(
        _spots_of(across, BLOCK * scale)
        for scale in _SCALES
        # A rung's width was rounded to an even number: near a whole block, the original had one more or not.
        for across in sorted({columns(round(width / scale)), columns(round((width + 1) / scale))})
        if -(-_BITS // across) * BLOCK * scale <= rows + 0.5 and across * BLOCK * scale <= width + 2
    )


def _spots_of(across: int, block: float) -> tuple[_Indices, _Indices]:
    bits = np.arange(_BITS)[:, None, None]
    spots = np.array(_SPOTS)
    down = ((bits // across + spots[None, :, None]) * block).astype(np.intp)
    right = ((bits % across + spots[None, None, :]) * block).astype(np.intp)
    shape = (_BITS, len(_SPOTS), len(_SPOTS))
    return np.broadcast_to(down, shape).reshape(_BITS, -1), np.broadcast_to(right, shape).reshape(_BITS, -1)


def _checksum(value: int) -> int:
    # Not zero for zero: an all-black corner must not read as the time 0.
    return (sum(value.to_bytes(4, "big")) + 0xA5) % 251
