"""The events of the control API about remote control."""

from __future__ import annotations

from meshconf.conference.events import Event
from meshconf.protocol.control.events import Role, State
from meshconf.types import KeyVerdict


class Control(Event, tag="control"):
    """Remote control between us and somebody went a step further."""

    peer: str
    name: str
    role: Role
    """Ours: `controlled` when it is about our screen, `controller` when it is about theirs."""
    state: State
    reason: str | None = None
    """Why it was denied or ended: see the protocol, section remote control."""
    identity: KeyVerdict | None = None
    """Of who asks: whether we met that key before."""
    seconds: float | None = None
    """Of a grant: for how long; null until it is ended."""
    clipboard: bool | None = None
    """Of a grant: whether text may be copied both ways."""
    lasted: float | None = None
    """Of an end after a grant: seconds."""
    counts: dict[str, int] | None = None
    """Of an end at the owner: what was done, by kind of input; of `text` its characters."""


class Copied(Event, tag="copied"):
    """The owner of the machine that we control copied text there."""

    peer: str
    name: str
    text: str


class ControlPaused(Event, tag="control_paused"):
    """The owner uses mouse or keyboard, and the controller's are thrown away for the time being; or no more."""

    peer: str
    name: str
    role: Role
    paused: bool


class Pointing(Event, tag="pointing"):
    """Somebody began to point at a screen, or ended it."""

    peer: str
    name: str
    owner: str
    """Whose screen."""
    on: bool
