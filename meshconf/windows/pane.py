"""A window with one picture or several: opened where it was, painted when something has changed.

Main thread of the window process only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from meshconf.windows.geometry import Rect
from meshconf.windows.label import Image
from meshconf.windows.layout import Tile as Place
from meshconf.windows.layout import grid, stage
from meshconf.windows.names import clean
from meshconf.windows.tile import BACKGROUND, Tile
from meshconf.windows.window import Window

if TYPE_CHECKING:
    from meshconf.windows.x11.display import XWindows

_SHOWN_EVERY = 1 / 60  # seconds between two pictures of a window with several sources, each of which has its own time
_ADOPTED_WITHIN = 5.0  # seconds in which a window manager makes a new window known
_ASK_EVERY = 0.05


class Pane:
    """One window.

    Args:
        name: See `Window`.
        slot: What its place is remembered by.
        place: Where it opens.
        system: The X server; None where there is none.
        opened: Called with the name when the window is on the display.
    """

    def __init__(
        self, name: str, slot: str, place: Rect, system: XWindows | None, opened: Callable[[str], None]
    ) -> None:
        self.name = name
        self.slot = slot
        self._place = place
        self._system = system
        self._opened = opened
        self._window: Window | None = None
        self._rooms: dict[str, Rect] = {}
        self._shown_at = self._opened_at = self._asked_at = 0.0
        self._known = system is None

    @property
    def is_open(self) -> bool:
        """False once the person has closed it; a window that had nothing to show yet counts as open."""
        return self._window is None or self._window.is_open()

    @property
    def began(self) -> bool:
        """Whether it has been put on the display."""
        return self._window is not None

    @property
    def place(self) -> Rect | None:
        """Where to open it again, if it is open."""
        return None if self._window is None else self._window.place()

    def refresh(self, tiles: Mapping[str, Tile], *, staged: bool, large: str | None, now: float) -> bool:
        """Show the newest of all pictures.

        Args:
            tiles: The pictures that it has.
            staged: Whether some are large and the others beside them.
            large: The picture that somebody wants large, in place of screens.
            now: Monotonic seconds.

        Returns:
            Whether a new picture was among them.
        """
        fresh = [tile.take(now) for tile in tiles.values()]
        ready = {key: tile for key, tile in tiles.items() if tile.ready}
        if not ready or (self._window is not None and len(ready) > 1 and now - self._shown_at < _SHOWN_EVERY):
            return any(fresh)
        title = clean(", ".join(tile.title for tile in ready.values()), longest=80)
        if self._window is not None:
            if self._known or now - self._opened_at > _ADOPTED_WITHIN:
                self._window.retitle(title)
            elif now - self._asked_at >= _ASK_EVERY:
                self._asked_at = now
                self._introduce(self._window.title)
        size = self._size()
        if size is None:
            return any(fresh)
        wishes = [Place(key, key == large if large in ready else tile.screen, tile.size) for key, tile in ready.items()]
        rooms = (stage if staged else grid)(wishes, Rect(0, 0, *size))
        canvas, renewed = self._canvas(size, rooms)
        painted = renewed
        for key, tile in ready.items():
            if key not in rooms:
                tile.hidden()
            elif renewed or tile.needs_paint(now):
                tile.paint(canvas, rooms[key], now)
                painted = True
        if painted:
            self._show(canvas, title, now)
        return any(fresh)

    def at(self, x: float, y: float) -> str | None:
        """Whose picture has that place."""
        return next((key for key, room in self._rooms.items() if room.contains(x, y)), None)

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        """A place in the window as it is now, in the pixels that were painted last: it may have grown since."""
        size = self._size()
        if self._window is None or size is None:
            return x, y
        height, width = self._window.canvas.shape[:2]
        return x * width / size[0], y * height / size[1]

    def close(self) -> None:
        """Close it; its pictures may be shown elsewhere."""
        if self._system is not None:
            self._system.drop(self.name)
        if self._window is not None:
            self._window.close()

    def _introduce(self, title: str) -> None:
        """Have the X server's number of the window looked up, unless it is known."""
        self._known = self._known or self._system is None or self._system.adopt(self.name, title)

    def _size(self) -> tuple[int, int] | None:
        if self._window is None:
            return self._place.width, self._place.height
        if self._system is not None and (size := self._system.size_of(self.name)) is not None:
            return size
        rect = self._window.rect()
        return None if rect is None else (rect.width, rect.height)

    def _canvas(self, size: tuple[int, int], rooms: dict[str, Rect]) -> tuple[Image, bool]:
        """The window's pixels, and whether they are new and without pictures, since it or its rooms have changed."""
        if self._window is not None and self._window.canvas.shape[1::-1] == size and rooms == self._rooms:
            return self._window.canvas, False
        canvas: Image = np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
        self._rooms = rooms
        return canvas, True

    def _show(self, canvas: Image, title: str, now: float) -> None:
        self._shown_at = now
        if self._window is None:
            self._opened_at = now
            if self._system is not None:
                self._system.opening()
            self._window = Window(self.name, title, self._place, canvas, lambda: self._introduce(title))
            self._opened(self.name)
            return
        self._window.canvas = canvas
        self._window.show()
