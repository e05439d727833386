"""One OpenCV window. Main thread of the window process only.

What is shown has exactly the window's size, so that Qt resamples nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2

from meshconf.windows.geometry import Rect
from meshconf.windows.label import Image

_FRAMING_STEPS, _FRAMING_MS = 3, 40
_SMALLEST = 48  # pixels of a window's side, for what a window manager says while it begins
_WIDEST_FRAME = 120  # pixels; whatever is further away was put elsewhere by the window manager


class Window:
    """A window on the screen from its creation until `close`, or until the person closes it.

    Args:
        name: What OpenCV knows it by; never used before, since a name whose window was closed brings that one back,
            uncounted.
        title: What people know it by.
        place: Where it opens, its frame included.
        image: What it shows first.
        known: Asked while it opens whether the window system knows it by now.
    """

    def __init__(self, name: str, title: str, place: Rect, image: Image, known: Callable[[], object]) -> None:
        self.name = name
        self.title = title
        self.canvas = image
        self._frame = (0, 0)
        self._open(place, known)

    def retitle(self, title: str) -> None:
        """Another title; cheap if it is the same."""
        if title != self.title and self.is_open():
            self.title = title
            cv2.setWindowTitle(self.name, title)

    def show(self) -> None:
        """Put `canvas` on the screen."""
        if self.is_open():  # drawing into a closed window would open it again
            cv2.imshow(self.name, self.canvas)

    def is_open(self) -> bool:
        """False once the person has closed it."""
        try:
            return cv2.getWindowProperty(self.name, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # with the last window, OpenCV's whole window system is gone
            return False

    def rect(self) -> Rect | None:
        """Where it is, without its frame; None once it is closed."""
        try:
            x, y, width, height = cv2.getWindowImageRect(self.name)
        except cv2.error:
            return None
        return Rect(x, y, width, height) if width >= _SMALLEST and height >= _SMALLEST else None

    def place(self) -> Rect | None:
        """Where to open one to have it where this one is; None once it is closed."""
        rect = self.rect()
        return None if rect is None else Rect(rect.x - self._frame[0], rect.y - self._frame[1], rect.width, rect.height)

    def close(self) -> None:
        """Close it; harmless if the person was faster."""
        # OpenCV counts its windows down when the person closes one and again when we destroy that one, and at zero
        # it forgets those that are still open.
        if self.is_open():
            cv2.destroyWindow(self.name)

    def _open(self, place: Rect, known: Callable[[], object]) -> None:
        # Without GUI_NORMAL, Qt puts a tool bar above the picture and a status bar below.
        cv2.namedWindow(self.name, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.setWindowTitle(self.name, self.title)
        # A window manager that frames the window meanwhile overrules size and position, so insist.
        for _ in range(_FRAMING_STEPS):
            cv2.resizeWindow(self.name, place.width, place.height)
            cv2.moveWindow(self.name, place.x, place.y)
            # Before its first picture, a window that follows the last one closed stays invisible and counts as closed.
            cv2.imshow(self.name, self.canvas)
            cv2.waitKey(_FRAMING_MS)
            if not self.is_open():
                return
            known()
        rect = self.rect()
        if rect is not None:
            frame = rect.x - place.x, rect.y - place.y
            self._frame = frame if all(0 <= length <= _WIDEST_FRAME for length in frame) else (0, 0)
