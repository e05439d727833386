"""What arrives at a display: a window that writes down keys and buttons, and what is held down there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from Xlib import XK, X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

_MASK = (
    X.KeyPressMask
    | X.KeyReleaseMask
    | X.ButtonPressMask
    | X.ButtonReleaseMask
    | X.PointerMotionMask
    | X.StructureNotifyMask
)
_KINDS = {X.KeyPress: "key down", X.KeyRelease: "key up", X.ButtonPress: "press", X.ButtonRelease: "release"}
_LEVEL3 = X.Mod5Mask

Seen = tuple[str, int, int]
"""What, which keysym or button, and which modifiers were down: Shift 1, Control 4, Alt 8, Super 64."""


class Hands:
    """A window over all of a display.

    Args:
        display: its name, such as `:5`.
        cover: whether there is such a window; without, only what is held can be seen.
    """

    def __init__(self, display: str, *, cover: bool = True) -> None:
        self._display = Display(display)
        screen = self._display.screen()
        width, height = screen.width_in_pixels, screen.height_in_pixels
        self._window = screen.root.create_window(
            0, 0, width, height, 0, screen.root_depth, override_redirect=True, event_mask=_MASK
        )
        self.seen: list[Seen] = []
        """Keys and buttons."""
        self.places: list[tuple[str, int, int]] = []
        """Where the pointer was: at `move`, `press` and `release`."""
        if cover:
            self._window.map()
            self.wait(self._grabbed)

    def close(self) -> None:
        """Close the window."""
        self._display.close()

    def held(self) -> list[int]:
        """Keycodes and buttons (negative) that are down."""
        keys = [
            8 * index + bit
            for index, byte in enumerate(self._display.query_keymap())
            for bit in range(8)
            if byte >> bit & 1
        ]
        mask = self._display.screen().root.query_pointer().mask
        return keys + [-button for button in range(1, 6) if mask >> (7 + button) & 1]

    def named(self, held: Iterable[int]) -> list[str]:
        """What is called so on a keyboard and a mouse: `Shift_L`, `a`, `button 1`."""
        return [_name(self._display.keycode_to_keysym(one, 0)) if one > 0 else f"button {-one}" for one in held]

    def free_keycodes(self) -> int:
        """How many keycodes mean nothing."""
        rows = self._display.get_keyboard_mapping(8, 248)
        return sum(not any(row) for row in rows)

    def wait(self, condition: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Read events until the condition holds; returns what it says.

        Raises:
            AssertionError: it did not hold in time.
        """
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, f"not within {seconds} s; the last of what was seen: {self.seen[-20:]}"
            self.read()
            time.sleep(0.005)
        return found

    def read(self) -> None:
        """Take in what has come so far."""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.MappingNotify:
                self._display.refresh_keyboard_mapping(event)
            elif event.type == X.MotionNotify:
                self.places.append(("move", event.root_x, event.root_y))
            elif event.type in (X.ButtonPress, X.ButtonRelease):
                self.seen.append((_KINDS[event.type], event.detail, event.state & 0x4D))
                self.places.append((_KINDS[event.type], event.root_x, event.root_y))
            elif event.type in _KINDS:
                self.seen.append((_KINDS[event.type], self._meaning(event), event.state & 0x4D))

    def _grabbed(self) -> bool:
        """All keys, also those that the window manager would take for itself."""
        taken = self._window.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
        return bool(taken == X.GrabSuccess)

    def _meaning(self, event: Any) -> int:
        group = (event.state >> 13) & 3
        column = 2 * group + bool(event.state & X.ShiftMask) + (4 if event.state & _LEVEL3 else 0)
        keysym: int = self._display.keycode_to_keysym(event.detail, column)
        return keysym or int(self._display.keycode_to_keysym(event.detail, column & ~1))


def _name(keysym: int) -> str:
    return next((name[3:] for name in dir(XK) if name.startswith("XK_") and getattr(XK, name) == keysym), str(keysym))
