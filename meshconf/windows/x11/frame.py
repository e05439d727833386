"""The frame around our own display while somebody controls it, with a sentence at its top that says who.

Bare windows that no window manager moves or closes, always on top, through which every click falls. One thread.
"""

from __future__ import annotations

import logging
from typing import Any

import cv2
import numpy as np
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.ext import shape  # type: ignore[import-untyped]

from meshconf.types import Area
from meshconf.windows.label import Image, text_width
from meshconf.windows.names import clean, drawable

log = logging.getLogger("meshconf.windows")

BORDER = 4
"""Pixels."""

COLOUR = (52, 64, 235)
"""Blue, green, red."""

_SIZE = 15  # pixels of letters
_LONGEST = 90  # characters
_RAISE_EVERY = 0.2  # seconds; two programs that both want to be on top must not fill the server with it
_BYTES_AT_ONCE = 128 * 1024  # of an image in one request


class ScreenFrame:
    """The frame of one display, shown from its creation until `close`.

    Args:
        display: The connection to the X server; it is polled elsewhere.
        text: Who controls the display, and what ends it.
        area: What is framed; the whole display if None.

    Raises:
        OSError: The server cannot have windows that let clicks through.
    """

    def __init__(self, display: Display, text: str, area: Area | None) -> None:
        if not display.has_extension("SHAPE"):
            raise OSError("this display cannot show windows that let clicks through")
        self._display = display
        self._screen = screen = display.screen()
        left, top, width, height = area or (0, 0, screen.width_in_pixels, screen.height_in_pixels)
        self._raised_at = 0.0
        self._windows = [
            self._window(left, top, width, BORDER),
            self._window(left, top + height - BORDER, width, BORDER),
            self._window(left, top + BORDER, BORDER, height - 2 * BORDER),
            self._window(left + width - BORDER, top + BORDER, BORDER, height - 2 * BORDER),
        ]
        label = _label(drawable(clean(text, longest=_LONGEST)), width - 2 * BORDER)
        rows, columns = label.shape[:2]
        self._label = self._window(left + (width - columns) // 2, top + BORDER, columns, rows)
        self._windows.append(self._label)
        self._give_picture(label)
        for window in self._windows:
            window.map()
        display.flush()

    def turn(self, now: float) -> None:
        """Stay on top of windows that have come since."""
        if now - self._raised_at >= _RAISE_EVERY:
            self._raised_at = now
            for window in self._windows:
                window.raise_window()
            self._display.flush()

    def close(self) -> None:
        """Take it away."""
        for window in self._windows:
            window.destroy()
        self._display.flush()

    def _window(self, x: int, y: int, width: int, height: int) -> Any:
        blue, green, red = COLOUR
        window = self._screen.root.create_window(
            x,
            y,
            max(1, width),
            max(1, height),
            0,
            self._screen.root_depth,
            X.InputOutput,
            X.CopyFromParent,
            background_pixel=red << 16 | green << 8 | blue,
            override_redirect=True,
        )
        window.shape_rectangles(shape.SO.Set, shape.SK.Input, X.Unsorted, 0, 0, [])
        return window

    def _give_picture(self, label: Image) -> None:
        """Make the sentence the background of its window, so that the server paints it whenever it must."""
        rows, columns = label.shape[:2]
        if self._screen.root_depth not in (24, 32):
            log.info("the frame has no text: %d bits a pixel", self._screen.root_depth)
            return
        pixels = np.zeros((rows, columns, 4), np.uint8)
        pixels[..., :3] = label
        pixmap = self._label.create_pixmap(columns, rows, self._screen.root_depth)
        context = pixmap.create_gc()
        at_once = max(1, _BYTES_AT_ONCE // (columns * 4))
        for row in range(0, rows, at_once):
            part = pixels[row : row + at_once]
            pixmap.put_image(context, 0, row, columns, len(part), X.ZPixmap, self._screen.root_depth, 0, part.tobytes())
        self._label.change_attributes(background_pixmap=pixmap)
        context.free()
        pixmap.free()


def _label(text: str, room: int) -> Image:
    font = cv2.FontFace("sans")
    while len(text) > 1 and text_width(text, font, _SIZE) + 2 * _SIZE > room:
        text = text.rstrip("…")[:-1] + "…"
    image: Image = np.full((round(1.8 * _SIZE), text_width(text, font, _SIZE) + 2 * _SIZE, 3), COLOUR, np.uint8)
    cv2.putText(image, text, (_SIZE, round(1.25 * _SIZE)), (255, 255, 255), font, _SIZE, weight=600)
    return image
