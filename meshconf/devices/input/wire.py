"""What the engine and the process that injects say to each other: one JSON object a line, over its stdin and stdout."""

from __future__ import annotations

import msgspec

from meshconf.protocol.control.input import Input

MAX_LINE = 64 * 1024
"""Bytes of the longest line."""


class Do(msgspec.Struct, frozen=True, tag="do"):
    """Engine: do these, in this order."""

    inputs: list[Input]


class Copy(msgspec.Struct, frozen=True, tag="copy"):
    """Engine: put this text into the clipboard."""

    text: str


class LetGo(msgspec.Struct, frozen=True, tag="let-go"):
    """Engine: forget what still waits, and let everything come up that is down."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Injector: input is possible from now on, on this area of the display."""

    left: int
    top: int
    width: int
    height: int


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


Command = Do | LetGo | Copy
News = Ready | Unavailable | OwnInput | Panic | Copied

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
