"""The person's keyboard: which key of W3C a keycode of X is, in the layout, group and level chosen. One thread.

libX11 looks the keysym up, over a connection of its own on which it never asks about a window; so it cannot end the
process, as it does for errors about windows.
"""

from __future__ import annotations

import ctypes

from meshconf.protocol.control.keysyms import name_of
from meshconf.windows.hands import Stroke
from meshconf.windows.x11.keycodes import code_of
from meshconf.windows.x11.keysyms import only_chooses
from meshconf.windows.x11.xkbcommon import Composer

_LIBRARY = "libX11.so.6"


class Keyboard:
    """Looks keys up.

    Raises:
        OSError: The libraries are missing, or the display does not answer.
    """

    def __init__(self) -> None:
        self._x = x = ctypes.CDLL(_LIBRARY)
        pointer, number = ctypes.c_void_p, ctypes.c_uint
        x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = pointer, (ctypes.c_char_p,)
        x.XCloseDisplay.restype, x.XCloseDisplay.argtypes = ctypes.c_int, (pointer,)
        x.XkbLookupKeySym.restype = ctypes.c_int
        x.XkbLookupKeySym.argtypes = (
            pointer, ctypes.c_ubyte, number, ctypes.POINTER(number), ctypes.POINTER(ctypes.c_ulong)
        )  # fmt: skip
        self._composer = Composer()
        self._display: int | None = None
        self._open()

    def changed(self) -> None:
        """Keys may mean something else from now on: the person has chosen another layout or keyboard."""
        self._stale = True

    def press(self, keycode: int, state: int) -> Stroke | str | None:
        """A key goes down.

        Args:
            keycode: Of the event.
            state: Modifiers and group, as the event has them.

        Returns:
            The key; a text if it ends a sequence that makes more than one character; None if it makes nothing (yet).
        """
        if self._stale:
            self._open()
        keysym = self._keysym(keycode, state)
        if only_chooses(keysym):
            return None
        code = code_of(keycode)
        if (name := name_of(keysym)) is not None:
            return Stroke(keycode, name, code)
        made = self._composer.feed(keysym)
        if not made:
            return None
        return Stroke(keycode, made, code) if len(made) == 1 else made

    def reset(self) -> None:
        """Forget a sequence of dead keys that was begun."""
        self._composer.reset()

    def close(self) -> None:
        """End the connection and give all back; idempotent."""
        self._composer.close()
        self._disconnect()

    def _open(self) -> None:
        self._disconnect()
        self._stale = False
        self._display = self._x.XOpenDisplay(None)
        if self._display is None:
            raise OSError("the display does not answer")

    def _disconnect(self) -> None:
        display, self._display = self._display, None
        if display is not None:
            self._x.XCloseDisplay(display)

    def _keysym(self, keycode: int, state: int) -> int:
        used, keysym = ctypes.c_uint(), ctypes.c_ulong()
        found = self._x.XkbLookupKeySym(self._display, keycode, state, ctypes.byref(used), ctypes.byref(keysym))
        return keysym.value if found else 0
