"""Somebody at a display of their own who controls a screen in meshconf's window as a person does: by mouse and keys."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display as Connection  # type: ignore[import-untyped]
from Xlib.ext import xtest  # type: ignore[import-untyped]

from benchmarks.bench import Bench
from benchmarks.program import Program, ProgramFailed
from benchmarks.programs.flipper import COLOURS
from benchmarks.shared_screen import SHARER, is_event, own_id, shared_screen
from benchmarks.stage import HEIGHT, WIDTH, Stage
from tests.lab.display import Display
from tests.support.engine import ROOT

_TEXT = ROOT / "meshconf/protocol/mesh.py"
_PATIENCE_S = 15.0
_LOOK_S = 0.001
"""Seconds between two looks at a pixel."""
_KEY = "a"
_RADIUS = 0.05
"""Of the circle in which the mouse moves, in heights of the window."""
_FAR = 60
"""Steps of colour that are more than an encoder makes of them."""

Found = TypeVar("Found")


class Desk:
    """Mouse, keyboard and eyes at the controller's display, whose window has the focus.

    Args:
        display: the connection to it.
        owner: the engine whose screen is controlled.
        controller: the engine whose window it is.
        flipper: what shows keys and motion on the owner's screen.
    """

    def __init__(self, display: Any, owner: Program, controller: Program, flipper: Program) -> None:
        self.owner, self.controller, self.flipper = owner, controller, flipper
        self._x = display
        self._root = display.screen().root
        self._keycode = display.keysym_to_keycode(ord(_KEY))
        window = _wait_for(self._focused, "the controller's window has no focus")
        size, corner = window.get_geometry(), self._root.translate_coords(window, 0, 0)
        self._middle = corner.x + size.width // 2, corner.y + size.height // 2
        self._radius = size.height * _RADIUS
        _wait_for(lambda: self.shows(0), "the controller's window does not show the screen")
        _wait_for(self._controls, "nothing is controlled")

    def move(self, turns: float) -> None:
        """Move the mouse over the middle of the picture, on a circle."""
        angle = 2 * math.pi * turns
        x, y = self._middle
        self._fake(
            X.MotionNotify, x=round(x + self._radius * math.cos(angle)), y=round(y + self._radius * math.sin(angle))
        )

    @contextmanager
    def pressing(self) -> Iterator[float]:
        """Hold a key for the block; monotonic seconds of when it went down."""
        pressed = time.monotonic()
        self._fake(X.KeyPress, self._keycode)
        try:
            yield pressed
        finally:
            self._fake(X.KeyRelease, self._keycode)

    def sees(self, presses: int, seconds: float) -> float | None:
        """When the colour after so many key presses was seen in the window, in monotonic seconds.

        Args:
            presses: how many there were.
            seconds: to look for; None is the answer when it did not come.
        """
        deadline = time.monotonic() + seconds
        while not self.shows(presses):
            if time.monotonic() > deadline:
                return None
            time.sleep(_LOOK_S)
        return time.monotonic()

    def shows(self, presses: int) -> bool:
        """Whether the window shows the colour after so many key presses."""
        # Above the middle, where the pointer is.
        x, y = self._middle
        pixel = self._root.get_image(x, round(y - 3 * self._radius), 1, 1, X.ZPixmap, 0xFFFFFFFF).data
        wanted = COLOURS[presses % 2].to_bytes(3, "little")
        return all(abs(one - other) < _FAR for one, other in zip(pixel[:3], wanted, strict=True))

    def _controls(self) -> bool:
        self.move(time.monotonic())
        return bool(self.flipper.said("motion"))

    def _focused(self) -> Any:
        window = self._x.get_input_focus().focus
        name = window.get_wm_name() if hasattr(window, "get_wm_name") else None
        return window if name is not None and SHARER in str(name) else None

    def _fake(self, event: int, detail: int = 0, **place: int) -> None:
        xtest.fake_input(self._x, event, detail, **place)
        self._x.sync()


@contextmanager
def desk(bench: Bench) -> Iterator[Desk]:
    """Two displays, two engines with windows, and a grant: control lasts until the block is left."""
    with ExitStack() as stack:
        stage = stack.enter_context(Stage([_TEXT]))
        display = stack.enter_context(Display(WIDTH, HEIGHT))
        environment = {"DISPLAY": stage.name}
        flipper = stack.enter_context(
            Program("flipper", "benchmarks.programs.flipper", [], host=bench.hosts.near, env=environment)
        )
        flipper.wait_for(is_event("ready"))
        owner, controller = stack.enter_context(shared_screen(bench, stage.name, display.name))
        controller.wait_for(is_event("picture"))
        grant(owner, controller)
        connection = Connection(display.name)
        stack.callback(connection.close)
        yield Desk(connection, owner, controller, flipper)


def grant(owner: Program, controller: Program, *, minutes: int = 60) -> None:
    """Let one ask for control, and the other allow it for so long."""
    asked, told = owner.mark(), controller.mark()
    controller.ask({"do": "control_request", "peer": own_id(owner)})
    asks = owner.wait_for(is_event("control", state="requested"), since=asked)
    owner.ask({"do": "control_grant", "peer": asks["peer"], "minutes": minutes})
    controller.wait_for(is_event("control", state="granted"), since=told)


def _wait_for(condition: Callable[[], Found], complaint: str) -> Found:
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise ProgramFailed(complaint)
        time.sleep(0.05)
    return found
