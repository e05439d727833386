"""Who controls whose screen, as one face knows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from meshconf.protocol.control.events import Reason
from meshconf.tui import fields
from meshconf.tui.durations import FOREVER
from meshconf.tui.fields import Event
from meshconf.tui.participant import identity_of
from meshconf.types import KeyVerdict

LIMIT = 100
TEXT_LIMIT = 3000
"""Characters that one copies at once."""

_ENDINGS: Mapping[str, str] = {
    Reason.EXPIRED: "its time was over",
    Reason.IDLE: "nothing was done for ten minutes",
    Reason.PANIC: "{owner} pressed Esc three times",
    Reason.LOST: "the connection was lost",
    Reason.LEFT: "somebody left",
    Reason.FORBIDDEN: "the room forbids it now",
    Reason.TRANSFER: "the room has another host",
    Reason.SCREEN: "the screen is not shared any more",
    Reason.FLOOD: "too much input came at once",
    Reason.CRASH: "mouse and keyboard could not be used any more",
    Reason.STUCK: "mouse and keyboard could not be used any more",
}


@dataclass(frozen=True)
class Asking:
    """Somebody who asks for control of our screen."""

    peer: str
    name: str
    identity: KeyVerdict | None


@dataclass(frozen=True)
class Grant:
    """What we allow to whoever asks."""

    minutes: int
    """0: until it is ended."""
    clipboard: bool = False
    """Whether text may be copied both ways."""


@dataclass(frozen=True)
class CopiedText:
    """What the owner of a screen that we control copied there. It is theirs: our clipboard gets it by a key only."""

    peer: str
    text: str


@dataclass
class Control:
    """Both sides of it."""

    asking: dict[str, Asking] = field(default_factory=dict)
    """Who asks us, longest first."""
    given: str = ""
    """Whom we have given control of our screen just now, while mouse and keyboard get ready there."""
    controller: str = ""
    """Who controls our screen."""
    until: float = FOREVER
    """When that ends, in seconds of the meeting."""
    clipboard: bool = False
    """Whether they may copy text from and to our machine."""
    asked: set[str] = field(default_factory=set)
    """Whom we ask."""
    controlling: dict[str, float] = field(default_factory=dict)
    """Whose screens we control, and until when."""
    paused: set[str] = field(default_factory=set)
    """Where the owner's own input goes before that of the other, by who the other is to us."""
    copied: CopiedText | None = None
    """What we may take into our clipboard: the newest."""
    pointing: set[str] = field(default_factory=set)
    """Who points at our screen."""

    def told(self, event: Event) -> str:
        """Take in what `control` says; returns a sentence for the person, or nothing."""
        peer, state = fields.peer(event), event.get("state")
        name = fields.text(event, "name", fields.NAME_LIMIT) or "Somebody"
        seconds, reason = fields.number(event, "seconds"), fields.text(event, "reason", 40)
        until = FOREVER if seconds is None else (fields.number(event, "t") or 0.0) + seconds
        if not peer:
            return ""
        if event.get("role") == "controlled":
            self.clipboard = event.get("clipboard") is True if state == "granted" else self.clipboard
            return self._controlled(Asking(peer, name, identity_of(event)), state, until, reason)
        return self._controls(peer, name, state, until, reason) if event.get("role") == "controller" else ""

    def told_paused(self, event: Event) -> None:
        """Take in what `control_paused` says."""
        (self.paused.add if event.get("paused") is True else self.paused.discard)(fields.peer(event))

    def told_copied(self, event: Event) -> str:
        """Take in `copied` from a screen that we control; returns a sentence, unless one waits to be acted on."""
        peer, text = fields.peer(event), fields.text(event, "text", TEXT_LIMIT, lines=True)
        if peer not in self.controlling or not text:
            return ""
        waits, self.copied = self.copied, CopiedText(peer, text)
        name = fields.text(event, "name", fields.NAME_LIMIT) or "Somebody"
        return "" if waits else f"{name} copied text on the screen that you control; c takes it into your clipboard"

    def told_pointing(self, event: Event, own: str) -> None:
        """Take in what `pointing` says of our screen."""
        peer = fields.peer(event)
        if event.get("on") is not True:
            self.pointing.discard(peer)
        elif event.get("owner") == own and len(self.pointing) < LIMIT:
            self.pointing.add(peer)

    def take_copied(self) -> str:
        """The text that waits, once; empty if there is none."""
        taken, self.copied = self.copied, None
        return taken.text if taken else ""

    def answer(self, peer: str, grant: Grant | Literal[False]) -> None:
        """The person answered who asks; that the engine knows it too is told a moment later."""
        self.asking.pop(peer, None)
        if grant:
            self.given = peer

    def ending(self) -> list[dict[str, Any]]:
        """The commands that end whatever there is: control of our screen first, else what we control or ask for."""
        if whose := self.controller or self.given:
            return [{"do": "control_revoke", "peer": whose}]
        return [{"do": "control_release", "peer": peer} for peer in [*self.controlling, *self.asked]]

    def _controlled(self, who: Asking, state: Any, until: float, reason: str) -> str:
        asking = self.asking.pop(who.peer, None)
        if self.given == who.peer:
            self.given = ""
        match state:
            case "requested" if len(self.asking) < LIMIT:
                self.asking[who.peer] = who
                return f"{who.name} asks for control of your screen"
            case "granted":
                self.controller, self.until = who.peer, until
                return f"{who.name} controls your screen"
            case "denied":
                return f"{who.name} asked for control and got no answer" if reason == Reason.NO_ANSWER else ""
            case "ended" if self.controller == who.peer:
                self.controller = ""
                self.paused.discard(who.peer)
                return _because(f"{who.name} does not control your screen any more", reason, owner="you")
            case "ended" if asking is not None:
                return f"{who.name} does not ask for control any more"
            case _:
                return ""

    def _controls(self, peer: str, name: str, state: Any, until: float, reason: str) -> str:
        self.asked.discard(peer)
        known = self.controlling.pop(peer, None)
        if state != "granted" and self.copied and self.copied.peer == peer:
            self.copied = None
        match state:
            case "requested" if len(self.asked) < LIMIT:
                self.asked.add(peer)
                return f"You ask for control of the screen of {name}"
            case "granted" if len(self.controlling) < LIMIT:
                self.controlling[peer] = until
                return f"You control the screen of {name}"
            case "ended" if known is not None:
                self.paused.discard(peer)
                return _because(f"You do not control the screen of {name} any more", reason, owner=name)
            case _:
                return ""


def _because(sentence: str, reason: str, *, owner: str) -> str:
    why = _ENDINGS.get(reason, "").replace("{owner}", owner)
    return f"{sentence}: {why}" if why else sentence
