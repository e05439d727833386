"""Where the viewer hears what happens in its windows, and waits meanwhile: the X server, or OpenCV's callbacks.

Either way OpenCV's event loop has to run, which draws. Main thread of the window process only.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Protocol

import cv2

from meshconf.windows.callbacks import key_happenings, mouse_happening
from meshconf.windows.happenings import Focused, Happening, Pressed

if TYPE_CHECKING:
    from meshconf.windows.x11.display import XWindows


class Inlet(Protocol):
    """What happens in all windows."""

    def attend(self, window: str) -> None:
        """A window has been opened."""

    def happenings(self) -> Iterator[Happening]:
        """What has happened since the last time."""

    def wait(self, milliseconds: int) -> None:
        """Let OpenCV draw for so long; a key may end it earlier."""


class XInlet:
    """Hears it from the X server, which tells all of it."""

    def __init__(self, system: XWindows) -> None:
        self._system = system

    def attend(self, window: str) -> None:
        """The X server finds new windows by itself."""

    def happenings(self) -> Iterator[Happening]:
        """What has happened since the last time."""
        return self._system.happenings()

    def wait(self, milliseconds: int) -> None:
        """Let OpenCV draw for so long; what it says of keys is known better."""
        cv2.waitKey(milliseconds)


class CallbackInlet:
    """Hears it from OpenCV."""

    def __init__(self) -> None:
        self._heard: list[Happening] = []
        self._active: str | None = None
        """The window that was pointed at last, for which keys are: OpenCV does not say."""

    def attend(self, window: str) -> None:
        """Hear of the mouse over a new window."""
        self._active = self._active or window
        cv2.setMouseCallback(window, partial(self._hear, window))

    def happenings(self) -> Iterator[Happening]:
        """What has happened since the last time."""
        heard, self._heard = self._heard, []
        return iter(heard)

    def wait(self, milliseconds: int) -> None:
        """Let OpenCV draw for so long, and take a key."""
        pressed = cv2.waitKeyEx(milliseconds)
        if pressed != -1 and self._active is not None:
            self._heard.extend(key_happenings(self._active, pressed))

    def _hear(self, window: str, event: int, x: int, y: int, flags: int, _: object) -> None:
        self._active = window
        happening = mouse_happening(window, event, x, y, flags)
        if isinstance(happening, Pressed):
            self._heard.append(Focused(window, True))
        if happening is not None:
            self._heard.append(happening)
