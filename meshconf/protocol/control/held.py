"""What a controller holds down at the owner's machine: exactly that is released when anything ends."""

from __future__ import annotations

from meshconf.protocol.control.input import Button, Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text

MOST = 20
"""Keys held at once; a person has ten fingers."""


class Held:
    """Keys and buttons that are down, and where the pointer is."""

    def __init__(self) -> None:
        self._keys: list[KeyDown] = []
        self._buttons: list[Button] = []
        self._place = (0.5, 0.5)

    def __bool__(self) -> bool:
        return bool(self._keys or self._buttons)

    def take(self, input: Input) -> Input | None:
        """Note one input.

        Returns:
            What is to be done for it: a key comes up as it went down, whatever it is called meanwhile (Shift may have
            come up before). None for what cannot be: a second press of a button, a release of what is not down.
        """
        match input:
            case Move(x=x, y=y) | Scroll(x=x, y=y):
                self._place = (x, y)
                return input
            case Press(button=button, x=x, y=y):
                self._place = (x, y)
                if button in self._buttons:
                    return None
                self._buttons.append(button)
                return input
            case Release(button=button, x=x, y=y):
                self._place = (x, y)
                if button not in self._buttons:
                    return None
                self._buttons.remove(button)
                return input
            case KeyDown():
                return self._key_down(input)
            case KeyUp():
                return self._key_up(input)
            case Text():
                return input

    def releases(self) -> list[Input]:
        """What brings everything up again, last pressed first; nothing is held then."""
        keys = [KeyUp(key.key, key.code) for key in reversed(self._keys)]
        buttons = [Release(button, *self._place) for button in reversed(self._buttons)]
        self._keys.clear()
        self._buttons.clear()
        return [*buttons, *keys]

    def _key_down(self, down: KeyDown) -> Input | None:
        known = self._find(down)
        if known is not None:
            return known  # a repetition
        if len(self._keys) >= MOST:
            return None
        self._keys.append(down)
        return down

    def _key_up(self, up: KeyUp) -> Input | None:
        known = self._find(up)
        if known is None:
            return None
        self._keys.remove(known)
        return KeyUp(known.key, known.code)

    def _find(self, key: KeyDown | KeyUp) -> KeyDown | None:
        """The key that is down, by its place on the keyboard where both are known by that, else by what it means."""
        for known in self._keys:
            if known.code == key.code if known.code and key.code else known.key == key.key:
                return known
        return None
