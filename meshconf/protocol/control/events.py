"""What the state machines of remote control tell the application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from meshconf.protocol.control.input import Input
from meshconf.types import PeerId

Role = Literal["controller", "controlled"]
"""Ours: whether we control, or are controlled."""

State = Literal["requested", "granted", "denied", "ended"]


class Reason(StrEnum):
    """Why a request was denied, or a request or grant ended; those of later versions may have others."""

    DENIED = "denied"
    NO_ANSWER = "no-answer"
    FORBIDDEN = "forbidden"
    """The room forbids it."""
    NO_SCREEN = "no-screen"
    """Nothing is shared."""
    UNABLE = "unable"
    """What is shared is no screen, or that machine cannot be controlled."""
    BUSY = "busy"
    """Somebody else controls, or too many ask."""
    TOO_SOON = "too-soon"
    """The last request was a moment ago."""
    REVOKED = "revoked"
    """The owner ended it."""
    PANIC = "panic"
    """The owner pressed the keys that end it all."""
    RELEASED = "released"
    """The controller gave it back, or asks no more."""
    EXPIRED = "expired"
    """Its time was over."""
    IDLE = "idle"
    """Nothing was done for a long time."""
    SCREEN = "screen"
    """Another screen is shared, or none any more."""
    TRANSFER = "transfer"
    """The room has another host."""
    LOST = "lost"
    """The connection."""
    LEFT = "left"
    """Somebody left."""
    FLOOD = "flood"
    """Too much input came."""
    STUCK = "stuck"
    """Mouse and keyboard take no more."""
    CRASH = "crash"
    """What injects has died."""


@dataclass(frozen=True, slots=True)
class ControlChanged:
    """Remote control between us and a peer went a step further."""

    role: Role
    peer: PeerId
    state: State
    reason: str = ""
    """Why it was denied or ended: a `Reason`, or whatever word the other end has for it."""
    seconds: float | None = None
    """Of a grant: for how long; None until ended."""
    clipboard: bool = False
    """Of a grant: whether text may be copied."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Of an end at the owner: how many inputs of which kind were carried out."""
    lasted: float = 0.0
    """Of an end: seconds since the grant; 0 where there was none."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The owner's own mouse or keyboard pauses the controller, or the pause is over."""

    role: Role
    peer: PeerId
    paused: bool


@dataclass(frozen=True, slots=True)
class Injected:
    """To be done with this machine's mouse and keyboard, now and in this order."""

    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """The other end copied text: into our clipboard with it, if we are controlled."""

    role: Role
    peer: PeerId
    text: str


ControlEvent = ControlChanged | Paused | Injected | Copied
