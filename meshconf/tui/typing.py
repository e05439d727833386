"""Tells keys that are meant from text: typed ahead, or typed by somebody who has not gone to the input. Pure."""

from __future__ import annotations

import math

PAUSE_S = 0.7
"""Letters that follow each other faster are one text; a dialog takes none before it could be read."""


class Typing:
    """Judges one key after the other.

    A text begins with a letter that is no key, or with one that comes just after a dialog has opened, and lasts as
    long as letters go on without a pause. Nothing in it is done, and the enter at its end is no answer.
    """

    def __init__(self) -> None:
        self._last = -math.inf
        self._astray = False
        """Whether the last letter was part of a text."""

    def is_text(self, key: str, at: float, *, letter: bool, known: bool, opened: float | None) -> bool:
        """Whether a key is to be overlooked.

        Args:
            key: Its name.
            at: When it was pressed, in seconds.
            letter: Whether it writes something.
            known: Whether it would do something here.
            opened: When the dialog opened that waits for an answer; None where there is none.
        """
        goes_on = self._astray and at - self._last < PAUSE_S
        if key == "enter":
            self._astray = False
            return goes_on and opened is not None
        if not letter:
            return False
        text = goes_on or (opened is not None and at - opened < PAUSE_S)
        self._astray = text or not known
        self._last = at
        return text
