"""What the page knows about talking and hearing: the own microphone, volumes, hands, what is played. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from meshconf.tui import fields
from meshconf.tui.durations import clock
from meshconf.tui.fields import Event
from meshconf.types import LOUDEST_DB, SOFTEST_DB

MUTED_MIC = {
    "keep": "stays open, unheard",
    "listen": "tells you if you talk",
    "release": "is released",
}
"""What a muted microphone does, as people call it; each leads to the next."""


@dataclass
class Playing:
    """A file or stream that we play to everybody."""

    place: str
    paused: bool = False
    position_s: float = 0.0
    duration_s: float | None = None
    repeat: bool = False

    @property
    def called(self) -> str:
        """The name of the file, or the address."""
        return self.place.rpartition("/")[2] if self.place.startswith("file:") else self.place

    @property
    def clock(self) -> str:
        """Where it is, of how much."""
        whole = "" if self.duration_s is None else f" / {clock(self.duration_s)}"
        return f"{clock(self.position_s)}{whole}"


@dataclass
class Talk:
    """The state of it all."""

    muted: bool = False
    open: bool = False
    """Whether our microphone is in use, muted or not."""
    on_air: bool = False
    push_to_talk: bool = False
    while_muted: str = "keep"
    sounds: bool = True
    gain_db: float = 0.0
    """That of all."""
    deaf: bool = False
    """Whether we hear nobody."""
    playing: Playing | None = None
    hands: dict[str, float] = field(default_factory=dict)
    """Whose hand is up, and when it went up in the meeting's time."""

    @property
    def waits_muted(self) -> bool:
        """Whether our microphone is open and nobody hears it."""
        return self.open and not self.on_air

    def place_in_line(self, peer: str) -> int:
        """Who speaks first, second, ...; 0 for whose hand is down."""
        if peer not in self.hands:
            return 0
        return sorted(self.hands, key=lambda one: (self.hands[one], one)).index(peer) + 1

    def microphone(self, event: Event) -> None:
        """Take in `microphone`."""
        self.muted, self.open = event.get("muted") is True, event.get("open") is True
        self.on_air, self.push_to_talk = event.get("on_air") is True, event.get("push_to_talk") is True
        told = event.get("while_muted")
        self.while_muted = told if isinstance(told, str) and told in MUTED_MIC else self.while_muted

    def volume(self, event: Event) -> None:
        """Take in `volume` of all."""
        self.gain_db, self.deaf = gain_of(event), event.get("deaf") is True

    def playback(self, event: Event) -> None:
        """Take in `playback`."""
        state, place = event.get("state"), fields.text(event, "from", 1000)
        if state not in ("playing", "paused") or not place:
            self.playing = None
            return
        position, duration = fields.number(event, "position_s"), fields.number(event, "duration_s")
        self.playing = Playing(place, state == "paused", position or 0.0, duration, event.get("repeat") is True)

    def hand(self, event: Event, limit: int) -> bool:
        """Take in `hand`; returns whether it went up."""
        peer = fields.peer(event)
        if event.get("up") is not True:
            self.hands.pop(peer, None)
            return False
        if peer not in self.hands and len(self.hands) < limit:
            self.hands[peer] = (fields.number(event, "t") or 0.0) - (fields.number(event, "waited_s") or 0.0)
            return True
        return False


def gain_of(event: Event) -> float:
    """The volume in an event, as far as there are such volumes."""
    return max(SOFTEST_DB, min(LOUDEST_DB, fields.number(event, "gain_db") or 0.0))
