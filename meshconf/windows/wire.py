"""What the engine and the window process say to each other: one JSON object a line, over the child's stdin and stdout.

Pictures do not travel here; they are on the bus that `Show` names.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec

from meshconf.lines import Lines
from meshconf.protocol.control.input import Input, Point
from meshconf.types import Area

MAX_LINE = 32 * 1024
"""Bytes of the longest line, that of many pointers; titles are cut long before that."""

MAX_POINTERS = 64
"""People who point at one picture at a time; more would hide it."""

Mode = Literal["watch", "point", "control"]
"""What mouse and keys over a picture do: nothing for others, point, or act there."""

Layout = Literal["windows", "grid", "stage"]
"""A window for each picture; one with all of them, equally large; one with screens large and faces beside them."""


class Framing(NamedTuple):
    """What stands on the frame around our own display while somebody controls it, and what it is around."""

    text: str
    """Who controls it and what ends that, in a few words."""
    area: Area | None = None
    """All of the display if None."""


class Show(msgspec.Struct, frozen=True, tag="show"):
    """Engine: open the window, or let it read from another bus."""

    key: str
    title: str
    bus: str
    """Name of the picture bus to attach to."""
    screen: bool = False
    """Whether it is somebody's screen, which is read, rather than a face."""


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


class SetMode(msgspec.Struct, frozen=True, tag="mode"):
    """Engine: what mouse and keys over this picture do from now on."""

    key: str
    mode: Mode


class Pointer(msgspec.Struct, frozen=True, array_like=True):
    """Where somebody points."""

    peer: str
    """Whose it is: two people may have the same name."""
    name: str
    """What stands beside it."""
    x: float
    """Place in shares of the picture; below 0: nowhere."""
    y: float
    pen: bool = False
    """Whether the way is drawn."""


class Pointers(msgspec.Struct, frozen=True, tag="pointers"):
    """Engine: where the others point, in place of what it said before."""

    key: str
    pointers: Annotated[list[Pointer], msgspec.Meta(max_length=MAX_POINTERS)]


class Arrange(msgspec.Struct, frozen=True, tag="arrange"):
    """Engine: how the pictures share windows from now on."""

    layout: Layout


class Frame(msgspec.Struct, frozen=True, tag="frame"):
    """Engine: a frame around our own display from now on, or none."""

    framing: Framing | None


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


class Acted(msgspec.Struct, frozen=True, tag="acted"):
    """Viewer: the person did this over a picture whose mode allows it."""

    key: str
    input: Input | Point


class Unframed(msgspec.Struct, frozen=True, tag="unframed"):
    """Viewer: there can be no frame around the display."""

    sentence: str


Command = Show | Blank | Retitle | Hide | SetMode | Pointers | Arrange | Frame
News = Ready | Unavailable | Viewed | Closed | Acted | Unframed

COMMANDS: Lines[Command] = Lines(Command)
NEWS: Lines[News] = Lines(News)
