"""The test picture: colour bars, a sweeping bar, a clock that people can read, and the stamp that programs can read.

Painted as I420 straight with numpy over a background drawn once; a 640x480 picture takes a fraction of a millisecond.
"""

from __future__ import annotations

import time
import zlib

import numpy as np
import numpy.typing as npt

from meshconf.media import stamp

Picture = npt.NDArray[np.uint8]

_GLYPHS = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    ":": "... .#. ... .#. ...",
    ".": "... ... ... ... .#.",
}
"""Digits of 3x5 dots."""

_CLOCK_LENGTH = len("12:34:56.7")
_SWEEP_SECONDS = 4.0
_BARS = 8


class Pattern:
    """Paints the picture of any moment."""

    def __init__(self, width: int, height: int, seed: str = "") -> None:
        """Draw what does not move.

        Args:
            width: pixels, even.
            height: pixels, even.
            seed: decides the colours, so that people can be told apart.
        """
        if width % 2 or height % 2 or min(width, height) < 2:
            raise ValueError("a test picture needs an even size")
        self._width = width
        self._height = height
        self._background = _background(width, height, zlib.crc32(seed.encode()))
        self._dot = max(1, min(width // (_CLOCK_LENGTH * 4 + 2), height // 16))
        self._glyphs = {sign: _glyph(rows, self._dot) for sign, rows in _GLYPHS.items()}

    def paint(self, now: float) -> Picture:
        """The picture of a moment as I420, shape (height * 3 / 2, width).

        Args:
            now: Unix time in seconds; shown as local time, and as milliseconds in the stamp.
        """
        picture = self._background.copy()
        self._paint_sweep(picture, now)
        local = time.localtime(now)
        clock = f"{local.tm_hour:02}:{local.tm_min:02}:{local.tm_sec:02}.{int(now * 10) % 10}"
        self._paint_clock(picture, clock)
        if stamp.height(self._width) <= self._height:
            stamp.paint(picture[: self._height], int(now * 1000))
        return picture

    def _paint_sweep(self, picture: Picture, now: float) -> None:
        size = max(2, self._width // 32)
        left = int((now % _SWEEP_SECONDS) / _SWEEP_SECONDS * (self._width - size))
        top = self._height * 3 // 4
        picture[top : self._height, left : left + size] = 235

    def _paint_clock(self, picture: Picture, clock: str) -> None:
        dot = self._dot
        if self._width < _CLOCK_LENGTH * 4 * dot or self._height < 5 * dot:
            return
        left = (self._width - _CLOCK_LENGTH * 4 * dot) // 2
        top = (self._height - 5 * dot) // 2
        for place, sign in enumerate(clock):
            at = left + place * 4 * dot
            picture[top : top + 5 * dot, at : at + 4 * dot] = self._glyphs[sign]


def _glyph(rows: str, dot: int) -> Picture:
    dots = np.array([[mark == "#" for mark in row + "."] for row in rows.split()])
    return np.where(dots, 235, 16).astype(np.uint8).repeat(dot, axis=0).repeat(dot, axis=1)


def _background(width: int, height: int, seed: int) -> Picture:
    picture = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    luma = picture[:height]
    # Bars from bright to dark, each a turn of the colour circle that begins where the seed says.
    bar = np.minimum(np.arange(width) * _BARS // width, _BARS - 1)
    luma[:] = (190 - bar * 16).astype(np.uint8)
    angle = 2 * np.pi * (bar[::2] / _BARS + seed % 360 / 360)
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    chroma[0] = (128 + 56 * np.cos(angle)).astype(np.uint8)
    chroma[1] = (128 + 56 * np.sin(angle)).astype(np.uint8)
    # Neutral under the stamp and a dark band behind the clock.
    chroma[:, : (stamp.height(width) + 16) // 2] = 128
    middle, half = height // 2, max(2, height // 10)
    luma[middle - half : middle + half] = 16
    chroma[:, (middle - half) // 2 : (middle + half) // 2] = 128
    return picture
