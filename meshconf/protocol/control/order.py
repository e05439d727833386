"""Brings motion, which may be lost or late, and inputs, which are not, into the order in which they were meant.

A motion says after which input it was made. One that is late is thrown away, so that it cannot drag back what was
pressed meanwhile; one that is early waits until the inputs before it have come.
"""

from __future__ import annotations

from meshconf.protocol.control.input import Input, Move
from meshconf.protocol.control.messages import ControlInputs, ControlMotion


class Order:
    """The receiving end of one grant."""

    def __init__(self) -> None:
        self._taken = 0
        """Number of the last input."""
        self._newest = -1
        """Number of the newest motion."""
        self._early: ControlMotion | None = None

    def inputs(self, message: ControlInputs) -> tuple[list[Input], bool]:
        """Take inputs.

        Returns:
            What is to be done now, and whether inputs before these are missing, as when the connection was replaced.
        """
        skip = max(0, self._taken + 1 - message.first)
        missing = message.first > self._taken + 1
        fresh: list[Input] = list(message.inputs[skip:])
        self._taken = max(self._taken, message.first + len(message.inputs) - 1)
        early = self._early
        if early is not None and early.after <= self._taken:
            self._early = None
            if early.after == self._taken:
                fresh.append(Move(early.x, early.y))
        return fresh, missing

    def motion(self, message: ControlMotion) -> Input | None:
        """Take a motion; returns what is to be done now."""
        if message.n <= self._newest or message.after < self._taken:
            return None
        self._newest = message.n
        if message.after > self._taken:
            self._early = message
            return None
        return Move(message.x, message.y)
