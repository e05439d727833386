"""Where windows open and how large, and how much of a picture a window shows. Pure."""

from __future__ import annotations

FIRST_SIZE = (560, 315)
"""Pixels that a new window's picture fits into: four of them stand side by side on a small laptop."""

_COLUMNS, _ROWS = 2, 2
_ORIGIN, _PITCH, _CASCADE = (36, 24), (590, 360), 36  # pixels


def first_size(width: int, height: int) -> tuple[int, int]:
    """The size of a new window for a picture of that size: the same shape, within `FIRST_SIZE`."""
    return fit(width, height, *FIRST_SIZE)


def first_position(place: int) -> tuple[int, int]:
    """Upper left corner of a window: a grid, and when that is full, the same again a little lower and to the right."""
    turn, cell = divmod(place, _COLUMNS * _ROWS)
    row, column = divmod(cell, _COLUMNS)
    return _ORIGIN[0] + column * _PITCH[0] + turn * _CASCADE, _ORIGIN[1] + row * _PITCH[1] + turn * _CASCADE


def fit(width: int, height: int, room_width: int, room_height: int) -> tuple[int, int]:
    """The largest size of the shape `width` x `height` in that room; at least a pixel."""
    scale = min(room_width / width, room_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
