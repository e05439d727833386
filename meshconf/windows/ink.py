"""Draws pointers, pen lines and short sentences onto a painted picture. Runs in the window process."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import cv2
import numpy as np

from meshconf.windows.geometry import Rect
from meshconf.windows.label import Image, text_width
from meshconf.windows.names import drawable
from meshconf.windows.pointing import FADE, Dot, Pointing
from meshconf.windows.viewport import Shown

_COLOURS = (
    (66, 133, 244), (60, 60, 230), (70, 160, 40), (200, 70, 170), (30, 140, 240), (160, 150, 30), (120, 80, 220)
)  # fmt: skip
_OWN = (40, 90, 240)
_WHITE = (250, 250, 250)
_ARROW = np.array([(0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12)])
_STEPS = 5  # shades of a line
_SIZE = 14  # pixels of names and hints
_HINT_OPACITY = 0.78


def colour_of(name: str) -> tuple[int, int, int]:
    """The same colour for a person at everybody, as blue, green, red; ours for nobody's name."""
    return _COLOURS[zlib.crc32(name.encode()) % len(_COLOURS)] if name else _OWN


def draw_pointing(image: Image, shown: Shown, pointing: Pointing, now: float) -> None:
    """Draw all lines and pointers of a picture, in place and within its part of the window.

    Args:
        image: The window, height x width x BGR.
        shown: Where the picture lies in it.
        pointing: Who points at what.
        now: Monotonic seconds.
    """
    room = shown.target
    part = image[room.y : room.y + room.height, room.x : room.x + room.width]
    width = max(2, room.height // 240)
    for name, line in pointing.lines(now):
        places = [_place(shown, dot.x, dot.y) for dot in line]
        _draw_line(part, places, line, colour_of(name), width, now)
    for name, x, y in pointing.marks():
        _draw_pointer(part, _place(shown, x, y), name)


def draw_hint(image: Image, room: Rect, text: str) -> None:
    """Write a sentence on a dark plate at the top of a room; nothing where it does not fit."""
    font = cv2.FontFace("sans")
    width, height = text_width(text, font, _SIZE) + 2 * _SIZE, 2 * _SIZE
    left, top = room.x + (room.width - width) // 2, room.y + _SIZE // 2
    if width > room.width or height + _SIZE > room.height:
        return
    plate = image[top : top + height, left : left + width]
    plate[:] = (plate * (1 - _HINT_OPACITY) + 24 * _HINT_OPACITY).astype(np.uint8)
    cv2.putText(image, text, (left + _SIZE, top + round(1.35 * _SIZE)), _WHITE, font, _SIZE, weight=500)


def _place(shown: Shown, x: float, y: float) -> tuple[int, int]:
    """In pixels of the picture's part of the window."""
    at = shown.place(x, y)
    return round(at[0]) - shown.target.x, round(at[1]) - shown.target.y


def _draw_line(
    part: Image,
    places: Sequence[tuple[int, int]],
    dots: Sequence[Dot],
    colour: tuple[int, int, int],
    width: int,
    now: float,
) -> None:
    if len(places) == 1:
        places, dots = [*places, places[0]], [*dots, dots[0]]
    ages = [min(_STEPS - 1, int((now - dot.at) / FADE * _STEPS)) for dot in dots[1:]]
    first = 0
    while first < len(ages):
        last = first
        while last < len(ages) and ages[last] == ages[first]:
            last += 1
        _blend(part, np.array(places[first : last + 1]), colour, width, 1 - ages[first] / _STEPS)
        first = last


def _blend(part: Image, points: np.ndarray, colour: tuple[int, int, int], width: int, opacity: float) -> None:
    """A line over the few pixels around it only."""
    low = np.maximum(points.min(axis=0) - width - 1, 0)
    high = np.minimum(points.max(axis=0) + width + 2, (part.shape[1], part.shape[0]))
    if (high <= low).any():
        return
    corner = part[low[1] : high[1], low[0] : high[0]]
    over = corner.copy()
    cv2.polylines(over, [(points - low).astype(np.int32)], False, colour, width, cv2.LINE_AA)
    cv2.addWeighted(over, opacity, corner, 1 - opacity, 0, dst=corner)


def _draw_pointer(part: Image, at: tuple[int, int], name: str) -> None:
    colour = colour_of(name)
    height, width = part.shape[:2]
    if not (0 <= at[0] < width and 0 <= at[1] < height):
        return
    arrow = (_ARROW + at).astype(np.int32)
    cv2.fillPoly(part, [arrow], colour, cv2.LINE_AA)
    cv2.polylines(part, [arrow], True, _WHITE, 1, cv2.LINE_AA)
    font = cv2.FontFace("sans")
    text = drawable(name)
    flag = text_width(text, font, _SIZE) + _SIZE
    left = min(at[0] + 12, max(0, width - flag))
    top = at[1] + 18 if at[1] + 18 + round(1.6 * _SIZE) < height else max(0, at[1] - 2 * _SIZE)
    cv2.rectangle(part, (left, top), (left + flag, top + round(1.5 * _SIZE)), colour, cv2.FILLED)
    cv2.putText(part, text, (left + _SIZE // 2, top + round(1.1 * _SIZE)), _WHITE, font, _SIZE, weight=600)
