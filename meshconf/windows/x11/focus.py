"""Gives the keyboard back to whom a window of ours has taken it from by merely opening.

Whoever writes a line in the terminal goes on writing there when a picture comes. A window can ask for that before it is
on the display (EWMH, `_NET_WM_USER_TIME` of 0); OpenCV's do not, so it is mended afterwards. One thread.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from Xlib import X, error  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

OPENING = 1.0
"""Seconds after its opening in which a window gets the focus because it is new, and not because somebody wants that."""


class FocusKeeper:
    """Knows who had the focus before each new window.

    Args:
        display: The connection.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self._before: Any = None
        self._new: dict[str, tuple[Any, float]] = {}

    def opening(self, active: frozenset[int]) -> None:
        """A window of ours is about to open.

        Args:
            active: the window that the window manager takes for the active one, if there is one.
        """
        focus = self._display.get_input_focus().focus
        self._before = focus if _within(focus, active) else None

    def opened(self, name: str, now: float) -> None:
        """It is there."""
        if self._before is not None:
            self._new[name] = self._before, now + OPENING

    def focused(self, name: str, now: float) -> bool:
        """A window of ours has got the focus; whether that was no more than its opening, and is undone now."""
        before, until = self._new.pop(name, (None, now))
        if now >= until:
            return False
        # Not by asking the window manager to activate it, which would also raise it over the new window.
        before.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.flush()
        return True

    def closed(self, name: str) -> None:
        """A window of ours is gone."""
        self._new.pop(name, None)


def _within(focus: Any, active: frozenset[int]) -> bool:
    """Whether that is a part of the active window; else nobody has the keyboard who would miss it."""
    with suppress(error.XError):  # the window may be gone
        while hasattr(focus, "id"):
            if focus.id in active:
                return True
            focus = focus.query_tree().parent
    return False
