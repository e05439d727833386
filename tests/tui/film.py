"""Pictures on a bus as a decoder would write them: somebody who sways before a wall, seen by a camera with noise."""

from __future__ import annotations

import threading
import time

import numpy as np

from meshconf.pictures.i420 import Picture
from meshconf.pictures.source import PictureSource

Colour = tuple[int, int, int]
"""Luma and both chroma values."""

WHITE, BLACK, GREY = (235, 128, 128), (16, 128, 128), (126, 128, 128)


def plain(colour: Colour, width: int = 64, height: int = 36) -> Picture:
    """A picture of one colour."""
    picture = np.empty((height * 3 // 2, width), np.uint8)
    picture[:height] = colour[0]
    chroma = picture[height:].reshape(2, -1)
    chroma[0], chroma[1] = colour[1], colour[2]
    return picture


class Film:
    """Somebody's camera.

    Args:
        width: Pixels, even.
        height: Pixels, even.
        seed: Of the noise, and where they sway to.
    """

    def __init__(self, width: int = 320, height: int = 180, *, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._phase = float(seed)
        self._size = width, height
        down, across = np.mgrid[0:height, 0:width]
        self._wall = plain((120, 132, 122), width, height)
        self._wall[:height] = 70 + 90 * across / width + 20 * down / height

    def picture(self, seconds: float) -> Picture:
        """What the camera sees at a moment."""
        width, height = self._size
        picture = self._wall.copy()
        luma, (u, v) = picture[:height], picture[height:].reshape(2, height // 2, width // 2)
        middle = width * (0.5 + 0.06 * np.sin(1.3 * seconds + self._phase))
        self._oval(luma, middle, 0.95 * height, 0.30 * width, 0.35 * height, 60)
        self._oval(luma, middle, 0.42 * height, 0.13 * width, 0.28 * height, 165)
        self._oval(u, middle / 2, 0.475 * height, 0.15 * width, 0.175 * height, 150)
        self._oval(u, middle / 2, 0.21 * height, 0.065 * width, 0.14 * height, 108)
        self._oval(v, middle / 2, 0.21 * height, 0.065 * width, 0.14 * height, 152)
        mouth = 0.02 + 0.015 * np.sin(9 * seconds)
        for side in (-0.05, 0.05):
            self._oval(luma, middle + side * width, 0.36 * height, 0.015 * width, 0.025 * height, 40)
        self._oval(luma, middle, 0.56 * height, 0.04 * width, mouth * height, 80)
        luma += self._random.integers(0, 5, luma.shape, dtype=np.uint8)
        return picture

    @staticmethod
    def _oval(plane: Picture, x: float, y: float, wide: float, tall: float, value: int) -> None:
        down, across = np.ogrid[0 : plane.shape[0], 0 : plane.shape[1]]
        plane[((across - x) / wide) ** 2 + ((down - y) / tall) ** 2 < 1] = value


class Projector:
    """Writes a film to a bus of its own, 15 pictures a second, in a thread, until it is stopped."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._source = PictureSource()
        self._source.write(film.picture(0.0))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def bus(self) -> str:
        """Where the pictures are."""
        assert self._source.name is not None
        return self._source.name

    def stop(self) -> None:
        """Take the bus away."""
        self._end.set()
        self._thread.join()
        self._source.close()

    def _run(self) -> None:
        while not self._end.wait(1 / 15):
            self._source.write(self._film.picture(time.monotonic()))
