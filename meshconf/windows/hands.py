"""What the person does over one picture, turned into input for whoever shows it. Pure.

In `point` mode nothing but places leaves the window. In `control` mode mouse and keys do, while the window has the
keyboard; whatever is held comes up when it loses that, when the mode ends, and at the escape combination, which is not
sent itself: Ctrl+Alt+G gives mouse and keys back to the person, the same again or a click takes them to the screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.protocol.control.input import Button, Input, KeyDown, KeyUp, Move, Point, Press, Release, Scroll, Text
from meshconf.windows.wire import Mode

MOTION_EVERY = 1 / 120
"""Seconds between two places that are told; what lies between is left out."""

ESCAPE = "Ctrl+Alt+G"
"""As people read it."""

_ESCAPE_CODE = "KeyG"
_HELD_AT_MOST = 32
"""Keys held at a time; nobody has more fingers, and a lost release must not fill memory."""

Place = tuple[float, float]
"""In shares of the picture."""

Act = Input | Point


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key, as the keyboard has it."""

    number: int
    """Of the key, the same when it goes down and comes up."""
    key: str
    """W3C `key`; the character in the person's own layout, or the name."""
    code: str = ""


class Hands:
    """Mouse and keys over one picture.

    Args:
        mode: What they do there.
    """

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.away = False
        """Whether the person has taken mouse and keys back for a while."""
        self._focused = False
        self._keys: dict[int, Stroke] = {}
        self._modifiers: dict[int, str] = {}
        """Those that are down, told or not."""
        self._buttons: dict[Button, Place] = {}
        self._at: Place | None = None
        self._untold: Move | Point | None = None
        self._told_at = 0.0

    @property
    def wants_keyboard(self) -> bool:
        """Whether keys go to the other's screen as long as the window has the focus."""
        return self.mode == "control" and not self.away

    @property
    def dragging(self) -> bool:
        """Whether a button is held: the pointer may leave the picture and still counts."""
        return bool(self._buttons)

    def focus(self, has: bool) -> list[Act]:
        """The window has got the keyboard, or has lost it."""
        self._focused = has
        self._modifiers.clear()
        return [] if has else self.let_go()

    def let_go(self) -> list[Act]:
        """Everything that is held comes up; where we point is told no more."""
        acts: list[Act]
        if self.mode == "point":
            acts = [] if self._at is None else [Point(-1, -1)]
        else:
            acts = [KeyUp(stroke.key, stroke.code) for stroke in reversed(self._keys.values())]
            acts += [Release(button, *place) for button, place in self._buttons.items()]
        self._keys.clear()
        self._buttons.clear()
        self._at = self._untold = None
        return acts

    def moved(self, place: Place, inside: bool) -> None:
        """The pointer is there; tell it with `due`. Beside the picture it counts only while a button is held."""
        if not self._listens() or not (inside or self.dragging):
            return
        self._at = place
        if self.mode == "point":
            self._untold = Point(*place, pen="left" in self._buttons)
        else:
            self._untold = Move(*place)

    def pointer_left(self) -> list[Act]:
        """The pointer is not over the picture any more."""
        if self.mode != "point" or self._at is None or self.dragging:
            return []
        return self.let_go()

    def pressed(self, button: Button, place: Place, inside: bool) -> list[Act]:
        """A button goes down."""
        if self.away and inside and self._focused:
            self.away = False  # this click only takes the keyboard back
            return []
        if not inside or not self._listens() or (self.mode == "point" and button != "left"):
            return []
        self._buttons[button] = self._at = place
        self._untold = None
        return [Point(*place, pen=True)] if self.mode == "point" else [Press(button, *place)]

    def released(self, button: Button, place: Place) -> list[Act]:
        """A button comes up, which is told if its going down was."""
        if self._buttons.pop(button, None) is None:
            return []
        self._at, self._untold = place, None
        return [Point(*place)] if self.mode == "point" else [Release(button, *place)]

    def scrolled(self, dx: float, dy: float, place: Place, inside: bool) -> list[Act]:
        """The wheel turns by notches."""
        if self.mode != "control" or not inside or not self._listens():
            return []
        self._at, self._untold = place, None
        return [Scroll(dx, dy, *place)]

    def key_pressed(self, stroke: Stroke) -> list[Act] | None:
        """A key goes down, or repeats itself, which the other's keyboard does on its own.

        Returns:
            What to tell; None where the key is the person's own.
        """
        if self.mode != "control" or not self._focused:
            return None
        if stroke.key in ("Control", "Alt"):
            self._modifiers[stroke.number] = stroke.key
        if self._is_escape(stroke):
            acts = self.let_go()
            self.away = not self.away
            return acts
        if self.away:
            return None
        if stroke.number in self._keys or len(self._keys) >= _HELD_AT_MOST:
            return []
        self._keys[stroke.number] = stroke
        return [*self._flush(), KeyDown(stroke.key, stroke.code)]

    def key_released(self, number: int) -> list[Act]:
        """A key comes up, as the one it was when it went down."""
        self._modifiers.pop(number, None)
        stroke = self._keys.pop(number, None)
        return [] if stroke is None else [*self._flush(), KeyUp(stroke.key, stroke.code)]

    def typed(self, text: str) -> list[Act]:
        """The keyboard made several characters at once."""
        return [*self._flush(), Text(text)] if self.mode == "control" and self._listens() else []

    def due(self, now: float) -> list[Act]:
        """Where the pointer is, if that has not been told and the last time is long enough ago."""
        if self._untold is None or now - self._told_at < MOTION_EVERY:
            return []
        self._told_at = now
        return self._flush()

    def _flush(self) -> list[Act]:
        untold, self._untold = self._untold, None
        return [] if untold is None else [untold]

    def _listens(self) -> bool:
        if self.mode == "control":
            return self._focused and not self.away
        return self.mode == "point"

    def _is_escape(self, stroke: Stroke) -> bool:
        is_letter = stroke.code == _ESCAPE_CODE or stroke.key in ("g", "G")
        return is_letter and set(self._modifiers.values()) == {"Control", "Alt"}
