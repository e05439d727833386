"""One participant's picture, wherever it is painted: what is on it, how it is seen, what is done over it.

Main thread of the window process only.
"""

from __future__ import annotations

import numpy as np

from meshconf.pictures.bus import PictureReader
from meshconf.pictures.i420 import Picture
from meshconf.windows.geometry import Rect
from meshconf.windows.hands import Hands
from meshconf.windows.ink import draw_hint, draw_pointing
from meshconf.windows.label import Image, NameLabel, placeholder
from meshconf.windows.pointing import Pointing
from meshconf.windows.rendering import render
from meshconf.windows.viewport import Shown, View

BACKGROUND = 18
"""Grey of what no picture covers."""

HINT_LASTS = 5.0
"""Seconds that a hint, and the name on a screen, can be read."""

_FADING_EVERY = 0.05  # seconds between two pictures of lines that fade
_STILL = 0.12  # seconds without a picture after which a screen is painted as well as can be
_DEFAULT_SHAPE = (16, 9)


class Tile:
    """What a window, or a part of one, shows.

    Args:
        title: The participant, cleaned.
        screen: Whether it is somebody's screen, which is read, rather than a face.
    """

    def __init__(self, title: str, *, screen: bool) -> None:
        self.title = title
        self.screen = screen
        self.view = View()
        self.hands = Hands("watch")
        self.pointing = Pointing()
        self.room: Rect | None = None
        """Its part of the window; None while it has none."""
        self.shown: Shown | None = None
        """How the picture lay in the window when it was painted last; None without one."""
        self._label = NameLabel(title)
        self._reader: PictureReader | None = None
        self._picture: Picture | None = None
        self._blank: str | None = None
        self._hint: tuple[str, float] | None = None
        self._base: Image | None = None
        self._stale = self._decorate = True
        self._taken_at = 0.0
        self._moving = False
        self._rough = False
        """Whether it was painted fast, while it moved, and is to be painted well."""
        self._drawn_at = 0.0

    @property
    def ready(self) -> bool:
        """Whether there is something to show."""
        return self._picture is not None or self._blank is not None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture; some shape before the first one."""
        if self._picture is None:
            return _DEFAULT_SHAPE
        rows, width = self._picture.shape
        return width, rows * 2 // 3

    def attach(self, reader: PictureReader) -> None:
        """Show the pictures of `reader` from now on; the tile owns it."""
        if self._reader is not None:
            self._reader.close()
        self._reader = reader

    def retitle(self, title: str) -> None:
        """Another name."""
        self.title, self._label = title, NameLabel(title)
        self._stale = True

    def blank(self, text: str) -> None:
        """Replace the picture by a placeholder, until a newer picture comes."""
        if self._reader is not None:
            self._reader.read()  # what was on the bus before must not bring the picture back
        self._blank = text
        self._stale = True

    def hint(self, text: str, now: float) -> None:
        """Tell the person something for a moment."""
        self._hint = (text, now + HINT_LASTS)
        self._stale = True

    def look(self, view: View) -> None:
        """See the picture in another way."""
        if view != self.view:
            self.view = view
            self._stale = True

    def touch(self) -> None:
        """Pointers or lines have moved."""
        self._decorate = True

    def take(self, now: float) -> bool:
        """Take the newest picture if there is one that has not been taken; whether there was one."""
        picture = self._reader.read() if self._reader is not None else None
        if picture is None:
            return False
        self._moving = now - self._taken_at < _STILL
        self._taken_at = now
        self._picture, self._blank = picture, None
        self._stale = True
        return True

    def needs_paint(self, now: float) -> bool:
        """Whether it would look different from what was painted last."""
        if self._hint is not None and now >= self._hint[1]:
            self._hint = None
            self._stale = True
        if self._rough and self.screen and now - self._taken_at >= _STILL:
            self._moving = False
            self._stale = True
        fading = self.pointing.fading and now - self._drawn_at >= _FADING_EVERY
        return self._stale or self._decorate or fading

    def paint(self, canvas: Image, room: Rect, now: float) -> None:
        """Paint it into its part of the window."""
        if self._stale or room != self.room or self._base is None:
            self._base = self._compose(room)
        self.room = room
        part = canvas[room.y : room.y + room.height, room.x : room.x + room.width]
        np.copyto(part, self._base)
        if self.shown is not None:
            draw_pointing(canvas, self.shown, self.pointing, now)
        if self._hint is not None:
            draw_hint(canvas, room, self._hint[0])
        self._stale = self._decorate = False
        self._drawn_at = now

    def hidden(self) -> None:
        """It has no room in the window."""
        self.room = self.shown = self._base = None

    def close(self) -> None:
        """Let go of its bus."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _compose(self, room: Rect) -> Image:
        if self._blank is not None or self._picture is None:
            self.shown = None
            image = placeholder(room.width, room.height, self.title, self._blank or "")
            self._label.paint(image)
            return image
        base: Image = np.full((room.height, room.width, 3), BACKGROUND, np.uint8)
        self.shown = shown = self.view.lay(self.size, room)
        target = shown.target
        left, top = target.x - room.x, target.y - room.y
        part = base[top : top + target.height, left : left + target.width]
        self._rough = render(self._picture, shown, part, well=self.screen and not self._moving)
        if not self.screen or self._hint is not None:  # on a screen that is read, nothing may cover the text for long
            self._label.paint(part)
        return base
