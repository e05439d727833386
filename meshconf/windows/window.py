"""One OpenCV window: a participant's picture with the name on it. Main thread of the window process only."""

from __future__ import annotations

from collections.abc import Callable

import cv2

from meshconf.pictures.bus import PictureReader
from meshconf.pictures.i420 import Picture
from meshconf.windows.geometry import FIRST_SIZE, first_position, first_size, fit
from meshconf.windows.label import Image, NameLabel, placeholder

_SMALLEST = 360  # rows; smaller pictures are enlarged before the name is written, so that it stays crisp
_FRAMING_STEPS, _FRAMING_MS = 3, 40


class Window:
    """A window on the screen from its creation until `close`, or until the person closes it.

    Args:
        name: What OpenCV knows it by; never used before, since a name whose window was closed brings that one back,
            uncounted.
        title: The participant, cleaned.
        place: Which of the first places it takes, from 0.
        on_pointer: Called while the pointer moves or clicks in it.
    """

    def __init__(self, name: str, title: str, place: int, on_pointer: Callable[[], None]) -> None:
        self._name = name
        self.title = title
        self._place = place
        self._on_pointer = on_pointer
        self._label = NameLabel(title)
        self._reader: PictureReader | None = None
        self._size: tuple[int, int] | None = None
        self._blank: str | None = None

    def attach(self, reader: PictureReader) -> None:
        """Show the pictures of `reader` from now on; the window owns it."""
        if self._reader is not None:
            self._reader.close()
        self._reader = reader

    def retitle(self, title: str) -> None:
        """Another name, in the title at once and on the picture with the next one."""
        self.title, self._label = title, NameLabel(title)
        if self._size is not None:
            cv2.setWindowTitle(self._name, title)
            if self._blank is not None:
                self.blank(self._blank)

    def blank(self, text: str) -> None:
        """Replace the picture by a placeholder, until a newer picture comes."""
        if self._reader is not None:
            self._reader.read()  # what was on the bus before must not bring the picture back
        self._show(placeholder(*(self._size or FIRST_SIZE), self.title, text))
        self._blank = text

    def refresh(self) -> bool:
        """Show the newest picture if there is one that has not been shown.

        Returns:
            Whether there was one.
        """
        picture = self._reader.read() if self._reader is not None else None
        if picture is None:
            return False
        self._blank = None
        self._show(_to_image(picture))
        return True

    def is_open(self) -> bool:
        """False once the person has closed it; a window that had no picture yet counts as open."""
        if self._size is None:
            return True
        try:
            return cv2.getWindowProperty(self._name, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # with the last window, OpenCV's whole window system is gone
            return False

    def height(self) -> int | None:
        """Pixels of the picture's height on the screen; None before the first picture and once it is closed."""
        if self._size is None:
            return None
        try:
            _, _, width, height = cv2.getWindowImageRect(self._name)
        except cv2.error:
            return None
        return fit(*self._size, width, height)[1] if width > 0 and height > 0 else None

    def close(self) -> None:
        """Close it and let go of its bus; harmless if the person was faster."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        # OpenCV counts its windows down when the person closes one and again when we destroy that one, and at zero
        # it forgets those that are still open.
        if self._size is not None and self.is_open():
            cv2.destroyWindow(self._name)
        self._size = None

    def _show(self, image: Image) -> None:
        first = self._size is None
        self._size = (image.shape[1], image.shape[0])
        self._label.paint(image)
        if first:
            self._open(image)
        elif self.is_open():  # drawing into a closed window would open it again
            cv2.imshow(self._name, image)

    def _open(self, image: Image) -> None:
        # Without GUI_NORMAL, Qt puts a tool bar above the picture and a status bar below.
        cv2.namedWindow(self._name, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.setWindowTitle(self._name, self.title)
        cv2.setMouseCallback(self._name, lambda *_: self._on_pointer())
        size = first_size(image.shape[1], image.shape[0])
        # A window manager that frames the window meanwhile overrules size and position, so insist.
        for _ in range(_FRAMING_STEPS):
            cv2.resizeWindow(self._name, *size)
            cv2.moveWindow(self._name, *first_position(self._place))
            # Before its first picture, a window that follows the last one closed stays invisible and counts as closed.
            cv2.imshow(self._name, image)
            cv2.waitKey(_FRAMING_MS)
            if not self.is_open():
                return


def _to_image(picture: Picture) -> Image:
    image: Image = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)  # type: ignore[assignment]
    height, width = image.shape[:2]
    if height < _SMALLEST:
        scale = -(-_SMALLEST // height)
        image = cv2.resize(image, (width * scale, height * scale))  # type: ignore[assignment]
    return image
