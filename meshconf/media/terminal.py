"""Pictures as characters: each cell of a terminal shows two pixels, the upper one as ink of a half block.

I420 planes become cells, cells become codes of the colours that a terminal has, rows of codes become text. All of
it is done in numpy, in a millisecond or two for a large tile. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

Cells = NDArray[np.uint8]
"""(rows, columns, 2, 3): colours of the upper and the lower half of each cell."""

Codes = NDArray[np.uint8]
"""(rows, columns, 2, n): the same as a terminal of some `Depth` knows them; n is 3 for true colours, else 1."""

TOLERANCE = 6
"""Difference in a colour that nobody sees: one step of ours, so that a camera's noise moves nothing."""

_SAMPLES = 4
"""Pixels of the picture that are averaged for one of ours, each way; of larger pictures only so many are read."""
_SHADES = " ░▒▓█"
_HALF = "▀"
_HALF_OCTETS = np.frombuffer(_HALF.encode(), np.uint8)
_BLANK_OCTETS = np.frombuffer(b"   ", np.uint8)
_BEGIN = np.frombuffer(b"\x1b[", np.uint8)
_NORMAL = "\x1b[0m"
_CUBE = np.array([0, 95, 135, 175, 215, 255])
"""Levels of the colour cube in xterm's palette, of which 16 to 231 are the colours and 232 to 255 greys."""
_RED, _GREEN, _BLUE = 299, 587, 114
"""Thousandths of each in what the eye takes for bright (BT.601)."""


class Depth(Enum):
    """What a terminal can show."""

    TRUE = "24 bits"
    PALETTE = "256 colours"
    SHADES = "no colours to rely on: from blank to full block"


def cells_of(planes: tuple[Plane, Plane, Plane], columns: int, rows: int, ground: Colour) -> Cells:
    """A picture as large as it fits, in the middle, its sides in proportion: a cell is twice as high as wide.

    Args:
        planes: Luma and both chroma planes of half its width and height (BT.601, video range), of any strides.
        columns: At least one.
        rows: At least one.
        ground: What the bars beside the picture look like.
    """
    luma = planes[0]
    used_columns, used_rows = fitted(luma.shape[1] / luma.shape[0], columns, rows)
    y, u, v = (_shrunk(plane, 2 * used_rows, used_columns) for plane in planes)
    bright, u, v = 298 * (y - 16) + 128, u - 128, v - 128
    pixels = np.stack((bright + 409 * v, bright - 100 * u - 208 * v, bright + 516 * u), axis=-1) >> 8
    pixels = np.clip(pixels, 0, 255)
    pixels = pixels & 0xFC | pixels >> 6  # 64 steps, of which the last is full brightness: equal cells cost less
    cells: Cells = np.empty((rows, columns, 2, 3), np.uint8)
    cells[:] = ground
    top, left = (rows - used_rows) // 2, (columns - used_columns) // 2
    halves = pixels.reshape(used_rows, 2, used_columns, 3).swapaxes(1, 2)
    cells[top : top + used_rows, left : left + used_columns] = halves
    return cells


def fitted(aspect: float, columns: int, rows: int) -> tuple[int, int]:
    """Columns and rows that a picture of an aspect (width to height) takes within others."""
    return (
        max(1, min(columns, round(2 * rows * aspect))),
        max(1, min(rows, round(columns / aspect / 2))),
    )


def grey(cells: Cells) -> Cells:
    """The same without colours."""
    return np.repeat(_brightness(cells)[..., None], 3, axis=-1).astype(np.uint8)


def differing(before: Cells, after: Cells) -> NDArray[np.bool_]:
    """Which cells (rows, columns) look different to the eye."""
    apart = np.abs(before.astype(np.int16) - after)
    return np.asarray(apart.max(axis=(2, 3)) > TOLERANCE)


def codes_of(cells: Cells, depth: Depth) -> Codes:
    """Cells in the colours of a terminal; as shades both halves are the same."""
    if depth is Depth.TRUE:
        return cells
    if depth is Depth.PALETTE:
        return _palette(cells)[..., None].astype(np.uint8)
    shades = _brightness(cells).sum(axis=2, keepdims=True) * len(_SHADES) // 512
    return np.repeat(shades, 2, axis=2)[..., None].astype(np.uint8)


def runs(row: Codes) -> Iterator[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """A row of codes as runs of equal cells: how many, and the codes of their halves."""
    ends = np.flatnonzero((row[1:] != row[:-1]).any(axis=(1, 2))) + 1
    begin = 0
    for end in [*ends.tolist(), len(row)]:
        upper, lower = row[begin].tolist()
        yield end - begin, tuple(upper), tuple(lower)
        begin = end


def characters(upper: tuple[int, ...], lower: tuple[int, ...], depth: Depth) -> str:
    """What stands in a cell."""
    if depth is Depth.SHADES:
        return _SHADES[upper[0]]
    return " " if upper == lower else _HALF


def escaped(codes: Codes, depth: Depth, starts: Sequence[int]) -> list[list[str]]:
    """Text for a terminal, which is in its normal style before and after each piece (ECMA-48, 8.3.117).

    Args:
        codes: As `codes_of` gives them.
        depth: Of the terminal.
        starts: The columns at which each row is cut into pieces, rising, the first of them 0.

    Returns:
        The pieces of each row.
    """
    rows, columns = codes.shape[:2]
    ends = [*starts[1:], columns]
    if depth is Depth.SHADES:
        lines = ["".join(_SHADES[shade] for shade in row) for row in codes[:, :, 0, 0].tolist()]
        return [[line[start:end] for start, end in zip(starts, ends, strict=True)] for line in lines]
    octets, kept = _sequences(codes, starts)
    text = octets[kept].tobytes()
    # Where each cell ends, in bytes of the text.
    marks = np.cumsum(kept.sum(axis=2))
    cuts = np.concatenate(([0], marks))[np.arange(rows)[:, None] * columns + [*starts, columns]]
    return [[str(text[a:b], "utf-8") + _NORMAL for a, b in pairwise(row)] for row in cuts.tolist()]


def _sequences(codes: Codes, starts: Sequence[int]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """For each cell the longest text that it may need, and which octets of it are needed after the cell before."""
    rows, columns, _, size = codes.shape
    upper, lower = codes[:, :, 0], codes[:, :, 1]
    is_half = (upper != lower).any(axis=2)
    new_ink, new_ground = np.ones((2, rows, columns), np.bool_)
    new_ink[:, 1:] = (upper[:, 1:] != upper[:, :-1]).any(axis=2) | ~is_half[:, :-1]
    new_ground[:, 1:] = (lower[:, 1:] != lower[:, :-1]).any(axis=2)
    new_ink[:, starts] = new_ground[:, starts] = True
    new_ink &= is_half
    either = new_ink | new_ground
    part = 5 + 4 * size - 1
    octets = np.empty((rows, columns, 2 * part + 7), np.uint8)
    kept = np.empty(octets.shape, np.bool_)
    octets[..., :2], kept[..., :2] = _BEGIN, either[..., None]
    octets[..., 2 + part], kept[..., 2 + part] = ord(";"), new_ink & new_ground
    for place, layer, values, wanted in ((2, b"38;", upper, new_ink), (3 + part, b"48;", lower, new_ground)):
        octets[..., place : place + 5] = np.frombuffer(layer + (b"2;" if size == 3 else b"5;"), np.uint8)
        kept[..., place : place + part] = wanted[..., None]
        for channel in range(size):
            at = place + 5 + 4 * channel
            octets[..., at : at + 3] = _DIGITS[values[..., channel]]
            kept[..., at : at + 3] &= _SIGNIFICANT[values[..., channel]]
            if channel < size - 1:
                octets[..., at + 3] = ord(";")
    octets[..., -4], kept[..., -4] = ord("m"), either
    octets[..., -3:] = np.where(is_half[..., None], _HALF_OCTETS, _BLANK_OCTETS)
    kept[..., -3], kept[..., -2:] = True, is_half[..., None]
    return octets, kept


def _shrunk(plane: Plane, height: int, width: int) -> NDArray[np.int32]:
    """A plane in another size: averages where it is smaller, repeated pixels where it is larger."""
    tall, wide = plane.shape
    plane = plane[:: max(1, tall // (height * _SAMPLES)), :: max(1, wide // (width * _SAMPLES))]
    tall, wide = plane.shape
    down, across = np.arange(height) * tall // height, np.arange(width) * wide // width
    sums = np.add.reduceat(plane, down, axis=0, dtype=np.int32)
    sums = np.add.reduceat(sums, across, axis=1)
    counts = np.outer(_steps(down, tall), _steps(across, wide))
    return (sums // counts).astype(np.int32)


def _steps(starts: NDArray[np.intp], end: int) -> NDArray[np.intp]:
    """How many pixels lie between each start and the next; one where they are the same."""
    return np.maximum(np.diff(starts, append=end), 1)


def _brightness(cells: Cells) -> NDArray[np.int32]:
    """(rows, columns, 2): 0 to 255."""
    colours = cells.astype(np.int32)
    weighed = _RED * colours[..., 0] + _GREEN * colours[..., 1] + _BLUE * colours[..., 2]
    return np.asarray(weighed // 1000, np.int32)


def _palette(cells: Cells) -> NDArray[np.int32]:
    """The nearest of the colour cube and of the greys."""
    colours = cells.astype(np.int32)
    steps = _NEAREST[colours]
    in_cube = 16 + 36 * steps[..., 0] + 6 * steps[..., 1] + steps[..., 2]
    cube_error = ((_CUBE[steps] - colours) ** 2).sum(axis=-1)
    shade = np.clip((colours.sum(axis=-1) // 3 - 3) // 10, 0, 23)
    grey_error = ((8 + 10 * shade[..., None] - colours) ** 2).sum(axis=-1)
    return np.asarray(np.where(grey_error < cube_error, 232 + shade, in_cube), np.int32)


_NEAREST = np.abs(np.arange(256)[:, None] - _CUBE).argmin(axis=1)
"""For each brightness the nearest level of the cube."""

_DIGITS = np.array([list(b"%03d" % number) for number in range(256)], np.uint8)
_SIGNIFICANT = np.arange(256)[:, None] >= np.array([100, 10, 0])
"""Which digits of a number are no leading zeros."""
