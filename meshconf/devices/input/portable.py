"""Mouse and keyboard of Windows and macOS, through pynput.

Characters are typed as such, so that the layouts at both ends do not matter; keys that are no characters, and letters
while a modifier is down, are pressed as keys.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from typing import Any

import mss
from pynput import keyboard, mouse  # type: ignore[import-untyped]

from meshconf.devices.input.panic import Panic as Alarm
from meshconf.devices.input.support import require_control
from meshconf.devices.input.wheel import Wheel
from meshconf.devices.input.wire import Copied, OwnInput, Panic
from meshconf.devices.screen_area import area_of
from meshconf.errors import DeviceError
from meshconf.protocol.control.input import Button, Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text
from meshconf.types import Area

_NAMED = {
    "Enter": "enter",
    "Tab": "tab",
    "Backspace": "backspace",
    "Delete": "delete",
    "Escape": "esc",
    "Insert": "insert",
    "Home": "home",
    "End": "end",
    "PageUp": "page_up",
    "PageDown": "page_down",
    "ArrowLeft": "left",
    "ArrowUp": "up",
    "ArrowRight": "right",
    "ArrowDown": "down",
    "Shift": "shift",
    "Control": "ctrl",
    "Alt": "alt",
    "Meta": "cmd",
    "Super": "cmd",
    "OS": "cmd",
    "Hyper": "cmd",
    "ContextMenu": "menu",
    "PrintScreen": "print_screen",
    "Pause": "pause",
    "ScrollLock": "scroll_lock",
    "AudioVolumeDown": "media_volume_down",
    "AudioVolumeMute": "media_volume_mute",
    "AudioVolumeUp": "media_volume_up",
    "MediaPlayPause": "media_play_pause",
    "MediaTrackPrevious": "media_previous",
    "MediaTrackNext": "media_next",
    **{f"F{number}": f"f{number}" for number in range(1, 21)},
}
"""W3C names of keys, as pynput calls those that it knows; not every system has all."""
_BUTTONS: dict[Button, tuple[str, ...]] = {
    "left": ("left",),
    "middle": ("middle",),
    "right": ("right",),
    "back": ("x1", "button8"),
    "forward": ("x2", "button9"),
}


class PortableInjector:
    """See `injector.Injector`.

    Args:
        screen: which part of the display, see `open_injector`.

    Raises:
        DeviceError: the system does not let us, or there is no such screen.
    """

    def __init__(self, screen: str | Area) -> None:
        require_control()
        with mss.MSS() as screens:
            self.area = screen if isinstance(screen, Area) else area_of(screen, screens.monitors)
        self._mouse = mouse.Controller()
        self._keyboard = keyboard.Controller()
        self._pressed: list[Any] = []
        self._down: dict[str, Any] = {}
        self._wheel = Wheel()
        self._watch = _Watch()

    def do(self, input: Input) -> None:
        """See `Injector`."""
        match input:
            case Move(x=x, y=y):
                self._move(x, y)
            case Press(button=button, x=x, y=y):
                self._move(x, y)
                if (known := _button(button)) is not None:
                    self._pressed.append(known)
                    self._mouse.press(known)
            case Release(button=button, x=x, y=y):
                self._move(x, y)
                if (known := _button(button)) in self._pressed:
                    self._pressed.remove(known)
                    self._mouse.release(known)
            case Scroll(dx=dx, dy=dy, x=x, y=y):
                self._move(x, y)
                across, down = self._wheel.turn(dx, dy)
                if across or down:
                    self._mouse.scroll(across, -down)  # up is positive there
            case KeyDown(key=key, code=code):
                known = self._down.get(code or key) or _key(key, code)
                if known is not None:
                    self._down[code or key] = known
                    self._keyboard.press(known)  # again for each repetition: these systems repeat nothing by themselves
            case KeyUp(key=key, code=code):
                if (known := self._down.pop(code or key, None)) is not None:
                    self._keyboard.release(known)
            case Text(text=text):
                self._keyboard.type(text)

    def let_go(self) -> None:
        """See `Injector`."""
        for button in reversed(self._pressed):
            self._mouse.release(button)
        for key in reversed(self._down.values()):
            self._keyboard.release(key)
        self._pressed.clear()
        self._down.clear()

    def copy(self, text: str) -> None:
        """See `Injector`; pynput has no clipboard."""

    def files(self) -> list[int]:
        """See `Injector`."""
        return [self._watch.fileno()]

    def news(self) -> list[OwnInput | Panic | Copied]:
        """See `Injector`."""
        return list(self._watch.news())

    def close(self) -> None:
        """See `Injector`."""
        self.let_go()
        self._watch.close()

    def _move(self, x: float, y: float) -> None:
        self._mouse.position = self.area.pixel(x, y)


class _Watch:
    """The owner's own mouse and keyboard; listeners run in threads of their own, and say which events were injected."""

    def __init__(self) -> None:
        self._found: deque[OwnInput | Panic] = deque(maxlen=100)
        self._alarm = Alarm()
        self._lock = threading.Lock()
        self._ready, self._signal = os.pipe()
        os.set_blocking(self._signal, False)
        self._listeners = [
            keyboard.Listener(on_press=self._pressed, on_release=self._released),
            mouse.Listener(on_move=self._moved, on_click=self._clicked, on_scroll=self._clicked),
        ]
        for listener in self._listeners:
            listener.start()
        if sys.platform == "darwin" and not all(getattr(one, "IS_TRUSTED", True) for one in self._listeners):
            raise DeviceError(
                "macOS does not let this terminal use mouse and keyboard.",
                fix="allow it in System Settings, Privacy & Security, Accessibility, and start the terminal again",
            )

    def fileno(self) -> int:
        """What to wait for."""
        return self._ready

    def news(self) -> list[OwnInput | Panic]:
        """What the owner did since the last call."""
        with self._lock:
            found = list(self._found)
            if found:
                os.read(self._ready, 65_536)
            self._found.clear()
        return found

    def close(self) -> None:
        """Look no more."""
        for listener in self._listeners:
            listener.stop()

    def _pressed(self, key: Any, injected: bool) -> None:
        if not injected:
            escape = key == keyboard.Key.esc
            self._tell(OwnInput(), *([Panic()] * self._alarm.pressed(escape=escape, now=time.monotonic())))

    def _released(self, _: Any, injected: bool) -> None:
        if not injected:
            self._tell(OwnInput())

    def _moved(self, _x: float, _y: float, injected: bool) -> None:
        if not injected:
            self._tell(OwnInput())

    def _clicked(self, _x: float, _y: float, _one: Any, _two: Any, injected: bool) -> None:
        if not injected:
            self._tell(OwnInput())

    def _tell(self, *news: OwnInput | Panic) -> None:
        with self._lock:
            waiting = bool(self._found)
            self._found.extend(news)
            if not waiting:
                os.write(self._signal, b".")


def _key(key: str, code: str) -> Any:
    if len(key) == 1:
        return keyboard.KeyCode.from_char(key)
    name = _NAMED.get(key, "")
    side = f"{name}_r" if code.endswith("Right") else name
    return getattr(keyboard.Key, side, None) or getattr(keyboard.Key, name, None)


def _button(button: Button) -> Any:
    return next((found for name in _BUTTONS[button] if (found := getattr(mouse.Button, name, None))), None)
