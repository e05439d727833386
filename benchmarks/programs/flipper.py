"""A window in the middle of the display that changes its colour at each key press, and tells of keys and motion.

`python -m benchmarks.programs.flipper`. Times are monotonic seconds, which all programs of the machine share.
"""

from __future__ import annotations

import time
from typing import Any

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

from benchmarks.programs.lines import say

WIDTH, HEIGHT = 640, 480
COLOURS = (0x203070, 0xD0C040)
"""Before the first key press, after it, before the next one, and so on; red, green and blue, a byte each."""


def main() -> None:
    """Run until it is ended from outside."""
    display = Display()
    screen = display.screen()
    window = screen.root.create_window(
        (screen.width_in_pixels - WIDTH) // 2,
        (screen.height_in_pixels - HEIGHT) // 2,
        WIDTH,
        HEIGHT,
        0,
        screen.root_depth,
        override_redirect=True,
        background_pixel=COLOURS[0],
        event_mask=X.KeyPressMask | X.PointerMotionMask,
    )
    window.map()
    # The window manager gives no keyboard to a window that it does not manage.
    while window.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime) != X.GrabSuccess:
        time.sleep(0.01)
    say({"event": "ready"})
    _listen(display, window)


def _listen(display: Any, window: Any) -> None:
    presses = 0
    while True:
        event = display.next_event()
        now = time.monotonic()
        if event.type == X.KeyPress:
            presses += 1
            window.change_attributes(background_pixel=COLOURS[presses % 2])
            window.clear_area()
            display.flush()
            say({"event": "key", "presses": presses, "at": now})
        elif event.type == X.MotionNotify:
            say({"event": "motion", "at": now})


if __name__ == "__main__":
    main()
