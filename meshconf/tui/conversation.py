"""What was said, and what the meeting told, as the chat pane shows it. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from meshconf.tui import fields
from meshconf.tui.fields import Event
from meshconf.tui.people import People

CHAT_LIMIT = 500
_UNSENT_LIMIT = 32
_TEXT_LIMIT = 4000


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

    def __init__(self, people: People) -> None:
        self._people = people
        self.lines: deque[ChatLine] = deque(maxlen=CHAT_LIMIT)
        self._count = 0
        self._unsent: dict[int, tuple[str, str]] = {}
        """Own lines that were shown already, by the number of their command: text, and to whom."""

    def add(self, kind: LineKind, text: str, **more: Any) -> None:
        """Add a line; `more` are fields of `ChatLine`."""
        self._count += 1
        self.lines.append(ChatLine(self._count, kind, text, **more))

    def say(self, text: str, number: int, to: str, at: float | None) -> None:
        """Show an own line before the engine tells it or refuses it; `number` is that of its command."""
        self._unsent[number] = (text, to)
        while len(self._unsent) > _UNSENT_LIMIT:
            del self._unsent[next(iter(self._unsent))]
        own = self._people.own
        self._said(text, to, peer=own, name=self._people.name(own), own=True, at=at)

    def heard(self, event: Event) -> bool:
        """Take in what `chat` says; returns whether there is a new line, and not the echo of one that we show."""
        peer, to = fields.peer(event), fields.peer(event, "to")
        text, past = fields.text(event, "text", _TEXT_LIMIT, lines=True), event.get("past") is True
        own = bool(peer) and peer == self._people.own
        if not text or (own and not past and self._is_echo(text, to)):
            return False
        known = peer in self._people.by_peer
        name = self._people.name(peer) if known else fields.text(event, "name", fields.NAME_LIMIT)
        at = None if past else fields.number(event, "t")
        self._said(text, to, peer=peer, name=name or "Somebody", own=own, past=past, at=at)
        return True

    def refused(self, number: object) -> None:
        """The engine did not take the command of that number."""
        if isinstance(number, int):
            self._unsent.pop(number, None)

    def _said(self, text: str, to: str, **more: Any) -> None:
        self.add(LineKind.SAID, text, to=self._people.name(to) if to else "", **more)

    def _is_echo(self, text: str, to: str) -> bool:
        number = next((number for number, said in self._unsent.items() if said == (text, to)), None)
        return number is not None and self._unsent.pop(number, None) is not None
