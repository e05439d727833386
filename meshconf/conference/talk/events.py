"""The events of the control API about talking and hearing."""

from __future__ import annotations

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
