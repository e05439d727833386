"""The commands of the control API about remote control."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from meshconf.conference.command import Command, PeerRef
from meshconf.errors import UsageError
from meshconf.protocol.control.input import Input as AnyInput
from meshconf.protocol.control.input import PlaceOrNone
from meshconf.protocol.control.messages import Clip


class ControlRequest(Command, tag="control_request"):
    """Ask somebody who shares a screen for control of it."""

    peer: PeerRef


class ControlRelease(Command, tag="control_release"):
    """Give control back, or ask no more."""

    peer: PeerRef


class ControlGrant(Command, tag="control_grant"):
    """Let somebody who asks control our screen."""

    peer: PeerRef
    minutes: Annotated[int, msgspec.Meta(ge=0, le=60)] = 15
    """For how long; 0 for until it is ended."""
    clipboard: bool = False
    """Whether text may be copied both ways, too."""


class ControlDeny(Command, tag="control_deny"):
    """Say no to somebody who asks."""

    peer: PeerRef


class ControlRevoke(Command, tag="control_revoke"):
    """End control of our screen at once, whoever has it."""

    peer: PeerRef | None = None
    """Only if it is this one."""


class Input(Command, tag="input"):
    """Do something with mouse or keyboard at a screen that we control; fields as in `protocol.control.input`."""

    peer: PeerRef
    kind: Literal["move", "press", "release", "scroll", "key_down", "key_up", "text"]
    x: float | None = None
    y: float | None = None
    dx: float | None = None
    dy: float | None = None
    button: str | None = None
    key: str | None = None
    code: str | None = None
    text: str | None = None

    def meant(self) -> AnyInput:
        """The input, checked.

        Raises:
            UsageError: a field is missing or out of bounds.
        """
        names = ("kind", "x", "y", "dx", "dy", "button", "key", "code", "text")
        fields: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        if self.kind == "scroll":
            fields = {"dx": 0.0, "dy": 0.0, **fields}
        try:
            found: AnyInput = msgspec.convert(fields, AnyInput)
        except msgspec.ValidationError as error:
            raise UsageError(f"The input {self.kind} does not fit: {error}.") from error
        return found


class Copy(Command, tag="copy"):
    """Put text into the clipboard of a machine that we control."""

    peer: PeerRef
    text: Clip


class Point(Command, tag="point"):
    """Point at a place of a screen that somebody, or we, share; `x` below 0: nowhere any more."""

    peer: PeerRef
    x: PlaceOrNone
    y: PlaceOrNone = 0.0
    pen: bool = False


class PointWithMouse(Command, tag="point_with_mouse"):
    """Whether our mouse over the window of somebody's screen points there."""

    peer: PeerRef
    on: bool


ControlCommand = (
    ControlRequest | ControlRelease | ControlGrant | ControlDeny | ControlRevoke | Input | Copy | Point | PointWithMouse
)
"""Every command about remote control."""
