"""A controller who holds keys and a mouse button at an owner's screen, and the hands of the owner there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from Xlib import XK, X  # type: ignore[import-untyped]
from Xlib.display import Display as Connection  # type: ignore[import-untyped]
from Xlib.ext import xtest  # type: ignore[import-untyped]

from benchmarks.bench import Bench
from benchmarks.desk import grant
from benchmarks.program import Program, ProgramFailed
from benchmarks.shared_screen import is_event, own_id, shared_screen
from tests.lab.display import Display
from tests.lab.hands import Hands
from tests.lab.network import Host

KEYS = (("Shift", "ShiftLeft"), ("Control", "ControlLeft"), ("A", "KeyA"))
"""Shift is down already when the letter is pressed."""
_HELD = len(KEYS) + 1
_HOLD_S = 1.5
"""Seconds for which all is held before anything ends: longer than a sign of life, and than our own events, may take."""
_LOOK_S = 0.001
"""Seconds between two looks at what is down."""


class OwnHands:
    """Mouse and keyboard of whoever sits at a display, by XTEST, which the server takes for real ones."""

    def __init__(self, display: str) -> None:
        self._x = Connection(display)

    def close(self) -> None:
        """Let go of the display."""
        self._x.close()

    def escape(self, times: int) -> None:
        """Press Esc so often."""
        for _ in range(times):
            for event in (X.KeyPress, X.KeyRelease):
                self._do(event, self._x.keysym_to_keycode(XK.XK_Escape))

    def move(self) -> None:
        """Push the mouse aside."""
        self._do(X.MotionNotify, x=200, y=200)

    def _do(self, event: int, detail: int = 0, **place: int) -> None:
        xtest.fake_input(self._x, event, detail, **place)
        self._x.sync()


@dataclass
class Grip:
    """What is held, and by whom."""

    owner: Program
    controller: Program
    own: OwnHands
    hands: Hands
    """See what is down."""
    far: Host
    """Where the controller sits."""
    granted: float
    """Unix time."""
    once_open: ExitStack
    """Takes what has to be undone once nothing is down, so that the owner's engine can say why."""
    at_last: ExitStack
    """Takes what has to be undone before the programs end."""

    @property
    def owner_id(self) -> str:
        """Who the owner is."""
        return own_id(self.owner)

    @property
    def controller_id(self) -> str:
        """Who the controller is."""
        return own_id(self.controller)

    def held(self) -> list[str]:
        """What is down at the owner's display, as it is called on keyboards."""
        return self.hands.named(self.hands.held())

    def opened(self, seconds: float) -> float | None:
        """Wait until nothing is down; monotonic seconds of when that was seen, None if it never was."""
        deadline = time.monotonic() + seconds
        while self.hands.held():
            if time.monotonic() > deadline:
                return None
            time.sleep(_LOOK_S)
        return time.monotonic()


@contextmanager
def grip(bench: Bench, *, minutes: int = 60) -> Iterator[Grip]:
    """An owner and a controller who holds all of it, by a grant for so long, until the block is left."""
    with ExitStack() as stack:
        display = stack.enter_context(Display())
        owner, controller = stack.enter_context(shared_screen(bench, display.name))
        at_last, once_open = (stack.enter_context(ExitStack()) for _ in range(2))
        controller.wait_for(is_event("picture"))
        hands = Hands(display.name)
        stack.callback(hands.close)
        own = OwnHands(display.name)
        stack.callback(own.close)
        grant(owner, controller, minutes=minutes)
        granted = next(at for at, line in owner.said("control") if line["state"] == "granted")
        peer = own_id(owner)
        for key, code in KEYS:
            controller.send({"do": "input", "peer": peer, "kind": "key_down", "key": key, "code": code})
        controller.send({"do": "input", "peer": peer, "kind": "press", "button": "left", "x": 0.5, "y": 0.5})
        _wait(lambda: len(hands.held()) == _HELD)
        time.sleep(_HOLD_S)
        _wait(lambda: len(hands.held()) == _HELD)
        yield Grip(owner, controller, own, hands, bench.hosts.far, granted, once_open, at_last)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not condition():
        if time.monotonic() > deadline:
            raise ProgramFailed("not everything is held that should be")
        time.sleep(_LOOK_S)
