"""What the state machines of remote control tell the application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from meshconf.protocol.control.input import Input
from meshconf.types import PeerId

Role = Literal["controller", "controlled"]
"""Ours: whether we control, or are controlled."""

State = Literal["requested", "granted", "denied", "ended"]


@dataclass(frozen=True, slots=True)
class ControlChanged:
    """Remote control between us and a peer went a step further."""

    role: Role
    peer: PeerId
    state: State
    reason: str = ""
    """Why it was denied or ended, as a stable word."""
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
