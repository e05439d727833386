"""Events of the X server turned into happenings in our windows. No requests are made here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from Xlib import X  # type: ignore[import-untyped]

from meshconf.protocol.control.keysyms import button_of
from meshconf.windows.hands import Stroke
from meshconf.windows.happenings import (
    Focused,
    Happening,
    KeyPressed,
    KeyReleased,
    Left,
    Moved,
    Pressed,
    Released,
    Scrolled,
    Typed,
)
from meshconf.windows.x11.keyboard import Keyboard

_WHEEL = {4: (0.0, -1.0), 5: (0.0, 1.0), 6: (-1.0, 0.0), 7: (1.0, 0.0)}
_SAME_WINDOW = (X.NotifyInferior, X.NotifyPointer, X.NotifyPointerRoot, X.NotifyDetailNone)


class Listener:
    """Knows our windows by the numbers of the X server.

    Args:
        keyboard: Says what keys mean.
        remapped: Type of the event after which they may mean something else.
    """

    def __init__(self, keyboard: Keyboard, remapped: int | None) -> None:
        self._keyboard = keyboard
        self._remapped = remapped
        self._names: dict[int, str] = {}
        self.sizes: dict[str, tuple[int, int]] = {}
        """Width and height of each window."""
        self.focused: str | None = None
        """The window that has the keyboard."""

    def add(self, name: str, window: int, cover: int, size: tuple[int, int]) -> None:
        """A window of ours, and the one over it that takes the mouse."""
        self._names[window] = self._names[cover] = name
        self.sizes[name] = size

    def remove(self, name: str) -> None:
        """A window is closed."""
        self._names = {number: other for number, other in self._names.items() if other != name}
        self.sizes.pop(name, None)
        if self.focused == name:
            self.focused = None

    def hear(self, event: Any, *, grabbed: str | None) -> Iterator[Happening]:
        """What an event means, which may be nothing.

        Args:
            event: As python-xlib has read it.
            grabbed: The window for which we have taken all keys.
        """
        if event.type in (self._remapped, X.MappingNotify):
            self._keyboard.changed()
            return
        name = self._names.get(getattr(getattr(event, "window", None), "id", 0))
        if name is None:
            return
        match event.type:
            case X.MotionNotify:
                yield Moved(name, event.event_x, event.event_y)
            case X.ButtonPress | X.ButtonRelease:
                yield from _button(name, event)
            case X.KeyPress if self.focused == name:
                yield from self._key(name, event)
            case X.KeyRelease:
                yield KeyReleased(name, event.detail)
            case X.LeaveNotify if event.mode == X.NotifyNormal:
                yield Left(name)
            case X.FocusIn | X.FocusOut:
                yield from self._focus(name, event, grabbed)
            case X.ConfigureNotify:
                self.sizes[name] = (event.width, event.height)

    def _key(self, name: str, event: Any) -> Iterator[Happening]:
        made = self._keyboard.press(event.detail, event.state)
        if isinstance(made, Stroke):
            yield KeyPressed(name, made)
        elif made:
            yield Typed(name, made)

    def _focus(self, name: str, event: Any, grabbed: str | None) -> Iterator[Happening]:
        if event.detail in _SAME_WINDOW or (event.mode == X.NotifyGrab and grabbed == name):
            return  # within the window, or our own taking of all keys
        has = event.type == X.FocusIn
        self._keyboard.reset()
        if has:
            self.focused = name
        elif self.focused == name:
            self.focused = None
        yield Focused(name, has)


def _button(name: str, event: Any) -> Iterator[Happening]:
    x, y = event.event_x, event.event_y
    if event.detail in _WHEEL:
        if event.type == X.ButtonPress:
            yield Scrolled(name, *_WHEEL[event.detail], x, y)
    elif (button := button_of(event.detail)) is not None:
        yield Pressed(name, button, x, y) if event.type == X.ButtonPress else Released(name, button, x, y)
