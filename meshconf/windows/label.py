"""What is painted on pictures: the name in the lower left corner, and the placeholder of a picture that is off.

Needs the TrueType drawing of OpenCV 5; runs in the window process.
"""

from __future__ import annotations

import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

from meshconf.windows.names import drawable, initials

Image = NDArray[np.uint8]
"""Height x width x BGR."""

_LARGEST = 28  # pixels of a name's letters, however large the window
_INK = 245.0
_PLATE = 24.0
_PLATE_OPACITY = 0.62
_SMOOTH = 4  # the plate is drawn this much larger and shrunk, for soft corners

_BACKGROUND = (44, 38, 34)
_QUIET_INK = (170, 162, 156)
_DISCS = ((150, 104, 62), (92, 122, 58), (58, 104, 168), (128, 76, 122), (74, 70, 158), (118, 118, 52))


class NameLabel:
    """A name on a dark translucent plate, drawn once per size of picture and then only blended."""

    def __init__(self, name: str) -> None:
        self._text = drawable(name)
        self._font = cv2.FontFace("sans")
        self._height = 0
        self._room = 0
        self._plate: NDArray[np.float32] = np.zeros((0, 0, 1), np.float32)
        self._alpha = self._plate

    def paint(self, image: Image) -> None:
        """Blend the label into `image`, in place."""
        height, width = image.shape[:2]
        if (height, width) != (self._height, self._room):
            self._height, self._room = height, width
            self._draw()
        rows, columns = self._alpha.shape[:2]
        margin = max(4, height // 36)
        corner = image[max(0, height - margin - rows) : height - margin, margin : margin + columns]
        if corner.shape[:2] != (rows, columns):
            return  # a picture smaller than its label is left alone
        blended = corner * (1 - self._alpha) + self._plate
        np.copyto(corner, blended, casting="unsafe")

    def _draw(self) -> None:
        size = min(_LARGEST, max(13, self._height // 22))
        text = self._text
        room = self._room - 2 * (size + max(4, self._height // 36))
        while len(text) > 1 and text_width(text, self._font, size) > room:
            text = text.rstrip("…")[:-1] + "…"
        rows, columns = round(size * 1.8), text_width(text, self._font, size) + round(size * 1.4)
        plate = _rounded(rows, columns, radius=round(size * 0.45)) * _PLATE_OPACITY
        ink = np.zeros((rows, columns), np.uint8)
        cv2.putText(ink, text, (round(size * 0.7), round(size * 1.25)), (255,), self._font, size, weight=500)
        letters = ink.astype(np.float32) / 255
        behind = plate * (1 - letters)
        self._alpha = (letters + behind)[..., None].astype(np.float32)
        self._plate = (letters * _INK + behind * _PLATE)[..., None].astype(np.float32)


def placeholder(width: int, height: int, name: str, text: str) -> Image:
    """A quiet picture for a source that is off: the person's initials on a disc, `text` beneath."""
    image = np.full((height, width, 3), _BACKGROUND, np.uint8)
    font = cv2.FontFace("sans")
    radius = max(12, round(min(width, height) * 0.2))
    centre = (width // 2, round(height * 0.44))
    colour = _DISCS[zlib.crc32(name.encode()) % len(_DISCS)]
    cv2.circle(image, centre, radius, colour, cv2.FILLED, cv2.LINE_AA)
    _centred(image, initials(name), centre[0], round(centre[1] + radius * 0.26), font, round(radius * 0.72), 500)
    size = max(12, round(height / 24))
    _centred(image, drawable(text), centre[0], centre[1] + radius + 2 * size, font, size, 400, _QUIET_INK)
    return image


def _centred(
    image: Image,
    text: str,
    x: int,
    y: int,
    font: cv2.FontFace,
    size: int,
    weight: int,
    colour: tuple[int, int, int] = (245, 245, 245),
) -> None:
    if text:
        cv2.putText(image, text, (x - text_width(text, font, size) // 2, y), colour, font, size, weight=weight)


def text_width(text: str, font: cv2.FontFace, size: int) -> int:
    """Pixels that a line of text takes."""
    return int(cv2.getTextSize((1 << 14, 1 << 10), text, (0, 0), font, size, 500)[2])


def _rounded(rows: int, columns: int, *, radius: int) -> NDArray[np.float32]:
    large = np.zeros((rows * _SMOOTH, columns * _SMOOTH), np.uint8)
    r, right, bottom = radius * _SMOOTH, columns * _SMOOTH - 1, rows * _SMOOTH - 1
    cv2.rectangle(large, (r, 0), (right - r, bottom), (255,), cv2.FILLED)
    cv2.rectangle(large, (0, r), (right, bottom - r), (255,), cv2.FILLED)
    for x in (r, right - r):
        for y in (r, bottom - r):
            cv2.circle(large, (x, y), r, (255,), cv2.FILLED)
    small = cv2.resize(large, (columns, rows), interpolation=cv2.INTER_AREA)
    return (small / 255).astype(np.float32)
