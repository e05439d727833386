"""How a picture lies in the room that a window gives it: fitted, or pixel for pixel and moved about. Pure.

The room and all places in a window are in the pixels that are painted, whatever the desktop calls a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from meshconf.windows.geometry import Rect, fit

Size = tuple[int, int]
"""Width and height."""

EDGE = 32
"""Pixels from the edge of the room at which the picture moves while mouse and keys belong to somebody else's screen."""

EDGE_SPEED = 1200.0
"""Pixels a second that it moves when the pointer is at the very edge."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of a picture is seen, and where."""

    picture: Size
    source: Rect
    """The part that is seen, in pixels of the picture."""
    target: Rect
    """Where in the window it is painted."""

    def contains(self, x: float, y: float) -> bool:
        """Whether a pixel of the window belongs to the picture."""
        return self.target.contains(x, y)

    def share(self, x: float, y: float) -> tuple[float, float]:
        """The place of a window's pixel in the picture, as shares of its sides; the nearest one for pixels beside it.

        It is that of the pixel's middle, so that whoever multiplies by the number of pixels and rounds down gets, at
        one to one, exactly the pixel that was pointed at.
        """
        return (
            _share(x + 0.5 - self.target.x, self.target.width, self.source.x, self.source.width, self.picture[0]),
            _share(y + 0.5 - self.target.y, self.target.height, self.source.y, self.source.height, self.picture[1]),
        )

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where in the window that share of the picture is; it may be outside of what is seen."""
        return (
            self.target.x + (x * self.picture[0] - self.source.x) * self.target.width / self.source.width - 0.5,
            self.target.y + (y * self.picture[1] - self.source.y) * self.target.height / self.source.height - 0.5,
        )


@dataclass(frozen=True, slots=True)
class View:
    """How somebody wants to see a picture."""

    actual: bool = False
    """Pixel for pixel, rather than fitted."""
    x: float = 0.5
    y: float = 0.5
    """The middle of what is seen, in shares of the picture, so that another resolution leaves it where it is."""

    def lay(self, picture: Size, room: Rect) -> Shown:
        """Put the picture into its room, in the middle where there is more room than picture."""
        width, height = picture
        if not self.actual:
            shown = fit(width, height, room.width, room.height)
            return Shown(picture, Rect(0, 0, width, height), _centred(shown, room))
        seen = (min(width, room.width), min(height, room.height))
        left = _first(self.x, width, seen[0])
        top = _first(self.y, height, seen[1])
        return Shown(picture, Rect(left, top, *seen), _centred(seen, room))

    def toggled(self, picture: Size, room: Rect, at: tuple[float, float] | None) -> View:
        """Fitted instead of pixel for pixel, or the other way about.

        Args:
            picture: Its size.
            room: The room that it has.
            at: A place in the window, to stay where it is if possible; the middle if None.
        """
        if self.actual:
            return View()
        if at is None:
            return View(actual=True)
        x, y = self.lay(picture, room).share(*at)
        middle = room.x + room.width / 2, room.y + room.height / 2
        return View(True, x + (middle[0] - at[0] - 0.5) / picture[0], y + (middle[1] - at[1] - 0.5) / picture[1]).moved(
            0, 0, picture, room
        )

    def moved(self, dx: float, dy: float, picture: Size, room: Rect) -> View:
        """Look further to the right and further down, by pixels of the picture, and never beyond its edges."""
        if not self.actual:
            return self
        return replace(
            self,
            x=_middle(self.x + dx / picture[0], picture[0], room.width),
            y=_middle(self.y + dy / picture[1], picture[1], room.height),
        )


def edge_push(x: float, y: float, room: Rect) -> tuple[float, float]:
    """How fast a picture is to move under a pointer near the edge of its room, in pixels a second."""
    return _push(x - room.x, room.width), _push(y - room.y, room.height)


def _share(offset: float, shown: int, first: int, seen: int, whole: int) -> float:
    inside = min(max(offset, 0.5), shown - 0.5)
    return (first + inside * seen / shown) / whole


def _centred(size: Size, room: Rect) -> Rect:
    return Rect(room.x + (room.width - size[0]) // 2, room.y + (room.height - size[1]) // 2, *size)


def _first(middle: float, whole: int, seen: int) -> int:
    return min(max(math.floor(middle * whole - seen / 2 + 0.5), 0), whole - seen)


def _middle(middle: float, whole: int, room: int) -> float:
    half = min(whole, room) / 2 / whole
    return min(max(middle, half), 1 - half)


def _push(offset: float, length: int) -> float:
    if not 0 <= offset < length or length < 4 * EDGE:
        return 0.0
    if offset < EDGE:
        return -EDGE_SPEED * (1 - offset / EDGE)
    if offset >= length - EDGE:
        return EDGE_SPEED * (1 - (length - 1 - offset) / EDGE)
    return 0.0
