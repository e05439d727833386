"""What the person does in our windows: for the person's own view, or for whoever shows the picture.

Main thread of the window process only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshconf.protocol.control.input import Point
from meshconf.windows.board import Board
from meshconf.windows.hands import ESCAPE, Act, Hands, Stroke
from meshconf.windows.happenings import (
    Focused,
    Happening,
    KeyPressed,
    KeyReleased,
    Left,
    Moved,
    Pressed,
    Released,
    Scrolled,
    Typed,
)
from meshconf.windows.key_focus import KeyFocus
from meshconf.windows.own_view import OwnView, pan
from meshconf.windows.tile import Tile
from meshconf.windows.viewport import edge_push
from meshconf.windows.wire import Mode

if TYPE_CHECKING:
    from meshconf.windows.x11.display import XWindows

_NOTCH = 80  # pixels that a notch of the wheel moves a picture

_HINTS: dict[Mode, str] = {
    "watch": "Only watching now",
    "point": "Point here · hold the left button to draw",
    "control": f"You control this screen · {ESCAPE} gives mouse and keys back to you",
}
_AWAY = f"Mouse and keys are yours · click here or {ESCAPE} to go on"


@dataclass(slots=True)
class _Drag:
    key: str
    x: float
    y: float


class Steering:
    """Mouse and keys over all windows.

    Args:
        board: The pictures.
        system: The X server; None where there is none.
        act: Takes what is done over somebody's screen.
        dismiss: Takes the pictures whose window the person closes by a key.
    """

    def __init__(
        self,
        board: Board,
        system: XWindows | None,
        act: Callable[[str, Act], None],
        dismiss: Callable[[list[str]], None],
    ) -> None:
        self._board = board
        self._system = system
        self._act = act
        self._own_view = OwnView(board, dismiss)
        self._keys = KeyFocus(board, system, self._tell)
        self._under: dict[str, str] = {}
        """The picture of each window over which the pointer was last."""
        self._at: dict[str, tuple[float, float]] = {}
        """Where it was, as long as it is in the window."""
        self._drag: _Drag | None = None
        self._turned_at = 0.0

    def set_mode(self, key: str, mode: Mode, now: float) -> None:
        """Mouse and keys over a picture do that from now on."""
        tile = self._board.tiles.get(key)
        if tile is None or tile.hands.mode == mode:
            return
        self._tell(key, tile.hands.let_go())
        tile.hands = Hands(mode)
        self._keys.forget(key)
        tile.hint(_HINTS[mode], now)
        if self._system is not None and (window := self._board.window_of(key)) is not None:
            self._system.show_mode(window, mode)
        self._keys.place(self._under)

    def forget(self, key: str) -> None:
        """A picture is about to go: whatever is held over it comes up."""
        self._tell(key, self._board.tiles[key].hands.let_go())
        self._keys.forget(key)
        if self._drag is not None and self._drag.key == key:
            self._drag = None

    def happen(self, event: Happening, now: float) -> None:
        """Something happened in a window."""
        match event:
            case Moved(window, x, y):
                self._moved(window, x, y)
            case Pressed(window, _, x, y):
                self._moved(window, x, y)
                self._pressed(event, now)
            case Released():
                self._released(event)
            case Scrolled():
                self._scrolled(event)
            case Left(window):
                self._at.pop(window, None)
                self._leave(window)
            case KeyPressed(window, stroke):
                self._key(window, stroke, now)
            case KeyReleased(_, number):
                for key, tile in self._board.tiles.items():
                    self._tell(key, tile.hands.key_released(number))
            case Typed(_, text):
                if (taker := self._keys.key) is not None and (hands := self._keys.hands) is not None:
                    self._tell(taker, hands.typed(text))
            case Focused(window, has):
                self._keys.follow(window, has)
        self._keys.place(self._under)

    def turn(self, now: float) -> None:
        """Tell where the pointer is, move what is near an edge, and take all keys if they belong elsewhere."""
        elapsed, self._turned_at = min(now - self._turned_at, 0.1), now
        for window in [window for window in self._under if self._board.pane(window) is None]:
            self._gone(window)
        for window, (x, y) in self._at.items():
            self._push(window, x, y, elapsed)
        for key, tile in self._board.tiles.items():
            self._tell(key, tile.hands.due(now))
        self._keys.grab(now)

    @property
    def busy(self) -> bool:
        """Whether what the person does goes to somebody, who should not wait for it."""
        return any(tile.hands.mode != "watch" for tile in self._board.tiles.values())

    # The mouse.

    def _moved(self, window: str, x: float, y: float) -> None:
        found = self._board.pane(window)
        if found is None:
            return
        x, y = found[1].to_canvas(x, y)
        self._at[window] = (x, y)
        if self._drag is not None and self._drag.key in self._board.tiles:
            pan(self._board.tiles[self._drag.key], self._drag.x - x, self._drag.y - y)
            self._drag.x, self._drag.y = x, y
            return
        key = self._dragged_in(window) or found[1].at(x, y)
        if key is None or key not in self._board.tiles:
            self._leave(window)
            return
        if self._under.get(window) != key:
            self._leave(window)
            self._under[window] = key
            if self._system is not None:
                self._system.show_mode(window, self._board.tiles[key].hands.mode)
        tile = self._board.tiles[key]
        if tile.shown is None:
            return
        inside = tile.shown.contains(x, y)
        if not inside:
            self._tell(key, tile.hands.pointer_left())
        tile.hands.moved(tile.shown.share(x, y), inside)

    def _pressed(self, event: Pressed, now: float) -> None:
        key, tile, x, y = self._target(event.window)
        if key is None or tile is None or tile.shown is None:
            return
        away, place, inside = tile.hands.away, tile.shown.share(x, y), tile.shown.contains(x, y)
        self._tell(key, tile.hands.pressed(event.button, place, inside))
        if away and not tile.hands.away:
            tile.hint(_HINTS["control"], now)
        if tile.hands.mode != "watch" or event.button != "left":
            return
        if tile.view.actual:
            self._drag = _Drag(key, x, y)
        self._own_view.click(key, x, y, now)

    def _released(self, event: Released) -> None:
        if event.button == "left":
            self._drag = None
        key, tile, _, _ = self._target(event.window)
        found = self._board.pane(event.window)
        if key is not None and tile is not None and tile.shown is not None and found is not None:
            place = tile.shown.share(*found[1].to_canvas(event.x, event.y))
            self._tell(key, tile.hands.released(event.button, place))

    def _scrolled(self, event: Scrolled) -> None:
        key, tile, x, y = self._target(event.window)
        if key is None or tile is None or tile.shown is None:
            return
        if tile.hands.wants_keyboard:
            inside = tile.shown.contains(x, y)
            self._tell(key, tile.hands.scrolled(event.dx, event.dy, tile.shown.share(x, y), inside))
        else:
            pan(tile, event.dx * _NOTCH, event.dy * _NOTCH)

    def _target(self, window: str) -> tuple[str | None, Tile | None, float, float]:
        """The picture under the pointer, or the one that holds it, and where the pointer is."""
        key = self._dragged_in(window) or self._under.get(window)
        if key is None or key not in self._board.tiles or window not in self._at:
            return None, None, 0, 0
        return key, self._board.tiles[key], *self._at[window]

    def _dragged_in(self, window: str) -> str | None:
        keys = self._board.keys_in(window)
        return next((key for key in keys if self._board.tiles[key].hands.dragging), None)

    def _leave(self, window: str) -> None:
        key = self._under.pop(window, None)
        if key is not None and key in self._board.tiles:
            self._tell(key, self._board.tiles[key].hands.pointer_left())

    def _gone(self, window: str) -> None:
        """A window has closed under the pointer, as with another layout: nothing more is heard from there."""
        self._at.pop(window, None)
        key = self._under.pop(window)
        if (tile := self._board.tiles.get(key)) is not None:
            self._tell(key, tile.hands.let_go())

    def _push(self, window: str, x: float, y: float, elapsed: float) -> None:
        key = self._under.get(window)
        tile = self._board.tiles.get(key) if key is not None else None
        if tile is None or tile.room is None or not tile.view.actual or key != self._keys.key:
            return
        if not tile.hands.wants_keyboard:
            return
        dx, dy = edge_push(x, y, tile.room)
        if dx or dy:
            before = tile.view
            pan(tile, dx * elapsed, dy * elapsed)
            if tile.view != before and tile.room is not None:
                shown = tile.view.lay(tile.size, tile.room)
                tile.hands.moved(shown.share(x, y), shown.contains(x, y))

    def _key(self, window: str, stroke: Stroke, now: float) -> None:
        key, hands = self._keys.key, self._keys.hands
        if key is not None and hands is not None:
            was_away = hands.away
            acts = hands.key_pressed(stroke)
            if hands.away != was_away:
                self._board.tiles[key].hint(_AWAY if hands.away else _HINTS["control"], now)
            if acts is not None:
                self._tell(key, acts)
                return
        self._own_view.press(window, stroke.key, self._under.get(window), self._at.get(window), now)

    def _tell(self, key: str, acts: list[Act]) -> None:
        tile = self._board.tiles.get(key)
        for act in acts:
            if isinstance(act, Point) and tile is not None:
                tile.pointing.own(act.x, act.y, act.pen, time.monotonic())
                tile.touch()
            self._act(key, act)
