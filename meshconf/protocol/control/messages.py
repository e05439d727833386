"""What controller and owner of a screen say to each other; the connection says who speaks.

Everything but `ControlMotion` and `Pointing` travels on ctl, in order; these two on rt, where the next one makes up
for a lost one. Nothing here grants anything but the owner's own `ControlGrant`, and only to who asked with that number.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from meshconf.protocol.control.input import (
    KeyDown,
    KeyUp,
    PlaceOrNone,
    Press,
    Release,
    Scroll,
    Share,
    Text,
)
from meshconf.protocol.fields import Id, Message, Stamp

BATCH = 64
"""Inputs in one message."""
LONGEST_CLIP = 3000
"""Characters of the clipboard that travel: 12 kB at most, with which the message still fits ctl."""

Clip = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CLIP)]

GrantId = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
"""Random, chosen by the owner for each grant: what was sent under an earlier one is worth nothing under this."""
Word = Annotated[str, msgspec.Meta(max_length=32, pattern="^[a-z-]*$")]
"""One of `events.Reason`, or one that we do not know."""

Step = Press | Release | Scroll | KeyDown | KeyUp | Text
"""Input that must neither be lost nor change places."""


class ControlRequest(Message, frozen=True, tag="control-request"):
    """To the owner: may I control your screen?"""

    number: Stamp
    """Of the request; grows with each."""


class ControlRelease(Message, frozen=True, tag="control-release"):
    """To the owner: I do not want (any more) what I asked for under this number, granted or not."""

    number: Stamp


class ControlGrant(Message, frozen=True, tag="control-grant"):
    """To the controller: you may."""

    number: Stamp
    """Of the request."""
    grant: GrantId
    seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] | None = None
    """For so long; None until one of us ends it."""
    clipboard: bool = False
    """Whether text may be copied from one end to the other."""


class ControlDeny(Message, frozen=True, tag="control-deny"):
    """To the controller: you may not."""

    number: Stamp
    reason: Word = "denied"


class ControlRevoke(Message, frozen=True, tag="control-revoke"):
    """To the controller: it is over."""

    grant: GrantId
    reason: Word = "revoked"


class ControlPaused(Message, frozen=True, tag="control-paused"):
    """To the controller: the owner uses mouse or keyboard, what you do is thrown away for now; or no more."""

    grant: GrantId
    paused: bool


class ControlInputs(Message, frozen=True, tag="control-inputs"):
    """To the owner: do these, in this order. Without any: I am still here, and hold what I hold."""

    grant: GrantId
    first: Stamp
    """Number of the first of them; the first under a grant is 1."""
    inputs: Annotated[list[Step], msgspec.Meta(max_length=BATCH)] = []


class ControlMotion(Message, frozen=True, tag="control-motion"):
    """To the owner, on rt: the pointer is here."""

    grant: GrantId
    after: Stamp
    """Number of the last input before this motion; 0 if there was none. It counts between that one and the next."""
    n: Stamp
    """Grows with each motion under a grant."""
    x: Share
    y: Share


class ControlClipboard(Message, frozen=True, tag="control-clipboard"):
    """Both ways, where the grant allows it: this text is in my clipboard now."""

    grant: GrantId
    text: Clip


class Pointing(Message, frozen=True, tag="pointing"):
    """To everybody, on rt: I point at this place of the owner's screen, or (`x` below 0) nowhere any more."""

    owner: Id
    n: Stamp
    """Grows with each message of the sender."""
    x: PlaceOrNone
    y: PlaceOrNone
    pen: bool = False


ControlMessage = (
    ControlRequest
    | ControlRelease
    | ControlGrant
    | ControlDeny
    | ControlRevoke
    | ControlPaused
    | ControlInputs
    | ControlMotion
    | ControlClipboard
    | Pointing
)
"""Every message of remote control."""

Lossy = ControlMotion | Pointing
"""What travels on rt."""
