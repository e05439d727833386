"""Mouse and keyboard of an X display, through XTEST, which every window takes for the real ones."""

from __future__ import annotations

import logging
import time

import mss
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.ext import xtest  # type: ignore[import-untyped]

from meshconf.devices.input.own import Expected, Kind
from meshconf.devices.input.panic import Panic as Alarm
from meshconf.devices.input.support import require_control
from meshconf.devices.input.wheel import Wheel
from meshconf.devices.input.wire import Copied, OwnInput, Panic
from meshconf.devices.input.x11_clipboard import X11Clipboard
from meshconf.devices.input.x11_keyboard import X11Keyboard
from meshconf.devices.input.x11_watch import X11Watch
from meshconf.devices.screen_area import area_of
from meshconf.errors import DeviceError
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text
from meshconf.protocol.control.keysyms import BUTTONS
from meshconf.types import Area

log = logging.getLogger("meshconf.devices")

_UP, _DOWN, _LEFT, _RIGHT = 4, 5, 6, 7
_KINDS: dict[int, Kind] = {
    X.KeyPress: "key down",
    X.KeyRelease: "key up",
    X.ButtonPress: "button down",
    X.ButtonRelease: "button up",
    X.MotionNotify: "motion",
}


class X11Injector:
    """See `injector.Injector`.

    Args:
        screen: which part of the display, see `open_injector`.
        after_crash: whether to release what an earlier one may have left pressed.
        clipboard: whether text is copied, too.

    Raises:
        DeviceError: no display, one without the extensions that it takes, or no such screen.
    """

    def __init__(self, screen: str | Area, *, after_crash: bool, clipboard: bool) -> None:
        require_control()
        try:
            with mss.MSS() as screens:
                monitors = list(screens.monitors)
            self._display = Display()
            self._expected = Expected()
            if not self._display.has_extension("XTEST"):
                raise DeviceError("This display has no XTEST, so nobody can control it.")
            self._watch = X11Watch(self._expected)
            self._clipboard = X11Clipboard() if clipboard else None
        except DeviceError:
            raise
        except Exception as error:  # python-xlib and mss hand on whatever goes wrong
            raise DeviceError(
                f"Mouse and keyboard of this display cannot be used: {error}.",
                fix="run meshconf inside a desktop session",
            ) from error
        self.area = screen if isinstance(screen, Area) else area_of(screen, monitors)
        self._keyboard = X11Keyboard(self._display, self._fake)
        self._alarm = Alarm()
        self._pressed: list[int] = []
        self._wheel = Wheel()
        if after_crash:
            self._mop_up()

    def do(self, input: Input) -> None:
        """See `Injector`."""
        match input:
            case Move(x=x, y=y):
                self._move(x, y)
            case Press(button=button, x=x, y=y):
                self._move(x, y)
                self._pressed.append(physical := self._physical(BUTTONS[button]))
                self._fake(X.ButtonPress, physical)
            case Release(button=button, x=x, y=y):
                self._move(x, y)
                if (physical := self._physical(BUTTONS[button])) in self._pressed:
                    self._pressed.remove(physical)
                    self._fake(X.ButtonRelease, physical)
            case Scroll(dx=dx, dy=dy, x=x, y=y):
                self._move(x, y)
                across, down = self._wheel.turn(dx, dy)
                self._click(across, _LEFT, _RIGHT)
                self._click(down, _UP, _DOWN)
            case KeyDown(key=key, code=code):
                self._keyboard.down(key, code)
            case KeyUp(key=key, code=code):
                self._keyboard.up(key, code)
            case Text(text=text):
                self._keyboard.text(text)
        self._display.flush()

    def let_go(self) -> None:
        """See `Injector`."""
        for button in reversed(self._pressed):
            self._fake(X.ButtonRelease, button)
        self._pressed.clear()
        self._keyboard.let_go()
        self._display.sync()

    def copy(self, text: str) -> None:
        """See `Injector`."""
        if self._clipboard is not None:
            self._clipboard.put(text)

    def files(self) -> list[int]:
        """See `Injector`."""
        clipboard = [] if self._clipboard is None else [self._clipboard.fileno()]
        return [self._watch.fileno(), self._display.fileno(), *clipboard]

    def news(self) -> list[OwnInput | Panic | Copied]:
        """See `Injector`."""
        events = [self._display.next_event() for _ in range(self._display.pending_events())]
        if any(event.type == X.MappingNotify for event in events):
            self._keyboard.mapping_changed()
        found: list[OwnInput | Panic | Copied] = []
        if self._clipboard is not None:
            found += [Copied(text) for text in self._clipboard.copied()]
        for kind, detail in self._watch.owners():
            found.append(OwnInput())
            escape = kind == "key down" and self._keyboard.escape(detail)
            if kind == "key down" and self._alarm.pressed(escape=escape, now=time.monotonic()):
                found.append(Panic())
        return found

    def close(self) -> None:
        """See `Injector`."""
        steps = [self.let_go, self._keyboard.close, self._watch.close, self._display.close]
        if self._clipboard is not None:
            steps.append(self._clipboard.close)
        for step in steps:
            # Where the display itself is gone, nothing is held any more; else no step may cost us the next.
            try:
                step()
            except Exception as error:  # python-xlib hands on whatever goes wrong
                log.warning("mouse and keyboard are not left as they were: %r", error)

    def _move(self, x: float, y: float) -> None:
        left, top = self.area.pixel(x, y)
        self._expected.add("motion", 0, now=time.monotonic())
        xtest.fake_input(self._display, X.MotionNotify, x=left, y=top)

    def _click(self, notches: int, back: int, forth: int) -> None:
        button = forth if notches > 0 else back
        for _ in range(abs(notches)):
            self._fake(X.ButtonPress, button)
            self._fake(X.ButtonRelease, button)

    def _physical(self, button: int) -> int:
        """The button that means this one, as left-handed people have them exchanged."""
        meanings = list(self._display.get_pointer_mapping())
        return meanings.index(button) + 1 if button in meanings else button

    def _fake(self, kind: int, detail: int) -> None:
        self._expected.add(_KINDS[kind], detail, now=time.monotonic())
        xtest.fake_input(self._display, kind, detail)

    def _mop_up(self) -> None:
        """Release whatever is pressed: XTEST has no say over the keys that the owner's own hands hold."""
        for index, byte in enumerate(self._display.query_keymap()):
            for bit in range(8):
                if byte >> bit & 1:
                    self._fake(X.KeyRelease, index * 8 + bit)
        # The state of the pointer knows five buttons; releasing one that is up does nothing.
        for button in BUTTONS.values():
            self._fake(X.ButtonRelease, self._physical(button))
        self._display.sync()
