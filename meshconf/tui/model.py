"""What the meeting page shows, computed from the engine's events. Pure: no Textual app, no clock, no I/O.

`MeetingModel.apply` takes any object at all, never raises, and says what changed so that widgets redraw only that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Flag, StrEnum, auto
from typing import Any

from meshconf.tui import fields
from meshconf.tui.fields import Event
from meshconf.types import LinkPath, PeerState, SourceKind

SILENCE_DB = -90.0
CHAT_LIMIT = 500
PEOPLE_LIMIT = 100
_TEXT_LIMIT = 4000


class Change(Flag):
    """Which parts of the page an event touched."""

    NONE = 0
    ROOM = auto()
    PEOPLE = auto()
    LEVELS = auto()
    CHAT = auto()
    LEFT = auto()


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
    private: bool = False
    """Said to one person only."""
    at: float | None = None
    """Seconds since the start of the meeting."""


@dataclass
class Participant:
    """A person in the meeting, as the page shows them."""

    peer: str
    name: str = ""
    own: bool = False
    state: PeerState = PeerState.CONNECTING
    path: LinkPath | None = None
    rtt_ms: float | None = None
    loss: float | None = None
    """Share of packets lost, 0 to 1."""
    down_bps: float | None = None
    picture: str = ""
    """Size and rate of the camera or screen that arrives, such as `640x480 30 fps`."""
    sources: dict[SourceKind, str] = field(default_factory=dict)
    """`on`, `off` or `forbidden`."""
    asked: dict[SourceKind, bool] = field(default_factory=dict)
    """Own switches whose answer is not here yet."""
    level_db: float = SILENCE_DB
    speaking: bool = False
    gain_db: float = 0.0
    greeted: bool = False
    """Whether they were here before us, or their coming has been told."""

    def is_on(self, kind: SourceKind) -> bool:
        """Whether the source runs."""
        return self.sources.get(kind) == "on"


class MeetingModel:
    """The meeting as one face knows it."""

    def __init__(self, own_name: str = "") -> None:
        self.title = ""
        self.invite = ""
        self.link = ""
        self.own = ""
        self.own_name = own_name
        self.host = ""
        self.admins: tuple[str, ...] = ()
        self.locked = False
        self.lobby = False
        self.seconds: float | None = None
        """Seconds that the meeting had lasted by the newest event."""
        self.left: str | None = None
        """Why the meeting is over for us; None while it runs."""
        self.people: dict[str, Participant] = {}
        self.chat: deque[ChatLine] = deque(maxlen=CHAT_LIMIT)
        self._lines = 0
        self._unsent: dict[int, str] = {}
        self._handlers: dict[str, Callable[[Event], Change]] = {
            "room": self._room,
            "joined": self._joined,
            "peer": self._peer,
            "room_state": self._room_state,
            "source": self._source,
            "levels": self._levels,
            "stats": self._stats,
            "chat": self._chat,
            "lobby": self._lobby,
            "notice": self._notice,
            "error": self._error,
            "ok": self._ok,
            "left": self._left,
        }

    @property
    def is_host(self) -> bool:
        """Whether the person at this terminal is the host."""
        return bool(self.own) and self.own == self.host

    @property
    def me(self) -> Participant | None:
        """The person at this terminal, once the engine has said who that is."""
        return self.people.get(self.own)

    def present(self) -> list[Participant]:
        """Everybody in the meeting: own first, then the host, then by name."""
        return sorted(
            self.people.values(), key=lambda one: (not one.own, one.peer != self.host, one.name.casefold(), one.peer)
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

    def say(self, text: str, number: int) -> Change:
        """Show what the person just typed; the engine's echo of it, if any, is not shown twice.

        Args:
            text: What was typed.
            number: The `id` that the command carries.
        """
        self._unsent[number] = text
        return self._add(LineKind.SAID, text, peer=self.own, name=self._name(self.own), own=True, at=self.seconds)

    def ask(self, kind: SourceKind, on: bool) -> Change:
        """Remember that a switch was pressed, until the engine says what came of it."""
        if self.me is not None:
            self.me.asked[kind] = on
        return Change.PEOPLE

    def _room(self, event: Event) -> Change:
        self._become(fields.peer(event, "self"), fields.text(event, "name", fields.NAME_LIMIT))
        self.host = self.host or self.own
        return Change.ROOM | Change.PEOPLE | self._describe(event)

    def _joined(self, event: Event) -> Change:
        self._become(fields.peer(event, "self"), fields.text(event, "name", fields.NAME_LIMIT))
        self.host = fields.peer(event, "host") or self.host
        for one in fields.objects(event, "peers"):
            if (peer := fields.peer(one)) and (known := self._person(peer)):
                known.name = fields.text(one, "name", fields.NAME_LIMIT) or known.name
                known.greeted = True
        return Change.ROOM | Change.PEOPLE | self._describe(event)

    def _describe(self, event: Event) -> Change:
        """Title and invite, which both `room` and `joined` may carry."""
        self.title = fields.text(event, "title", 80) or self.title
        self.invite = fields.text(event, "invite", 120) or self.invite
        self.link = fields.text(event, "link", 600) or self.link
        return Change.ROOM

    def _become(self, peer: str, name: str) -> None:
        if not peer:
            return
        if peer != self.own:
            self.people.pop(self.own, None)
        self.own = peer
        self.own_name = name or self.own_name
        if me := self._person(peer):
            me.own, me.greeted, me.state = True, True, PeerState.CONNECTED
            me.name = self.own_name or "You"

    def _peer(self, event: Event) -> Change:
        peer = fields.peer(event)
        state = event.get("state")
        if not peer or state not in list(PeerState):
            return Change.NONE
        name = fields.text(event, "name", fields.NAME_LIMIT)
        if state == PeerState.LEFT:
            if peer == self.own or (gone := self.people.pop(peer, None)) is None:
                return Change.NONE
            return Change.PEOPLE | self._tell(f"{gone.name or 'Somebody'} left", event)
        if (person := self._person(peer)) is None:
            return Change.NONE
        person.name = name or person.name
        person.state = PeerState.CONNECTED if person.own else PeerState(str(state))
        path = event.get("path")
        person.path = LinkPath(str(path)) if path in list(LinkPath) else person.path
        if person.state is PeerState.CONNECTED and not person.greeted:
            person.greeted = True
            return Change.PEOPLE | self._tell(f"{person.name or 'Somebody'} joined", event)
        return Change.PEOPLE

    def _room_state(self, event: Event) -> Change:
        host = fields.peer(event, "host")
        change = Change.ROOM | Change.PEOPLE
        if host and self.host and host != self.host:
            told = "You are the host now" if host == self.own else f"{self._name(host)} is the host now"
            change |= self._tell(told, event)
        self.host = host or self.host
        self.admins = fields.peers(event, "admins")
        self.locked = event.get("locked") is True
        self.lobby = event.get("lobby") is True
        self.title = fields.text(event, "title", 80) or self.title
        return change

    def _source(self, event: Event) -> Change:
        peer, kind, state = fields.peer(event), event.get("source"), event.get("state")
        if kind not in list(SourceKind) or state not in ("on", "off", "forbidden"):
            return Change.NONE
        if (person := self.people.get(peer)) is None:
            return Change.NONE
        person.sources[SourceKind(str(kind))] = str(state)
        person.asked.pop(SourceKind(str(kind)), None)
        if kind == SourceKind.MIC and state != "on":
            person.level_db, person.speaking = SILENCE_DB, False
        return Change.PEOPLE

    def _levels(self, event: Event) -> Change:
        change = Change.NONE
        for peer, level in fields.mapping(event, "levels").items():
            person = self.people.get(peer) if isinstance(peer, str) else None
            if person is not None and isinstance(level, Mapping):
                decibels = fields.number(level, "db")
                person.level_db = SILENCE_DB if decibels is None else max(SILENCE_DB, min(0.0, decibels))
                person.speaking = level.get("speaking") is True
                change = Change.LEVELS
        return change

    def _stats(self, event: Event) -> Change:
        change = Change.NONE
        for link in fields.objects(event, "links"):
            if (person := self.people.get(fields.peer(link))) is not None:
                path = link.get("path")
                person.path = LinkPath(str(path)) if path in list(LinkPath) else person.path
                person.rtt_ms = fields.number(link, "rtt_ms")
                person.loss = fields.number(link, "loss")
                person.down_bps = fields.number(link, "down_bps")
                person.picture = _picture(link)
                change = Change.PEOPLE
        return change

    def _chat(self, event: Event) -> Change:
        peer, text = fields.peer(event), fields.text(event, "text", _TEXT_LIMIT, lines=True)
        if not text:
            return Change.NONE
        own = bool(peer) and peer == self.own
        if own and (number := next((n for n, said in self._unsent.items() if said == text), None)) is not None:
            del self._unsent[number]
            return Change.NONE
        name = self._name(peer) if peer in self.people else fields.text(event, "name", fields.NAME_LIMIT)
        return self._add(
            LineKind.SAID,
            text,
            peer=peer,
            name=name or "Somebody",
            own=own,
            private=isinstance(event.get("to"), str),
            at=fields.number(event, "t"),
        )

    def _lobby(self, event: Event) -> Change:
        return self._tell(f"{fields.text(event, 'name', fields.NAME_LIMIT) or 'Somebody'} waits to be let in", event)

    def _notice(self, event: Event) -> Change:
        text = fields.text(event, "text", 400)
        return self._tell(text, event) if text else Change.NONE

    def _error(self, event: Event) -> Change:
        text = fields.text(event, "message", 400) or fields.text(event, "code", 60) or "Something went wrong"
        if isinstance(number := event.get("id"), int):
            self._unsent.pop(number, None)
        if self.me is not None:
            self.me.asked.clear()
        return Change.PEOPLE | self._add(LineKind.ERROR, text, at=fields.number(event, "t"))

    def _ok(self, event: Event) -> Change:
        """An accepted chat line: an echo may still follow or may have come, so old entries only must not pile up."""
        while len(self._unsent) > 32:
            del self._unsent[next(iter(self._unsent))]
        return self._describe(event) if "invite" in event else Change.NONE

    def _left(self, event: Event) -> Change:
        self.left = fields.text(event, "reason", 200) or "left"
        return Change.LEFT

    def _tell(self, text: str, event: Event) -> Change:
        return self._add(LineKind.NOTICE, text, at=fields.number(event, "t"))

    def _add(self, kind: LineKind, text: str, **more: Any) -> Change:
        self._lines += 1
        self.chat.append(ChatLine(self._lines, kind, text, **more))
        return Change.CHAT

    def _name(self, peer: str) -> str:
        return (person.name if (person := self.people.get(peer)) else "") or "Somebody"

    def _person(self, peer: str) -> Participant | None:
        """The participant, created when new; None when the room is fuller than any that we would show."""
        if peer not in self.people and len(self.people) >= PEOPLE_LIMIT:
            return None
        return self.people.setdefault(peer, Participant(peer))


def _picture(link: Event) -> str:
    for one in fields.objects(link, "sources"):
        width, height, rate = (fields.number(one, key) for key in ("width", "height", "fps"))
        if width and height and rate is not None:
            return f"{width:.0f}×{height:.0f} {rate:.0f} fps"
    return ""
