"""What somebody does with mouse and keyboard over a shared picture, and where somebody points.

The same records on the wire, in the `input` command and between engine and windows. Names of buttons, keys and codes
are those of the W3C UI Events; positions are shares of the shared picture, so that no size needs to be agreed on.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

LONGEST_TEXT = 4000
"""Characters of one `Text`."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""Place along one side of the picture: 0 is the left or upper edge, 1 the right or lower one."""

Notches = Annotated[float, msgspec.Meta(ge=-100, le=100)]
"""Steps of a mouse wheel; parts of one come from touchpads."""

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
"""W3C `KeyboardEvent.key`: the character that is meant, or a name such as `Enter`, `Control`, `F5`."""

Code = Annotated[str, msgspec.Meta(max_length=32, pattern="^[A-Za-z0-9]*$")]
"""W3C `KeyboardEvent.code`: the place on the keyboard, such as `KeyA` or `ControlLeft`; empty where it is not known."""

Button = Literal["left", "middle", "right", "back", "forward"]


class Move(msgspec.Struct, frozen=True, tag_field="kind", tag="move"):
    """The pointer is here."""

    x: Share
    y: Share


class Press(msgspec.Struct, frozen=True, tag_field="kind", tag="press"):
    """A button goes down, here."""

    button: Button
    x: Share
    y: Share


class Release(msgspec.Struct, frozen=True, tag_field="kind", tag="release"):
    """A button comes up, here."""

    button: Button
    x: Share
    y: Share


class Scroll(msgspec.Struct, frozen=True, tag_field="kind", tag="scroll"):
    """The wheel turns, here; down and right are positive, as in a W3C `WheelEvent`."""

    dx: Notches
    dy: Notches
    x: Share
    y: Share


class KeyDown(msgspec.Struct, frozen=True, tag_field="kind", tag="key_down"):
    """A key goes down; again for each repetition."""

    key: Key
    code: Code = ""


class KeyUp(msgspec.Struct, frozen=True, tag_field="kind", tag="key_up"):
    """A key comes up."""

    key: Key
    code: Code = ""


class Text(msgspec.Struct, frozen=True, tag_field="kind", tag="text"):
    """Text is typed, whatever the keyboards at both ends have on them."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]


Input = Move | Press | Release | Scroll | KeyDown | KeyUp | Text
"""What moves the owner's pointer or presses the owner's keys."""

PlaceOrNone = Annotated[float, msgspec.Meta(ge=-1, le=1)]
"""A share of the picture, or less than 0."""


class Point(msgspec.Struct, frozen=True, tag_field="kind", tag="point"):
    """Where somebody points, which touches nothing; `x` below 0: nowhere any more."""

    x: PlaceOrNone
    y: PlaceOrNone
    pen: bool = False
    """Whether the way is drawn; the line fades."""
