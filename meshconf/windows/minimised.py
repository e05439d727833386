"""Which of our windows are minimised, which OpenCV does not say; asked of the X server over a connection of our own.

Where there is no X server or no window manager to say so (macOS, Windows), no window ever counts as minimised. Speaks
through libxcb, whose errors are answers: Xlib would end the process for a window that has just been closed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

log = logging.getLogger("meshconf.windows")

_ICONIC = 3  # WM_STATE, ICCCM 4.1.3.1
_LONGEST = 1024  # 32-bit words of a property that we read; names are shorter, and so many windows are enough
_NAMES = ("_NET_CLIENT_LIST", "_NET_WM_PID", "_NET_WM_NAME", "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN", "WM_STATE")


class _Cookie(ctypes.Structure):
    _fields_ = [("sequence", ctypes.c_uint)]


class _Screens(ctypes.Structure):
    _fields_ = [("data", ctypes.POINTER(ctypes.c_uint32)), ("rem", ctypes.c_int), ("index", ctypes.c_int)]


class _Atom(ctypes.Structure):
    _fields_ = [("head", ctypes.c_uint64), ("atom", ctypes.c_uint32)]


class MinimisedWindows:
    """Asks the X server about the windows of this process. One thread."""

    def __init__(self) -> None:
        self._xcb: Any = None
        self._connection: int | None = None
        self._root = 0
        self._atoms: dict[str, int] = {}
        if sys.platform == "linux":
            try:
                self._connect()
            except (OSError, AttributeError) as error:
                log.info("minimised windows are not noticed: %s", error)
                self.close()

    def titles(self) -> frozenset[str]:
        """Titles of windows that are minimised; of several with one title, all of them have to be."""
        if self._connection is None:
            return frozenset()
        clients = self._words(self._ask([(self._root, "_NET_CLIENT_LIST")])[0])
        owners = self._ask([(window, "_NET_WM_PID") for window in clients])
        ours = [window for window, pid in zip(clients, owners, strict=True) if self._words(pid) == [os.getpid()]]
        answers = iter(self._ask([(w, name) for w in ours for name in ("_NET_WM_NAME", "_NET_WM_STATE", "WM_STATE")]))
        minimised: set[str] = set()
        shown: set[str] = set()
        for name, net_state, state in zip(answers, answers, answers, strict=True):
            hidden = self._atoms["_NET_WM_STATE_HIDDEN"] in self._words(net_state) or self._words(state)[:1] == [
                _ICONIC
            ]
            (minimised if hidden else shown).add(name.decode(errors="replace"))
        if self._xcb.xcb_connection_has_error(self._connection):
            self.close()
        return frozenset(minimised - shown)

    def close(self) -> None:
        """End the connection; no window counts as minimised any more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._xcb.xcb_disconnect(connection)

    def _connect(self) -> None:
        # The same library that Qt found before, see `event_queue`.
        self._xcb = xcb = ctypes.CDLL("libxcb.so.1")
        connection, window, atom = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32
        for name, result, arguments in (
            ("xcb_connect", ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_void_p)),
            ("xcb_connection_has_error", ctypes.c_int, (connection,)),
            ("xcb_disconnect", None, (connection,)),
            ("xcb_get_setup", ctypes.c_void_p, (connection,)),
            ("xcb_setup_roots_iterator", _Screens, (ctypes.c_void_p,)),
            ("xcb_intern_atom", _Cookie, (connection, ctypes.c_uint8, ctypes.c_uint16, ctypes.c_char_p)),
            ("xcb_intern_atom_reply", ctypes.POINTER(_Atom), (connection, _Cookie, ctypes.c_void_p)),
            (
                "xcb_get_property",
                _Cookie,
                (connection, ctypes.c_uint8, window, atom, atom, ctypes.c_uint32, ctypes.c_uint32),
            ),
            ("xcb_get_property_reply", ctypes.c_void_p, (connection, _Cookie, ctypes.c_void_p)),
            ("xcb_get_property_value", ctypes.c_void_p, (ctypes.c_void_p,)),
            ("xcb_get_property_value_length", ctypes.c_int, (ctypes.c_void_p,)),
        ):
            function = getattr(xcb, name)
            function.restype, function.argtypes = result, arguments
        self._free = ctypes.CDLL(None).free
        self._free.restype, self._free.argtypes = None, (ctypes.c_void_p,)
        self._connection = xcb.xcb_connect(None, None)
        if xcb.xcb_connection_has_error(self._connection):
            raise OSError("the display does not answer")
        self._root = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(self._connection)).data[0]
        cookies = [(name, xcb.xcb_intern_atom(self._connection, 0, len(name), name.encode())) for name in _NAMES]
        for name, cookie in cookies:
            reply = xcb.xcb_intern_atom_reply(self._connection, cookie, None)
            if not reply:
                raise OSError("the display does not answer")
            self._atoms[name] = reply.contents.atom
            self._free(reply)

    def _ask(self, questions: Sequence[tuple[int, str]]) -> list[bytes]:
        """Properties of windows, all in one round trip; empty where there is none, or no such window any more."""
        xcb, connection = self._xcb, self._connection
        cookies = [
            xcb.xcb_get_property(connection, 0, window, self._atoms[name], 0, 0, _LONGEST) for window, name in questions
        ]
        answers = []
        for cookie in cookies:
            error = ctypes.c_void_p()
            reply = xcb.xcb_get_property_reply(connection, cookie, ctypes.byref(error))
            value = b""
            if reply:
                value = ctypes.string_at(xcb.xcb_get_property_value(reply), xcb.xcb_get_property_value_length(reply))
            answers.append(value)
            self._free(reply)
            self._free(error)
        return answers

    @staticmethod
    def _words(value: bytes) -> list[int]:
        return list(memoryview(value[: len(value) // 4 * 4]).cast("I"))
