"""Characters of keysyms, and what dead keys and the Compose key make of several; by libxkbcommon.

It is part of every Linux desktop, and of OpenCV's wheel, whose Qt needs it. One thread.
"""

from __future__ import annotations

import ctypes
import logging
import os
from pathlib import Path
from typing import Any

import cv2

log = logging.getLogger("meshconf.windows")

_SYSTEM = "libxkbcommon.so.0"
_USUAL_LOCALE = b"en_US.UTF-8"  # nearly all locales share its sequences; C has none
_NOTHING, _COMPOSING, _COMPOSED, _CANCELLED = range(4)  # enum xkb_compose_status
_LONGEST = 64  # bytes of what a sequence makes


class Composer:
    """The characters of one keyboard.

    Raises:
        OSError: There is no libxkbcommon.
    """

    def __init__(self) -> None:
        self._xkb = _load()
        self._state: int | None = None
        context = self._xkb.xkb_context_new(0)
        for locale in (_locale(), _USUAL_LOCALE):
            table = self._xkb.xkb_compose_table_new_from_locale(context, locale, 0)
            if table:
                self._state = self._xkb.xkb_compose_state_new(table, 0)
                self._xkb.xkb_compose_table_unref(table)
                break
        else:
            log.info("there are no Compose tables; dead keys are left out")
        self._xkb.xkb_context_unref(context)

    def feed(self, keysym: int) -> str | None:
        """Take the next key that was pressed.

        Returns:
            The character or characters that it makes, empty in the middle of a sequence; None for keys that make none.
        """
        if self._state is not None:
            self._xkb.xkb_compose_state_feed(self._state, keysym)
            status = self._xkb.xkb_compose_state_get_status(self._state)
            if status == _COMPOSING:
                return ""
            if status == _COMPOSED:
                made = ctypes.create_string_buffer(_LONGEST)
                self._xkb.xkb_compose_state_get_utf8(self._state, made, _LONGEST)
                self._xkb.xkb_compose_state_reset(self._state)
                return made.value.decode(errors="ignore")
            if status == _CANCELLED:
                self._xkb.xkb_compose_state_reset(self._state)
        return self.character(keysym)

    def character(self, keysym: int) -> str | None:
        """The character of a keysym; None if it has none that can be printed."""
        number = self._xkb.xkb_keysym_to_utf32(keysym)
        return chr(number) if number >= 0x20 and number != 0x7F else None

    def reset(self) -> None:
        """Forget a sequence that was begun."""
        if self._state is not None:
            self._xkb.xkb_compose_state_reset(self._state)

    def close(self) -> None:
        """Give the tables back."""
        state, self._state = self._state, None
        if state is not None:
            self._xkb.xkb_compose_state_unref(state)


def _load() -> Any:
    try:
        xkb = ctypes.CDLL(_SYSTEM)
    except OSError:
        beside = Path(cv2.__file__).parents[1] / "opencv_python.libs"
        xkb = ctypes.CDLL(str(next(beside.glob("libxkbcommon-[0-9a-f]*.so*"), _SYSTEM)))
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    for name, result, arguments in (
        ("xkb_keysym_to_utf32", number, (number,)),
        ("xkb_context_new", pointer, (number,)),
        ("xkb_context_unref", None, (pointer,)),
        ("xkb_compose_table_new_from_locale", pointer, (pointer, ctypes.c_char_p, number)),
        ("xkb_compose_table_unref", None, (pointer,)),
        ("xkb_compose_state_new", pointer, (pointer, number)),
        ("xkb_compose_state_unref", None, (pointer,)),
        ("xkb_compose_state_feed", number, (pointer, number)),
        ("xkb_compose_state_get_status", number, (pointer,)),
        ("xkb_compose_state_get_utf8", ctypes.c_int, (pointer, ctypes.c_char_p, ctypes.c_size_t)),
        ("xkb_compose_state_reset", None, (pointer,)),
    ):
        function = getattr(xkb, name)
        function.restype, function.argtypes = result, arguments
    return xkb


def _locale() -> bytes:
    """As the C library reads it from the environment."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := os.environ.get(name):
            return os.fsencode(value)
    return _USUAL_LOCALE
