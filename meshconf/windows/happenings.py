"""What happens in a window, whoever notices it: the X server, or OpenCV's callbacks. Pure.

Places are in the pixels of the window that are painted.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.protocol.control.input import Button
from meshconf.windows.hands import Stroke


@dataclass(frozen=True, slots=True)
class Moved:
    """The pointer is there."""

    window: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Left:
    """The pointer has left the window."""

    window: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button went down there."""

    window: str
    button: Button
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Released:
    """A button came up there."""

    window: str
    button: Button
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Scrolled:
    """The wheel turned by notches; down and right are positive."""

    window: str
    dx: float
    dy: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key went down, or repeats itself."""

    window: str
    stroke: Stroke


@dataclass(frozen=True, slots=True)
class KeyReleased:
    """A key came up."""

    window: str
    number: int


@dataclass(frozen=True, slots=True)
class Typed:
    """The keyboard made several characters at once."""

    window: str
    text: str


@dataclass(frozen=True, slots=True)
class Focused:
    """The window has the keyboard now, or has lost it."""

    window: str
    has: bool


Happening = Moved | Left | Pressed | Released | Scrolled | KeyPressed | KeyReleased | Typed | Focused
