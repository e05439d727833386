"""Our windows as the X server knows them: found, measured, asked whether they are minimised, and listened to.

A window of ours lies, unseen, over each of OpenCV's and takes mouse and wheel, with all buttons and in one order with
the keys; so the wheel does not zoom, as OpenCV's windows on Linux would. Keys are taken of our own windows only: the X
server gives them to the window with the focus. One thread.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from Xlib import X, Xatom, Xcursorfont, error  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.protocol.event import MapNotify  # type: ignore[import-untyped]

from meshconf.windows.happenings import Focused, Happening
from meshconf.windows.wire import Mode
from meshconf.windows.x11 import xkb
from meshconf.windows.x11.focus import FocusKeeper
from meshconf.windows.x11.keyboard import Keyboard
from meshconf.windows.x11.listening import Listener

log = logging.getLogger("meshconf.windows")

_LARGEST = 16_000  # pixels; larger than any window
_ICONIC = 3  # WM_STATE, ICCCM 4.1.3.1
_POINTER_EVENTS = X.PointerMotionMask | X.ButtonPressMask | X.ButtonReleaseMask | X.LeaveWindowMask
_WINDOW_EVENTS = X.KeyPressMask | X.KeyReleaseMask | X.FocusChangeMask | X.StructureNotifyMask
_CURSORS: dict[Mode, int] = {"point": Xcursorfont.pencil, "control": Xcursorfont.tcross}


class XWindows:
    """The windows of this process on the display that DISPLAY names.

    Raises:
        OSError: The display does not answer, or libraries for its keyboard are missing.
    """

    def __init__(self) -> None:
        try:
            self._display = Display()
        except (error.DisplayError, error.ConnectionClosedError, error.XauthError) as failure:
            raise OSError(str(failure)) from failure
        try:
            self._keyboard = Keyboard()
        except OSError:
            self._display.close()
            raise
        # A window may be gone before we speak of it; whoever asks gets nothing, and that is all.
        self._display.set_error_handler(lambda failure, request: log.debug("X: %s", failure))
        self._root = self._display.screen().root
        self._news: list[Happening] = []
        self._listener = Listener(self._keyboard, xkb.prepare(self._display))
        self._focus = FocusKeeper(self._display)
        self._windows: dict[str, Any] = {}
        self._covers: dict[str, Any] = {}
        self._cursors: dict[Mode, Any] = {}
        self._atoms: dict[str, int] = {}
        self.grabbed: str | None = None
        """The window to which all keys go, the desktop's shortcuts too."""

    @property
    def display(self) -> Display:
        """The connection."""
        return self._display

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the display in pixels."""
        screen = self._display.screen()
        return screen.width_in_pixels, screen.height_in_pixels

    def opening(self) -> None:
        """A new window of ours is about to open; whoever has the keyboard now is to keep it."""
        self._focus.opening(frozenset(self._property(self._root, "_NET_ACTIVE_WINDOW", Xatom.WINDOW) or ()))

    def adopt(self, name: str, title: str) -> bool:
        """Find a new window of ours that has that title, and listen to it from now on under `name`.

        Of several with one title the one that came first is taken, so they are to be asked for in their order.

        Returns:
            Whether it is there already: a window manager may still be about to frame it.
        """
        window = self._find(title)
        if window is None:
            return False
        with suppress(error.XError):
            window.change_attributes(event_mask=_WINDOW_EVENTS)
            cover = window.create_window(
                0, 0, _LARGEST, _LARGEST, 0, 0, X.InputOnly, X.CopyFromParent, event_mask=_POINTER_EVENTS
            )
            cover.map()
            size = window.get_geometry()
            self._windows[name], self._covers[name] = window, cover
            self._remind_of_mapping(window)
            focus = getattr(self._display.get_input_focus().focus, "id", None)
            self._listener.add(name, window.id, cover.id, (size.width, size.height))
            self._focus.opened(name, time.monotonic())
            if focus == window.id and not self._focus.focused(name, time.monotonic()):
                self._listener.focused = name
                self._news.append(Focused(name, True))
            return True
        return False

    def drop(self, name: str) -> None:
        """The window is closed."""
        if self._windows.pop(name, None) is not None:
            del self._covers[name]
            self._listener.remove(name)
            self._focus.closed(name)
            if self.grabbed == name:
                self.grabbed = None

    def size_of(self, name: str) -> tuple[int, int] | None:
        """Width and height of a window in pixels of the display; None if we do not know it."""
        return self._listener.sizes.get(name)

    def happenings(self) -> Iterator[Happening]:
        """What has happened since the last time, in its order."""
        news, self._news = self._news, []
        yield from news
        while count := self._display.pending_events():
            for _ in range(count):
                for happening in self._listener.hear(self._display.next_event(), grabbed=self.grabbed):
                    if self._is_unwanted(happening):
                        self._listener.focused = None
                    else:
                        yield happening

    def grab(self, name: str | None) -> None:
        """Let all keys go to that window, the desktop's shortcuts too, or to none; it may have to be tried again."""
        if name == self.grabbed:
            return
        if name is None or self.grabbed is not None:
            self._display.ungrab_keyboard(X.CurrentTime)
            self._display.flush()
            self.grabbed = None
        if name is not None and name in self._windows:
            with suppress(error.XError):  # the window may be gone
                done = self._windows[name].grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
                if done == X.GrabSuccess:
                    self.grabbed = name

    def show_mode(self, name: str, mode: Mode) -> None:
        """Give the pointer over a window the look of what it does."""
        if (cover := self._covers.get(name)) is not None:
            cover.change_attributes(cursor=self._cursor(mode))
            self._display.flush()

    def minimised(self) -> frozenset[str]:
        """Names of our windows that are minimised."""
        return frozenset(name for name, window in self._windows.items() if self._is_minimised(window))

    def close(self) -> None:
        """End the connection."""
        self._keyboard.close()
        with suppress(error.XError):
            self._display.close()

    def _remind_of_mapping(self, window: Any) -> None:
        """Say once more that a window is on the display, should its Qt have missed that, see `event_queue`.

        A Qt that knew draws the window once more, and that is all.
        """
        window.send_event(MapNotify(event=window, window=window, override=False), X.StructureNotifyMask)

    def _is_unwanted(self, happening: Happening) -> bool:
        """Whether it is but a window manager that gives the keyboard to a new window, which gives it back at once."""
        if not isinstance(happening, Focused) or not happening.has:
            return False
        return self._focus.focused(happening.window, time.monotonic())

    def _find(self, title: str) -> Any:
        known = {window.id for window in self._windows.values()}
        clients = self._property(self._root, "_NET_CLIENT_LIST", Xatom.WINDOW)
        if clients is None:  # no window manager
            clients = [child.id for child in self._root.query_tree().children]
        for client in clients:  # in the order in which they came
            window = self._display.create_resource_object("window", client)
            if client in known or list(self._property(window, "_NET_WM_PID", Xatom.CARDINAL) or ()) != [os.getpid()]:
                continue
            found = self._property(window, "_NET_WM_NAME", X.AnyPropertyType)
            if isinstance(found, bytes) and found.decode(errors="replace") == title:
                return window
        return None

    def _is_minimised(self, window: Any) -> bool:
        state = self._property(window, "WM_STATE", X.AnyPropertyType)
        if state is not None and len(state) and state[0] == _ICONIC:
            return True
        hidden = self._atom("_NET_WM_STATE_HIDDEN")
        return hidden in (self._property(window, "_NET_WM_STATE", Xatom.ATOM) or ())

    def _property(self, window: Any, name: str, kind: int) -> Any:
        with suppress(error.XError):  # the window may be gone
            found = window.get_full_property(self._atom(name), kind)
            return None if found is None else found.value
        return None

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            self._atoms[name] = self._display.intern_atom(name)
        return self._atoms[name]

    def _cursor(self, mode: Mode) -> Any:
        shape = _CURSORS.get(mode)
        if shape is None:
            return X.NONE
        if mode not in self._cursors:
            font = self._display.open_font("cursor")
            self._cursors[mode] = font.create_glyph_cursor(font, shape, shape + 1, (0, 0, 0), (65535, 65535, 65535))
        return self._cursors[mode]
