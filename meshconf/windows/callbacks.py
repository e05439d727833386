"""What happens in our windows as OpenCV tells it, where there is no X server: on macOS and Windows.

OpenCV gives keys that are pressed, without releases and modifiers, and only while one of its windows has the focus; so
a key comes up as soon as it has gone down. Main thread of the window process only.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2

from meshconf.protocol.control.input import Button
from meshconf.windows.hands import Stroke
from meshconf.windows.happenings import (
    Focused,
    Happening,
    KeyPressed,
    KeyReleased,
    Moved,
    Pressed,
    Released,
    Scrolled,
)

_DOWN: dict[int, Button] = {
    cv2.EVENT_LBUTTONDOWN: "left",
    cv2.EVENT_MBUTTONDOWN: "middle",
    cv2.EVENT_RBUTTONDOWN: "right",
    # The second of two quick clicks is told as this alone.
    cv2.EVENT_LBUTTONDBLCLK: "left",
    cv2.EVENT_MBUTTONDBLCLK: "middle",
    cv2.EVENT_RBUTTONDBLCLK: "right",
}
_UP: dict[int, Button] = {
    cv2.EVENT_LBUTTONUP: "left",
    cv2.EVENT_MBUTTONUP: "middle",
    cv2.EVENT_RBUTTONUP: "right",
}
_NOTCH = 120  # of a wheel, as Windows counts and OpenCV everywhere

_NAMED = {8: "Backspace", 9: "Tab", 10: "Enter", 13: "Enter", 27: "Escape", 127: "Backspace"}
_NAMED_HERE = {
    # macOS: NSEvent's function keys; Windows: virtual keys in the upper half.
    0xF700: "ArrowUp", 0xF701: "ArrowDown", 0xF702: "ArrowLeft", 0xF703: "ArrowRight", 0xF728: "Delete",
    0xF729: "Home", 0xF72B: "End", 0xF72C: "PageUp", 0xF72D: "PageDown",
    0x260000: "ArrowUp", 0x280000: "ArrowDown", 0x250000: "ArrowLeft", 0x270000: "ArrowRight", 0x2E0000: "Delete",
    0x240000: "Home", 0x230000: "End", 0x210000: "PageUp", 0x220000: "PageDown", 0x2D0000: "Insert",
}  # fmt: skip
_FUNCTION_KEYS = (0xF704, 0x700000)


def mouse_happening(window: str, event: int, x: int, y: int, flags: int) -> Happening | None:
    """What one call of a mouse callback means; None for what says nothing new."""
    if event in (cv2.EVENT_MOUSEWHEEL, cv2.EVENT_MOUSEHWHEEL):
        notches = (flags >> 16) / _NOTCH  # the upper half is the wheel's
        if event == cv2.EVENT_MOUSEWHEEL:  # forward is positive there, down is positive here
            return Scrolled(window, 0.0, -notches, x, y)
        return Scrolled(window, notches, 0.0, x, y)
    if (button := _DOWN.get(event)) is not None:
        return Pressed(window, button, x, y)
    if (button := _UP.get(event)) is not None:
        return Released(window, button, x, y)
    return Moved(window, x, y) if event == cv2.EVENT_MOUSEMOVE else None


def key_happenings(window: str, pressed: int) -> Iterator[Happening]:
    """What a result of `cv2.waitKeyEx` means; nothing for -1 and for keys that have no name here."""
    name = key_name(pressed)
    if name is None:
        return
    yield Focused(window, True)  # otherwise it would not have been told
    yield KeyPressed(window, Stroke(pressed, name))
    yield KeyReleased(window, pressed)


def key_name(pressed: int) -> str | None:
    """The W3C `key` of a result of `cv2.waitKeyEx`."""
    if pressed in _NAMED_HERE:
        return _NAMED_HERE[pressed]
    for first, step in zip(_FUNCTION_KEYS, (1, 0x10000), strict=True):
        number, rest = divmod(pressed - first, step)
        if 0 <= number < 12 and not rest:
            return f"F{number + 1}"
    if pressed in _NAMED:
        return _NAMED[pressed]
    return chr(pressed) if 0x20 <= pressed < 0x7F or 0xA0 <= pressed < 0xF700 else None
