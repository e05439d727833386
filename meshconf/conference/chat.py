"""What is said in writing: to all, to one, and what was said before a newcomer came, as far as the room allows it."""

from __future__ import annotations

import time
from collections.abc import Callable

from meshconf.conference import events
from meshconf.conference.driver import Driver
from meshconf.conference.events import Event
from meshconf.conference.people import People
from meshconf.errors import UsageError
from meshconf.protocol.chat import LIMIT, AskPast, Chat, ChatMessage, Conversation, HeardUpTo, Line, Past, Whisper
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.text import clean
from meshconf.types import PeerId

PAST_EVERY = 30.0
"""Seconds between two accounts of the past that one newcomer gets."""


class MeetingChat:
    """The conversation of one meeting.

    Args:
        identity: ours; signs what we say.
        driver: carries it.
        people: the names.
        tell: takes events for the faces.
    """

    def __init__(self, identity: Identity, driver: Driver, people: People, tell: Callable[[Event], None]) -> None:
        self._own = identity.peer_id
        self._driver = driver
        self._people = people
        self._tell = tell
        self._told: dict[PeerId, float] = {}
        self._may_miss: set[PeerId] = set()
        """Whose link is new, so that we repeat what they missed: once, since a short question has a long answer."""
        self._met: dict[PeerId, int] = {}
        """Our last line when they came: who has heard nothing of us yet is told what followed, and not what was before,
        which is for newcomers to ask for, as the room allows."""
        self._asked = driver.room.is_host
        self._conversation = Conversation(
            self._own, driver.room.id, sign=identity.sign, verify=verify, public=self._public
        )

    def say(self, text: str, to: PeerId | None = None) -> None:
        """Write to all, or to one.

        Raises:
            UsageError: there is nothing to send, or the person cannot be reached at the moment.
        """
        text = clean(text, LIMIT, lines=True)
        if not text:
            raise UsageError("There is nothing to send.")
        if to is None:
            self._driver.broadcast(Chat(line=self._conversation.say(text, now_ms=int(time.time() * 1000))))
        elif not self._driver.send(to, Whisper(text=text)):
            raise UsageError("That person cannot be reached at the moment.")
        self._show(self._own, text, to=to)

    def greet(self, peer: PeerId) -> None:
        """A link stands: ask for what we missed; and the host, once, for what was said before we came."""
        self._may_miss.add(peer)
        self._met.setdefault(peer, self._conversation.heard_up_to(self._own).at)
        self._driver.send(peer, self._conversation.heard_up_to(peer))
        if peer == self._driver.room.state.host and not self._asked and self._driver.room.state.history:
            self._asked = self._driver.send(peer, AskPast())

    def forget(self, peer: PeerId) -> None:
        """They have left: if they come again, they are new."""
        self._may_miss.discard(peer)
        self._met.pop(peer, None)

    def received(self, peer: PeerId, message: ChatMessage) -> None:
        """Something came in.

        Raises:
            ProtocolError: a line is not its author's.
        """
        match message:
            case Chat(line=line):
                if self._conversation.take(peer, line):
                    self._show(peer, line.text)
            case Whisper(text=text):
                self._show(peer, text, to=self._own)
            case HeardUpTo(at=at) if peer in self._may_miss:
                self._may_miss.remove(peer)
                missed = self._conversation.missed(at or self._met[peer])
                self._conversation.heard_of_us(at, now_ms=int(time.time() * 1000))
                for line in missed:
                    self._driver.send(peer, Chat(line=line))
            case AskPast():
                self._tell_past(peer)
            case Past(lines=lines):
                if peer == self._driver.room.state.host and self._driver.room.state.history:
                    self._show_past(self._conversation.take_past(lines))

    def _public(self, peer: PeerId) -> bytes | None:
        person = self._driver.room.state.people.get(peer)
        return person.public if person else None

    def _tell_past(self, peer: PeerId) -> None:
        room, now = self._driver.room, time.monotonic()
        if not (room.is_host and room.state.history) or now < self._told.get(peer, float("-inf")) + PAST_EVERY:
            return
        self._told[peer] = now
        for past in self._conversation.past():
            self._driver.send(peer, past)

    def _show_past(self, lines: list[Line]) -> None:
        for line in lines:
            self._show(PeerId(line.author), line.text, past=True)

    def _show(self, peer: PeerId, text: str, *, to: PeerId | None = None, past: bool = False) -> None:
        shown = clean(text, LIMIT, lines=True)
        if shown:
            self._tell(events.Chat(peer=peer, name=self._people.name(peer), text=shown, to=to, past=past))
