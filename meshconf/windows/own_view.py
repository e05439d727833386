"""What keys, wheel and drags do for the person's own view of pictures. Main thread of the window process only."""

from __future__ import annotations

from collections.abc import Callable

from meshconf.windows.board import Board
from meshconf.windows.tile import Tile

_STEP = 0.2  # share of the room that an arrow key moves a picture
_ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}
_CLOSING = ("Escape", "q", "Q")
_DOUBLE_CLICK, _DOUBLE_NEAR = 0.4, 6  # seconds and pixels between two clicks that are one double click
_ACTUAL = "Actual size · drag, wheel or arrows move it · F: fit"
_FITTED = "Fitted · F: actual size"


class OwnView:
    """The person's own view.

    Args:
        board: The pictures.
        dismiss: Takes the pictures whose window the person closes by a key.
    """

    def __init__(self, board: Board, dismiss: Callable[[list[str]], None]) -> None:
        self._board = board
        self._dismiss = dismiss
        self._click: tuple[str, float, float, float] | None = None

    def press(self, window: str, name: str, under: str | None, at: tuple[float, float] | None, now: float) -> None:
        """A key was pressed.

        Args:
            window: In which window.
            name: The key, as the W3C names it.
            under: The picture under the pointer.
            at: Where the pointer is in the window.
            now: Monotonic seconds.
        """
        keys = self._board.keys_in(window)
        tile = self._board.tiles.get(under or next(iter(keys), ""))
        if name in _CLOSING:
            self._dismiss(keys)
        elif name in ("l", "L"):
            self._board.next_layout()
        elif tile is None or tile.room is None:
            return
        elif name in ("f", "F"):
            tile.look(tile.view.toggled(tile.size, tile.room, at))
            tile.hint(_ACTUAL if tile.view.actual else _FITTED, now)
        elif name in _ARROWS:
            dx, dy = _ARROWS[name]
            pan(tile, dx * _STEP * tile.room.width, dy * _STEP * tile.room.height)

    def click(self, key: str, x: float, y: float, now: float) -> None:
        """The left button went down over a picture; twice makes it the large one of those that share a window."""
        last, self._click = self._click, (key, x, y, now)
        if last is None or last[0] != key or now - last[3] >= _DOUBLE_CLICK or self._board.layout == "windows":
            return
        if max(abs(last[1] - x), abs(last[2] - y)) < _DOUBLE_NEAR:
            self._click = None
            self._board.enlarge(key)


def pan(tile: Tile, dx: float, dy: float) -> None:
    """Look further to the right and further down, by pixels."""
    if tile.room is not None:
        tile.look(tile.view.moved(dx, dy, tile.size, tile.room))
