"""What was said, and what the meeting told, as the chat pane shows it. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CHAT_LIMIT = 500
_UNSENT_LIMIT = 32


class LineKind(StrEnum):
    """Who speaks in a line of the chat pane."""

    SAID = "said"
    NOTICE = "notice"
    ERROR = "error"


@dataclass(frozen=True)
class ChatLine:
    """One entry of the chat pane."""

    number: int
    """Counts up from 1 through the whole meeting."""
    kind: LineKind
    text: str
    peer: str = ""
    name: str = ""
    own: bool = False
    to: str = ""
    """The name of the one person to whom it was said; empty when to everybody."""
    past: bool = False
    """Said before we came."""
    at: float | None = None
    """Seconds since the engine of this face started."""


class Conversation:
    """The newest lines."""

    def __init__(self) -> None:
        self.lines: deque[ChatLine] = deque(maxlen=CHAT_LIMIT)
        self._count = 0
        self._unsent: dict[int, tuple[str, str]] = {}
        """Own lines that were shown already, by the number of their command: text, and to whom."""

    def add(self, kind: LineKind, text: str, **more: Any) -> None:
        """Add a line; `more` are fields of `ChatLine`."""
        self._count += 1
        self.lines.append(ChatLine(self._count, kind, text, **more))

    def sent(self, number: int, text: str, to: str) -> None:
        """Remember an own line, shown already, until the engine tells it or refuses it."""
        self._unsent[number] = (text, to)
        while len(self._unsent) > _UNSENT_LIMIT:
            del self._unsent[next(iter(self._unsent))]

    def is_echo(self, text: str, to: str) -> bool:
        """Whether an own line that the engine tells was shown when it was typed."""
        number = next((number for number, said in self._unsent.items() if said == (text, to)), None)
        return number is not None and self._unsent.pop(number, None) is not None

    def refused(self, number: object) -> None:
        """The engine did not take the command of that number."""
        if isinstance(number, int):
            self._unsent.pop(number, None)
