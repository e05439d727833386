"""Messages that cross the widget tree; a widget's own messages nest in the widget."""

from __future__ import annotations

from textual.message import Message

from meshconf.errors import MeshconfError
from meshconf.tui.change import Change


class ModelChanged(Message):
    """Events came in; several of them are told as one."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change


class EngineGone(Message):
    """The engine says nothing more: the meeting is over, or the engine is."""

    def __init__(self, sentence: str, failure: MeshconfError | None = None) -> None:
        super().__init__()
        self.sentence = sentence
        """What to tell the person; empty when the meeting just ended."""
        self.failure = failure
        """Why there never was a meeting."""


class KeyPassed(Message):
    """Goes behind a key, by the same way: when it arrives, all who were to see the key have seen it."""

    def __init__(self, number: int, rounds: int) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds
        """How often it has to go the way, this time included."""
