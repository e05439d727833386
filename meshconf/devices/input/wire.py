"""What the engine and the process that injects say to each other: one JSON object a line, over its stdin and stdout."""

from __future__ import annotations

import msgspec

from meshconf.lines import Lines
from meshconf.protocol.control.input import Input
from meshconf.types import Area

MAX_LINE = 64 * 1024
"""Bytes of the longest line."""
ATTEND_EVERY = 1.0
"""Seconds between two `Attend`."""
ALONE = 3.0
"""Seconds without a word of the engine after which all comes up that is down: it is stopped, stuck or starved."""


class Do(msgspec.Struct, frozen=True, tag="do"):
    """Engine: do these, in this order."""

    inputs: list[Input]


class Copy(msgspec.Struct, frozen=True, tag="copy"):
    """Engine: put this text into the clipboard."""

    text: str


class LetGo(msgspec.Struct, frozen=True, tag="let-go"):
    """Engine: forget what still waits, and let everything come up that is down."""


class Attend(msgspec.Struct, frozen=True, tag="attend"):
    """Engine: I am here and run; said each second while somebody may act."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Injector: input is possible from now on, on this area of the display."""

    area: Area


class Unavailable(msgspec.Struct, frozen=True, tag="unavailable"):
    """Injector: this machine cannot be controlled; it ends after this."""

    sentence: str
    fix: str = ""


class OwnInput(msgspec.Struct, frozen=True, tag="own-input"):
    """Injector: the person at this machine uses mouse or keyboard; ten times a second at most."""


class Panic(msgspec.Struct, frozen=True, tag="panic"):
    """Injector: the person pressed the keys that end it all."""


class Copied(msgspec.Struct, frozen=True, tag="copied"):
    """Injector: the person at this machine copied text."""

    text: str


Command = Do | LetGo | Copy | Attend
News = Ready | Unavailable | OwnInput | Panic | Copied

COMMANDS: Lines[Command] = Lines(Command)
NEWS: Lines[News] = Lines(News)
