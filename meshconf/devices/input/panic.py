"""The keys with which an owner ends control at once, whatever program has the focus: Esc, three times. Pure."""

from __future__ import annotations

TIMES = 3
WITHIN = 1.5
"""Seconds."""


class Panic:
    """Counts what the owner presses."""

    def __init__(self) -> None:
        self._pressed: list[float] = []

    def pressed(self, *, escape: bool, now: float) -> bool:
        """The owner pressed a key; whether that was the last that it takes."""
        recent = [at for at in self._pressed if now - at < WITHIN]
        self._pressed = [*recent, now] if escape else []
        if len(self._pressed) < TIMES:
            return False
        self._pressed = []
        return True
