"""What the meeting page shows, computed from the engine's events. Pure: no Textual app, no clock, no I/O.

`MeetingModel.apply` takes any object at all, never raises, and says what changed so that widgets redraw only that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from meshconf.tui import fields
from meshconf.tui.change import Change
from meshconf.tui.conversation import ChatLine, Conversation, LineKind
from meshconf.tui.devices import Devices, devices_of
from meshconf.tui.fields import Event
from meshconf.tui.participant import Participant
from meshconf.tui.people import PEOPLE_LIMIT, People
from meshconf.tui.remote_control import Control
from meshconf.tui.rules import Rules
from meshconf.tui.talk import Talk
from meshconf.tui.waiting import Waiting, WaitingLine
from meshconf.types import PeerState, Role, SourceKind


class MeetingModel:
    """The meeting as one face knows it."""

    def __init__(self, own_name: str = "") -> None:
        self.title = ""
        self.invite = ""
        self.link = ""
        self.rules = Rules()
        self.seconds: float | None = None
        """Seconds that the meeting had lasted by the newest event."""
        self.left: str | None = None
        """Why the meeting is over for us; None while it runs."""
        self.windows: bool | None = None
        """Whether the engine shows pictures in windows; None until it knows."""
        self.returned = ""
        """A former host who was lost and is back, while the role is ours to give back."""
        self.talk = Talk()
        self.control = Control()
        self.devices: Devices | None = None
        """What this machine has, once it was asked for."""
        self.alert = ""
        """What the person should see at once, and need not find again."""
        self._everybody = People(own_name)
        self._waiting = WaitingLine()
        self._conversation = Conversation(self._everybody)
        self._handlers: dict[str, Callable[[Event], Change]] = {
            "room": self._room,
            "joined": self._joined,
            "peer": self._peer,
            "room_state": self._room_state,
            "source": self._everybody.source,
            "picture": self._everybody.picture,
            "windows": self._windows,
            "levels": self._everybody.levels,
            "stats": self._everybody.stats,
            "chat": self._chat,
            "lobby": self._lobby,
            "microphone": self._microphone,
            "volume": self._volume,
            "hand": self._hand,
            "deafened": self._everybody.deafened,
            "playback": self._playback,
            "sounds": self._sounds,
            "phrase": self._everybody.phrase,
            "control": self._control,
            "control_paused": self._control_paused,
            "copied": self._copied,
            "devices": self._devices_told,
            "pointing": self._pointing,
            "host_returned": self._host_returned,
            "notice": self._notice,
            "error": self._error,
            "ok": self._describe,
            "left": self._left,
        }

    @property
    def own(self) -> str:
        """The id of the person at this terminal; empty until the engine has told it."""
        return self._everybody.own

    @property
    def people(self) -> dict[str, Participant]:
        """Everybody in the meeting by their ids, ourselves included."""
        return self._everybody.by_peer

    @property
    def lobby(self) -> dict[str, Waiting]:
        """Who waits to be let in by us, longest first."""
        return self._waiting.by_peer

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
        return self._everybody.sorted(self.rules.host)

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
        self._conversation.say(text, number, to, self.seconds)
        return Change.CHAT

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
        return self._everybody.has_twin(person)

    def name(self, peer: str) -> str:
        """What to call somebody."""
        return self._everybody.name(peer)

    def _room(self, event: Event) -> Change:
        self._everybody.become(event)
        if not self.rules.host:
            self.rules = Rules(host=self.own)
        return self._describe(event) | Change.ROOM | Change.PEOPLE

    def _joined(self, event: Event) -> Change:
        self._everybody.become(event)
        # The rules may have been told before: a newcomer's engine knows the room's log first.
        self.rules = replace(self.rules, host=fields.peer(event, "host") or self.rules.host)
        self._everybody.found(event)
        return self._describe(event) | Change.ROOM | Change.PEOPLE

    def _describe(self, event: Event) -> Change:
        """Title and invite, wherever they are told."""
        before = (self.title, self.invite, self.link)
        self.title = fields.text(event, "title", 80) or self.title
        self.invite = fields.text(event, "invite", 120) or self.invite
        self.link = fields.text(event, "link", 600) or self.link
        return Change.ROOM if before != (self.title, self.invite, self.link) else Change.NONE

    def _peer(self, event: Event) -> Change:
        peer, state = fields.peer(event), event.get("state")
        if not peer or state not in list(PeerState):
            return Change.NONE
        if state == PeerState.LEFT:
            return self._gone(peer, event)
        come = self._everybody.met(event)
        return Change.PEOPLE | (self._tell(f"{come.called} joined", event) if come else Change.NONE)

    def _gone(self, peer: str, event: Event) -> Change:
        if (gone := self._everybody.left(peer)) is None:
            return Change.NONE
        self.talk.hands.pop(peer, None)
        self.control.pointing.discard(peer)
        change = Change.PEOPLE | self._tell(f"{gone.called} left", event)
        if peer == self.returned:
            self.returned, change = "", change | Change.ROOM
        return change

    def _room_state(self, event: Event) -> Change:
        self.rules = self.rules.told(event)
        if self.role is Role.MEMBER:
            self.lobby.clear()
        if self.role is not Role.HOST:
            self.returned = ""
        return Change.ROOM | Change.PEOPLE | self._describe(event)

    def _windows(self, event: Event) -> Change:
        self.windows = event.get("open") is True
        return Change.PICTURES

    def _chat(self, event: Event) -> Change:
        return Change.CHAT if self._conversation.heard(event) else Change.NONE

    def _lobby(self, event: Event) -> Change:
        changed, told = self._waiting.told(event)
        return (Change.ROOM if changed else Change.NONE) | (self._tell(told, event) if told else Change.NONE)

    def _control(self, event: Event) -> Change:
        told = self.control.told(event)
        return Change.ROOM | Change.PEOPLE | (self._tell(told, event) if told else Change.NONE)

    def _control_paused(self, event: Event) -> Change:
        self.control.told_paused(event)
        return Change.ROOM

    def _devices_told(self, event: Event) -> Change:
        self.devices = devices_of(event)
        return Change.ROOM

    def _copied(self, event: Event) -> Change:
        told = self.control.told_copied(event)
        return Change.ROOM | (self._tell(told, event) if told else Change.NONE)

    def _pointing(self, event: Event) -> Change:
        self.control.told_pointing(event, self.own)
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
        if event.get("peer") is not None:
            return self._everybody.volume(event)
        self.talk.volume(event)
        return Change.ROOM | Change.PEOPLE

    def _hand(self, event: Event) -> Change:
        rose = self.talk.hand(event, PEOPLE_LIMIT)
        self._everybody.line_up(self.talk)
        peer = fields.peer(event)
        if not rose or peer == self.own:
            return Change.PEOPLE
        return Change.PEOPLE | self._tell(f"{self.name(peer)} wants to speak", event)

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
