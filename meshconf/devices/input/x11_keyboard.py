"""Keys and text on an X display, through XTEST: every character, whatever layouts there are at both ends.

A character is pressed where the owner's layout has it, with the modifiers that it takes there; one that the layout
lacks is put on a free keycode for as long as it is of use. Core protocol, 5 (keyboards) and XTEST, 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

from meshconf.devices.input import keysyms
from meshconf.devices.input.keymap import Keymap, Place

_SETTLE = 0.03
"""Seconds until programs have read a changed mapping."""
_REST = 0.3
"""Seconds until programs have surely read the last key of a keycode that gets another meaning."""
_SHORTCUT = X.ControlMask | X.Mod1Mask | X.Mod4Mask
_SHIFTS = frozenset({keysyms.SHIFT, keysyms.SHIFT + 1})

Fake = Callable[[int, int], None]
"""Sends a fake event: its type and the keycode."""


class X11Keyboard:
    """The owner's keyboard.

    Args:
        display: a connection with XTEST.
        fake: presses and releases on it.
    """

    def __init__(self, display: Display, fake: Fake) -> None:
        self._display = display
        self._root = display.screen().root
        self._fake = fake
        self._first = display.display.info.min_keycode
        self._keymap = Keymap(self._rows(), self._first)
        self._down: dict[str, tuple[int, int]] = {}
        """What is held: keycode and keysym, by place or, where that is not known, by meaning."""
        self._bent: list[tuple[int, int]] = []
        """Modifiers that are changed for the key that is down now: the events that change them back, last first."""
        self._used: dict[int, float] = {}
        """When each free keycode was last pressed."""

    def mapping_changed(self) -> None:
        """Somebody changed the mapping: the owner, who has another layout now, or we."""
        self._keymap.refresh(self._rows())

    def down(self, key: str, code: str) -> None:
        """Press a key. While it is held, the display repeats it."""
        held = code or key
        if held in self._down:
            return
        self._straighten()
        keysym = keysyms.keysym_of(key, code)
        if keysym is None:
            return
        if keysym in keysyms.MODIFIERS:
            place = self._find(keysym) or self._bind([keysym]).get(keysym)
        else:
            place = self._place(keysym, key, code)
            if place is not None:
                self._bend(place)
        if place is not None:
            self._down[held] = (place.keycode, keysym)
            self._press(place.keycode)

    def up(self, key: str, code: str) -> None:
        """Release a key that is down."""
        held = self._down.pop(code or key, None)
        if held is not None:
            self._fake(X.KeyRelease, held[0])
            self._straighten()

    def text(self, text: str) -> None:
        """Type text."""
        self._straighten()
        wanted = [keysym for character in text if (keysym := keysyms.of_character(character)) is not None]
        missing = dict.fromkeys(keysym for keysym in wanted if self._find(keysym) is None)
        self._bind(list(missing)[: self._keymap.capacity])
        for keysym in wanted:
            place = self._find(keysym) or self._bind([keysym]).get(keysym)
            if place is None:
                continue
            self._bend(place)
            self._press(place.keycode)
            self._fake(X.KeyRelease, place.keycode)
            self._straighten()

    def let_go(self) -> None:
        """Release all that we hold, last pressed first."""
        self._straighten()
        for keycode, _ in reversed(self._down.values()):
            self._fake(X.KeyRelease, keycode)
        self._down.clear()

    def close(self) -> None:
        """Free the keycodes that were given a meaning; after `let_go`."""
        if bound := self._keymap.bound:
            # Programs look a key up when they get to it; those that are slow still find what was meant.
            time.sleep(max(0.0, max(self._used.values(), default=0.0) + _REST - time.monotonic()))
            for keycode in bound:
                self._display.change_keyboard_mapping(keycode, [[0] * self._keymap.width])
            self._display.sync()

    def escape(self, keycode: int) -> bool:
        """Whether a keycode is the Esc key."""
        return self._keymap.keysym(keycode) == keysyms.ESCAPE

    # Private.

    def _rows(self) -> Sequence[Sequence[int]]:
        count = self._display.display.info.max_keycode - self._first + 1
        rows: Sequence[Sequence[int]] = self._display.get_keyboard_mapping(self._first, count)
        return rows

    def _state(self) -> int:
        mask: int = self._root.query_pointer().mask
        return mask

    def _find(self, keysym: int) -> Place | None:
        state = self._state()
        place = self._keymap.find(keysym, (state >> 13) & 3, caps=bool(state & X.LockMask))
        if place is not None and place.level3 and self._keymap.find(keysyms.LEVEL3, 0) is None:
            return None  # a layout whose third level no key opens
        return place

    def _place(self, keysym: int, key: str, code: str) -> Place | None:
        """Where to press."""
        place = self._find(keysym)
        foreign = place is None or place.keycode in self._keymap.bound
        if foreign and not key.isascii() and self._state() & _SHORTCUT and (latin := keysyms.latin_of(code)):
            # Ctrl with a letter that the owner's layout lacks: what counts is the shortcut at that place.
            keysym = ord(latin)
            place = self._find(keysym)
        place = place or self._bind([keysym]).get(keysym)
        if place is not None and len(key) > 1:
            return Place(place.keycode, shift=None)  # Shift with a key that is no character is a shortcut
        return place

    def _bind(self, wanted: Sequence[int]) -> dict[int, Place]:
        """Put keysyms on free keycodes, and wait until programs know."""
        chosen = {keysym: keycode for keysym in wanted if (keycode := self._keymap.bind(keysym)) is not None}
        if chosen:
            self._wait_for(chosen.values())
            for keysym, keycode in chosen.items():
                self._display.change_keyboard_mapping(keycode, [[keysym] * self._keymap.width])
            self._display.sync()
            time.sleep(_SETTLE)
        return {keysym: Place(keycode, shift=None) for keysym, keycode in chosen.items()}

    def _wait_for(self, keycodes: Iterable[int]) -> None:
        used = max((self._used.get(keycode, 0.0) for keycode in keycodes), default=0.0)
        time.sleep(max(0.0, used + _REST - time.monotonic()))

    def _press(self, keycode: int) -> None:
        self._used[keycode] = time.monotonic()
        self._fake(X.KeyPress, keycode)

    def _bend(self, place: Place) -> None:
        """Press and release modifiers as this key needs them."""
        shifted = bool(self._state() & X.ShiftMask)
        if place.shift is True and not shifted:
            self._modify(keysyms.SHIFT, X.KeyPress, X.KeyRelease)
        elif place.shift is False and shifted:
            for keycode, keysym in self._down.values():
                if keysym in _SHIFTS:
                    self._fake(X.KeyRelease, keycode)
                    self._bent.append((X.KeyPress, keycode))
        if place.level3:
            self._modify(keysyms.LEVEL3, X.KeyPress, X.KeyRelease)

    def _modify(self, keysym: int, now: int, afterwards: int) -> None:
        place = self._keymap.find(keysym, 0)
        if place is not None:
            self._fake(now, place.keycode)
            self._bent.append((afterwards, place.keycode))

    def _straighten(self) -> None:
        while self._bent:
            self._fake(*self._bent.pop())
