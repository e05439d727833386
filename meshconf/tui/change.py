"""Which parts of the meeting page are to be drawn again. Pure."""

from __future__ import annotations

from enum import Flag, auto


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
