"""What a room tells the application above it: events in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.state import RoomState
from meshconf.types import PeerId


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The room is another than before."""

    before: RoomState
    after: RoomState
    entries: tuple[Entry, ...]
    """What was done, in order."""


@dataclass(frozen=True, slots=True)
class ActDone:
    """An act of ours stands in the log."""

    number: int


@dataclass(frozen=True, slots=True)
class ActRefused:
    """An act of ours will not be done."""

    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Undone:
    """Two halves of the room met again, and what was done in ours is not in the log that counts."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class HostReturned:
    """We are host since the former host was lost, and that person is back."""

    peer: PeerId


@dataclass(frozen=True, slots=True)
class Knocked:
    """Somebody waits in the lobby, or gave up waiting."""

    by: PeerId
    """The doorman."""
    peer: PeerId
    public: bytes
    name: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class Denied:
    """Host or an admin does not let somebody in who waits at our door."""

    peer: PeerId


@dataclass(frozen=True, slots=True)
class ClaimFailed:
    """Somebody claimed to be host although there is one, who stays it."""

    peer: PeerId
    host: PeerId


@dataclass(frozen=True, slots=True)
class Misbehaved:
    """A peer sent something about the room that cannot be true; it changed nothing."""

    peer: PeerId
    text: str


RoomEvent = StateChanged | ActDone | ActRefused | Undone | HostReturned | Knocked | Denied | ClaimFailed | Misbehaved
