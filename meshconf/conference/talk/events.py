"""The events of the control API about talking and hearing."""

from __future__ import annotations

from typing import Literal

import msgspec

from meshconf.conference.events import Event
from meshconf.config import MutedMic


class Microphone(Event, tag="microphone"):
    """Our own microphone, whenever anything about it changes; others are told by `source` only."""

    muted: bool
    open: bool
    """Whether the device is in use, be it muted or not."""
    on_air: bool
    """Whether we are heard: open, and not muted or the key is held."""
    push_to_talk: bool
    while_muted: MutedMic


class Volume(Event, tag="volume"):
    """How loud we hear somebody, or (`peer` null) all; told where it is not as it comes, and on each change."""

    peer: str | None
    gain_db: float
    deaf: bool
    """Whether we do not hear them at all."""


class Sounds(Event, tag="sounds"):
    """Whether small sounds are on."""

    on: bool


class Hand(Event, tag="hand"):
    """Somebody, or we, took a hand up or down."""

    peer: str
    name: str
    up: bool
    waited_s: float = 0.0
    """Seconds for which it has been up already: whoever waits longest is first, whenever we came."""


class Deafened(Event, tag="deafened"):
    """Somebody, or we, hear nobody at present, or people again."""

    peer: str
    on: bool


class Playback(Event, tag="playback"):
    """What we play to everybody: on each change, and once a second while it plays."""

    state: Literal["playing", "paused", "stopped"]
    place: str = msgspec.field(name="from", default="")
    """File or address; as it was played last once it has stopped."""
    position_s: float = 0.0
    duration_s: float | None = None
    """Null for a stream, which has no end to speak of."""
    repeat: bool = False
