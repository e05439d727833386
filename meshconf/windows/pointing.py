"""Who points where over a picture, and the lines of their pens, which fade. Pure; `ink` draws it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot

from meshconf.windows.wire import MAX_POINTERS, Pointer

FADE = 4.0
"""Seconds until a line is gone."""

LONGEST = 600
"""Points of one person's lines that are kept; the oldest are forgotten first."""

_NEAR = 0.0015  # share of the picture; points that are nearer to each other are one


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line, in shares of the picture."""

    x: float
    y: float
    at: float
    """Monotonic seconds."""


@dataclass(slots=True)
class _Person:
    name: str = ""
    place: tuple[float, float] | None = None
    lines: deque[list[Dot]] = field(default_factory=deque)
    drawing: bool = False

    def went(self, x: float, y: float, pen: bool, now: float) -> None:
        self.place = (x, y)
        if pen:
            self._draw(Dot(x, y, now))
        self.drawing = pen

    def fade(self, now: float) -> None:
        for line in self.lines:
            del line[: next((i for i, dot in enumerate(line) if now - dot.at < FADE), len(line))]
        while self.lines and not self.lines[0]:
            self.lines.popleft()

    def _draw(self, dot: Dot) -> None:
        if not self.drawing or not self.lines:
            self.lines.append([])
        line = self.lines[-1]
        if not line or hypot(dot.x - line[-1].x, dot.y - line[-1].y) >= _NEAR:
            line.append(dot)
        while sum(map(len, self.lines)) > LONGEST:
            del self.lines[0][0]
            if not self.lines[0]:
                self.lines.popleft()


class Pointing:
    """Everybody's pointers and lines over one picture; ours is a line only, since we see our own pointer anyway."""

    def __init__(self) -> None:
        self._others: dict[str, _Person] = {}
        """By peer, as two of them may have the same name."""
        self._own = _Person()

    def others(self, pointers: Sequence[Pointer], now: float) -> None:
        """Where the others point at `now`, in place of what was said before.

        Whoever is not in there any more, or has a place below 0, points nowhere; lines stay until they have faded.
        """
        present = {one.peer: one for one in pointers[:MAX_POINTERS] if one.x >= 0 and one.y >= 0}
        for peer, person in self._others.items():
            if peer not in present:
                person.place, person.drawing = None, False
        for peer, one in present.items():
            person = self._others.setdefault(peer, _Person())
            person.name = one.name
            person.went(min(one.x, 1.0), min(one.y, 1.0), one.pen, now)

    def own(self, x: float, y: float, pen: bool, now: float) -> None:
        """Our own pen."""
        self._own.went(x, y, pen, now)

    def marks(self) -> list[tuple[str, float, float]]:
        """Name and place of each pointer."""
        return [(person.name, *person.place) for person in self._others.values() if person.place is not None]

    def lines(self, now: float) -> list[tuple[str, list[Dot]]]:
        """Whose lines are to be seen at `now`; ours have no name."""
        people = [self._own, *self._others.values()]
        for person in people:
            person.fade(now)
        for peer in [peer for peer, person in self._others.items() if person.place is None and not person.lines]:
            del self._others[peer]
        return [(person.name, list(line)) for person in people for line in person.lines]

    @property
    def fading(self) -> bool:
        """Whether a line looks different in a moment, even if nobody moves."""
        return bool(self._own.lines) or any(person.lines for person in self._others.values())
