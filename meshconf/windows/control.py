"""What the engine and the window process say to each other: one JSON object a line, over the child's stdin and stdout.

Pictures do not travel here; they are on the bus that `Show` names.
"""

from __future__ import annotations

import msgspec

MAX_LINE = 16 * 1024
"""Bytes of the longest line; titles are cut long before that."""


class Show(msgspec.Struct, frozen=True, tag="show"):
    """Engine: open the window, or let it read from another bus."""

    key: str
    title: str
    bus: str
    """Name of the picture bus to attach to."""


class Blank(msgspec.Struct, frozen=True, tag="blank"):
    """Engine: no picture for now; the window stays and says why."""

    key: str
    text: str


class Retitle(msgspec.Struct, frozen=True, tag="retitle"):
    """Engine: the participant has another name."""

    key: str
    title: str


class Hide(msgspec.Struct, frozen=True, tag="hide"):
    """Engine: close the window; nothing happens if there is none."""

    key: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Viewer: the libraries are loaded, windows can be shown."""


class Unavailable(msgspec.Struct, frozen=True, tag="unavailable"):
    """Viewer: no window can be shown here; it ends after this."""

    sentence: str
    fix: str


class Viewed(msgspec.Struct, frozen=True, tag="viewed"):
    """Viewer: from now on the person sees so much of the picture."""

    key: str
    height: int
    """Pixels on the screen."""
    visible: bool
    """False while the window is minimised."""


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    """Viewer: the person at the screen closed the window."""

    key: str


Command = Show | Blank | Retitle | Hide
News = Ready | Unavailable | Viewed | Closed

_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_news: msgspec.json.Decoder[News] = msgspec.json.Decoder(News)


def encode(message: Command | News) -> bytes:
    """One line, with its newline."""
    return _encoder.encode(message) + b"\n"


def decode_command(line: bytes) -> Command:
    """Raises msgspec.DecodeError for anything but a command."""
    return _commands.decode(line)


def decode_news(line: bytes) -> News:
    """Raises msgspec.DecodeError for anything but news."""
    return _news.decode(line)
