"""Where windows open and how large. Pure."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SIZE = (560, 315)
"""Pixels that a new window's face fits into: four of them stand side by side on a small laptop."""

FIRST_SCREEN_SIZE = (1280, 720)
"""The same for somebody's screen, and for a window with all pictures."""

_COLUMNS, _ROWS = 2, 2
_LARGE = 0.6  # of the display's width, at least, for a large window
_MOST = 0.85  # of the display, for a window with all pictures
_MARGIN = 40  # pixels that it leaves to panels and frames
_ORIGIN, _PITCH, _CASCADE = (36, 24), (590, 360), 36  # pixels


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of pixels."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: float, y: float) -> bool:
        """Whether that place is in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


def first_size(width: int, height: int, room: tuple[int, int] = FIRST_SIZE) -> tuple[int, int]:
    """The size of a new window for a picture of that size: the same shape, within `room`."""
    return fit(width, height, *room)


def first_position(place: int) -> tuple[int, int]:
    """Upper left corner of a window: a grid, and when that is full, the same again a little lower and to the right."""
    turn, cell = divmod(place, _COLUMNS * _ROWS)
    row, column = divmod(cell, _COLUMNS)
    return _ORIGIN[0] + column * _PITCH[0] + turn * _CASCADE, _ORIGIN[1] + row * _PITCH[1] + turn * _CASCADE


def first_place(place: int, picture: tuple[int, int]) -> Rect:
    """Where a new window for a face opens."""
    return Rect(*first_position(place), *first_size(*picture))


def first_large_place(picture: tuple[int, int], display: tuple[int, int] | None) -> Rect:
    """Where a new window for somebody's screen opens: in the corner that faces leave free.

    Args:
        picture: Its size, of which only the shape counts.
        display: Its size; None where it is not known.
    """
    if display is None:
        return Rect(*_ORIGIN, *first_size(*picture, FIRST_SCREEN_SIZE))
    width = max(round(display[0] * _LARGE), display[0] - FIRST_SIZE[0] - 2 * _MARGIN)
    size = first_size(*picture, (width, max(1, display[1] - 2 * _MARGIN)))
    return Rect(max(0, display[0] - size[0] - _MARGIN), max(0, display[1] - size[1] - _MARGIN), *size)


def first_place_of_all(display: tuple[int, int] | None) -> Rect:
    """Where a new window for all pictures opens."""
    if display is None:
        return Rect(*_ORIGIN, *FIRST_SCREEN_SIZE)
    size = fit(*FIRST_SCREEN_SIZE, round(display[0] * _MOST), round(display[1] * _MOST))
    return Rect((display[0] - size[0]) // 2, (display[1] - size[1]) // 2, *size)


def onto(rect: Rect, display: tuple[int, int]) -> Rect:
    """The rectangle, moved and if need be made smaller until all of it is on the display."""
    width, height = min(rect.width, display[0]), min(rect.height, display[1])
    return Rect(min(max(rect.x, 0), display[0] - width), min(max(rect.y, 0), display[1] - height), width, height)


def fit(width: int, height: int, room_width: int, room_height: int) -> tuple[int, int]:
    """The largest size of the shape `width` x `height` in that room; at least a pixel."""
    scale = min(room_width / width, room_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
