"""What the meeting page shows, computed from the engine's events. Pure: no Textual app, no clock, no I/O.

`MeetingModel.apply` takes any object at all, never raises, and says what changed so that widgets redraw only that.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Flag, auto

from meshconf.tui import fields
from meshconf.tui.control import Control
from meshconf.tui.conversation import ChatLine, Conversation, LineKind
from meshconf.tui.fields import Event
from meshconf.tui.participant import Identity, Participant, identity_of
from meshconf.tui.rules import Role, Rules
from meshconf.tui.talk import Talk, gain_of
from meshconf.types import LinkPath, PeerState, SourceKind

PEOPLE_LIMIT = 100
WAITING_LIMIT = 100
_TEXT_LIMIT = 4000
_BUS = re.compile(r"[\w-]{1,60}", re.ASCII)
"""What shared memory is called; never a path."""


class Change(Flag):
    """Which parts of the page an event touched."""

    NONE = 0
    ROOM = auto()
    PEOPLE = auto()
    LEVELS = auto()
    CHAT = auto()
    PICTURES = auto()
    ALERT = auto()
    LEFT = auto()


@dataclass(frozen=True)
class Waiting:
    """Somebody in the lobby."""

    peer: str
    name: str
    identity: Identity | None


class MeetingModel:
    """The meeting as one face knows it."""

    def __init__(self, own_name: str = "") -> None:
        self.title = ""
        self.invite = ""
        self.link = ""
        self.own = ""
        self.own_name = own_name
        self.rules = Rules()
        self.seconds: float | None = None
        """Seconds that the meeting had lasted by the newest event."""
        self.left: str | None = None
        """Why the meeting is over for us; None while it runs."""
        self.showing = "live"
        """What the others see of our own screen: `live`, `frozen` or `blank`."""
        self.people: dict[str, Participant] = {}
        self.lobby: dict[str, Waiting] = {}
        """Who waits to be let in by us, longest first."""
        self.windows: bool | None = None
        """Whether the engine shows pictures in windows; None until it knows."""
        self.returned = ""
        """A former host who was lost and is back, while the role is ours to give back."""
        self.talk = Talk()
        self.control = Control()
        self.alert = ""
        """What the person should see at once, and need not find again."""
        self._conversation = Conversation()
        self._handlers: dict[str, Callable[[Event], Change]] = {
            "room": self._room,
            "joined": self._joined,
            "peer": self._peer,
            "room_state": self._room_state,
            "source": self._source,
            "picture": self._picture,
            "windows": self._windows,
            "levels": self._levels,
            "stats": self._stats,
            "chat": self._chat,
            "lobby": self._lobby,
            "microphone": self._microphone,
            "volume": self._volume,
            "hand": self._hand,
            "deafened": self._deafened,
            "playback": self._playback,
            "sounds": self._sounds,
            "phrase": self._phrase,
            "control": self._control,
            "control_paused": self._control_paused,
            "host_returned": self._host_returned,
            "notice": self._notice,
            "error": self._error,
            "ok": self._describe,
            "left": self._left,
        }

    @property
    def chat(self) -> deque[ChatLine]:
        """The lines of the chat pane."""
        return self._conversation.lines

    @property
    def role(self) -> Role:
        """What the person at this terminal is."""
        return self.rules.role(self.own)

    @property
    def me(self) -> Participant | None:
        """The person at this terminal, once the engine has said who that is."""
        return self.people.get(self.own)

    @property
    def heir(self) -> Participant | None:
        """Who becomes host when the host leaves."""
        present = {one.peer for one in self.people.values() if one.state is PeerState.CONNECTED}
        return self.people.get(self.rules.heir(present))

    def present(self) -> list[Participant]:
        """Everybody in the meeting: own first, then the host, then by name."""
        host = self.rules.host
        return sorted(
            self.people.values(), key=lambda one: (not one.own, one.peer != host, one.name.casefold(), one.peer)
        )

    def apply(self, event: object) -> Change:
        """Take one event in, whatever it is.

        Returns:
            What is to be drawn again.
        """
        if not isinstance(event, Mapping):
            return Change.NONE
        if (seconds := fields.number(event, "t")) is not None:
            self.seconds = seconds
        name = event.get("event")
        handler = self._handlers.get(name) if isinstance(name, str) else None
        return handler(event) if handler else Change.NONE

    def say(self, text: str, number: int, to: str = "") -> Change:
        """Show what the person just typed; the engine's echo of it, if any, is not shown twice.

        Args:
            text: What was typed.
            number: The `id` that the command carries.
            to: The one person to whom it is said.
        """
        self._conversation.sent(number, text, to)
        name = self.name(to) if to else ""
        return self._add(
            LineKind.SAID, text, peer=self.own, name=self.name(self.own), own=True, to=name, at=self.seconds
        )

    def note(self, text: str) -> Change:
        """Tell, in this face alone, that a command cannot be carried out."""
        return self._add(LineKind.ERROR, text, at=self.seconds)

    def tell(self, text: str) -> Change:
        """Tell something in this face alone."""
        return self._add(LineKind.NOTICE, text, at=self.seconds)

    def ask(self, kind: SourceKind, on: bool) -> Change:
        """Remember that a switch was pressed, until the engine says what came of it."""
        if self.me is not None:
            self.me.asked[kind] = on
        return Change.PEOPLE

    def has_twin(self, person: Participant) -> bool:
        """Whether somebody else is called the same."""
        called = person.called.casefold()
        return any(one.called.casefold() == called for one in self.people.values() if one.peer != person.peer)

    def name(self, peer: str) -> str:
        """What to call somebody."""
        return person.called if (person := self.people.get(peer)) else "Somebody"

    def _room(self, event: Event) -> Change:
        self._become(event)
        if not self.rules.host:
            self.rules = Rules(host=self.own)
        return self._describe(event) | Change.ROOM | Change.PEOPLE

    def _joined(self, event: Event) -> Change:
        self._become(event)
        # The rules may have been told before: a newcomer's engine knows the room's log first.
        self.rules = replace(self.rules, host=fields.peer(event, "host") or self.rules.host)
        for one in fields.objects(event, "peers"):
            if (peer := fields.peer(one)) and (known := self._person(peer)):
                known.name = fields.text(one, "name", fields.NAME_LIMIT) or known.name
                known.greeted = True
        return self._describe(event) | Change.ROOM | Change.PEOPLE

    def _describe(self, event: Event) -> Change:
        """Title and invite, wherever they are told."""
        before = (self.title, self.invite, self.link)
        self.title = fields.text(event, "title", 80) or self.title
        self.invite = fields.text(event, "invite", 120) or self.invite
        self.link = fields.text(event, "link", 600) or self.link
        return Change.ROOM if before != (self.title, self.invite, self.link) else Change.NONE

    def _become(self, event: Event) -> None:
        if not (peer := fields.peer(event, "self")):
            return
        if peer != self.own:
            self.people.pop(self.own, None)
        self.own = peer
        self.own_name = fields.text(event, "name", fields.NAME_LIMIT) or self.own_name
        if me := self._person(peer):
            me.own, me.greeted, me.state = True, True, PeerState.CONNECTED
            me.name = self.own_name or "You"

    def _peer(self, event: Event) -> Change:
        peer = fields.peer(event)
        state = event.get("state")
        if not peer or state not in list(PeerState):
            return Change.NONE
        if state == PeerState.LEFT:
            if peer == self.own or (gone := self.people.pop(peer, None)) is None:
                return Change.NONE
            self.talk.hands.pop(peer, None)
            change = Change.PEOPLE | self._tell(f"{gone.called} left", event)
            if peer == self.returned:
                self.returned, change = "", change | Change.ROOM
            return change
        if (person := self._person(peer)) is None:
            return Change.NONE
        person.name = fields.text(event, "name", fields.NAME_LIMIT) or person.name
        person.state = PeerState.CONNECTED if person.own else PeerState(str(state))
        person.identity = identity_of(event) or person.identity
        path = event.get("path")
        person.path = LinkPath(str(path)) if path in list(LinkPath) else person.path
        if person.state is PeerState.CONNECTED and not person.greeted:
            person.greeted = True
            return Change.PEOPLE | self._tell(f"{person.called} joined", event)
        return Change.PEOPLE

    def _room_state(self, event: Event) -> Change:
        self.rules = self.rules.told(event)
        if self.role is Role.MEMBER:
            self.lobby.clear()
        if self.role is not Role.HOST:
            self.returned = ""
        return Change.ROOM | Change.PEOPLE | self._describe(event)

    def _source(self, event: Event) -> Change:
        peer, kind, state = fields.peer(event), event.get("source"), event.get("state")
        if kind not in list(SourceKind) or state not in ("on", "off", "forbidden"):
            return Change.NONE
        if (person := self.people.get(peer)) is None:
            return Change.NONE
        person.switched(SourceKind(str(kind)), str(state))
        if peer == self.own and kind == SourceKind.SCREEN:
            self.showing = str(event.get("showing") or "live")
        return Change.PEOPLE

    def _picture(self, event: Event) -> Change:
        kind, bus = event.get("source"), event.get("bus")
        person = self.people.get(fields.peer(event))
        if person is None or kind not in list(SourceKind):
            return Change.NONE
        if isinstance(bus, str) and _BUS.fullmatch(bus):
            person.pictures[SourceKind(str(kind))] = bus
        else:
            person.pictures.pop(SourceKind(str(kind)), None)
        return Change.PICTURES

    def _windows(self, event: Event) -> Change:
        self.windows = event.get("open") is True
        return Change.PICTURES

    def _levels(self, event: Event) -> Change:
        change = Change.NONE
        for peer, level in fields.mapping(event, "levels").items():
            person = self.people.get(peer) if isinstance(peer, str) else None
            if person is not None and isinstance(level, Mapping):
                person.heard(level)
                change = Change.LEVELS
        return change

    def _stats(self, event: Event) -> Change:
        change = Change.NONE
        for link in fields.objects(event, "links"):
            if (person := self.people.get(fields.peer(link))) is not None:
                person.measured(link)
                change = Change.PEOPLE
        return change

    def _chat(self, event: Event) -> Change:
        peer, text = fields.peer(event), fields.text(event, "text", _TEXT_LIMIT, lines=True)
        if not text:
            return Change.NONE
        own, to, past = bool(peer) and peer == self.own, fields.peer(event, "to"), event.get("past") is True
        if own and not past and self._conversation.is_echo(text, to):
            return Change.NONE
        name = self.name(peer) if peer in self.people else fields.text(event, "name", fields.NAME_LIMIT)
        at = None if past else fields.number(event, "t")
        whom = self.name(to) if to else ""
        return self._add(LineKind.SAID, text, peer=peer, name=name or "Somebody", own=own, to=whom, past=past, at=at)

    def _lobby(self, event: Event) -> Change:
        peer = fields.peer(event)
        name = fields.text(event, "name", fields.NAME_LIMIT) or "Somebody"
        if event.get("waiting") is False:
            return Change.ROOM if self.lobby.pop(peer, None) is not None else Change.NONE
        if not peer or len(self.lobby) >= WAITING_LIMIT:
            return Change.NONE
        fresh = peer not in self.lobby
        self.lobby[peer] = Waiting(peer, name, identity_of(event))
        return Change.ROOM | (self._tell(f"{name} waits to be let in", event) if fresh else Change.NONE)

    def _phrase(self, event: Event) -> Change:
        if (person := self.people.get(fields.peer(event))) is None:
            return Change.NONE
        person.phrase = fields.text(event, "phrase", 200)
        person.identity = identity_of(event) or person.identity
        return Change.PEOPLE

    def _control(self, event: Event) -> Change:
        told = self.control.told(event)
        return Change.ROOM | Change.PEOPLE | (self._tell(told, event) if told else Change.NONE)

    def _control_paused(self, event: Event) -> Change:
        self.control.told_paused(event)
        return Change.ROOM

    def _host_returned(self, event: Event) -> Change:
        self.returned = fields.peer(event)
        return Change.ROOM

    def _notice(self, event: Event) -> Change:
        text = fields.text(event, "text", 400)
        if text and event.get("code"):
            self.alert = text
            return Change.ALERT
        return self._tell(text, event) if text else Change.NONE

    def _microphone(self, event: Event) -> Change:
        self.talk.microphone(event)
        return Change.PEOPLE

    def _volume(self, event: Event) -> Change:
        if event.get("peer") is None:
            self.talk.volume(event)
            return Change.ROOM | Change.PEOPLE
        if (person := self.people.get(fields.peer(event))) is not None:
            person.gain_db, person.deaf = gain_of(event), event.get("deaf") is True
        return Change.PEOPLE

    def _hand(self, event: Event) -> Change:
        rose = self.talk.hand(event, PEOPLE_LIMIT)
        for person in self.people.values():
            person.in_line = self.talk.place_in_line(person.peer)
        peer = fields.peer(event)
        if not rose or peer == self.own:
            return Change.PEOPLE
        return Change.PEOPLE | self._tell(f"{self.name(peer)} wants to speak", event)

    def _deafened(self, event: Event) -> Change:
        if (person := self.people.get(fields.peer(event))) is not None:
            person.hears_nobody = event.get("on") is True
        return Change.PEOPLE

    def _playback(self, event: Event) -> Change:
        self.talk.playback(event)
        return Change.PEOPLE

    def _sounds(self, event: Event) -> Change:
        self.talk.sounds = event.get("on") is True
        return Change.PEOPLE

    def _error(self, event: Event) -> Change:
        text = fields.text(event, "message", 400) or fields.text(event, "code", 60) or "Something went wrong"
        self._conversation.refused(event.get("id"))
        if self.me is not None:
            self.me.asked.clear()
        return Change.PEOPLE | self._add(LineKind.ERROR, text, at=fields.number(event, "t"))

    def _left(self, event: Event) -> Change:
        self.left = fields.text(event, "reason", 200) or "left"
        return Change.LEFT

    def _tell(self, text: str, event: Event) -> Change:
        return self._add(LineKind.NOTICE, text, at=fields.number(event, "t"))

    def _add(self, kind: LineKind, text: str, **more: object) -> Change:
        self._conversation.add(kind, text, **more)
        return Change.CHAT

    def _person(self, peer: str) -> Participant | None:
        """The participant, created when new; None when the room is fuller than any that we would show."""
        if peer not in self.people and len(self.people) >= PEOPLE_LIMIT:
            return None
        return self.people.setdefault(peer, Participant(peer))
