"""Which picture has the keyboard: the one that takes keys, in the window that has the focus, and no other.

Main thread of the window process only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from meshconf.windows.board import Board
from meshconf.windows.hands import Act, Hands

if TYPE_CHECKING:
    from meshconf.windows.x11.display import XWindows

_GRAB_EVERY = 0.25  # seconds between two attempts to take all keys


class KeyFocus:
    """Follows the focus.

    Args:
        board: The pictures.
        system: The X server; None where there is none.
        tell: Takes what comes up over a picture that loses the keyboard.
    """

    def __init__(self, board: Board, system: XWindows | None, tell: Callable[[str, list[Act]], None]) -> None:
        self._board = board
        self._system = system
        self._tell = tell
        self._window: str | None = None
        self.key: str | None = None
        """The picture to which keys go."""
        self._grabbed_at = 0.0

    @property
    def hands(self) -> Hands | None:
        """What takes the keys."""
        tile = self._board.tiles.get(self.key) if self.key is not None else None
        return None if tile is None else tile.hands

    def follow(self, window: str, has: bool) -> None:
        """A window has got the focus, or lost it."""
        if has:
            self._window = window
        elif self._window == window:
            self._window = None

    def forget(self, key: str) -> None:
        """A picture goes, or gets other hands."""
        if self.key == key:
            self.key = None

    def place(self, under: Mapping[str, str]) -> None:
        """Let keys go where they belong now.

        Args:
            under: The picture under the pointer in each window, which is preferred to others there.
        """
        wanted = None if self._window is None else self._choose(self._window, under)
        if wanted == self.key:
            return
        if self.key is not None and (hands := self.hands) is not None:
            self._tell(self.key, hands.focus(False))
        self.key = wanted
        if (hands := self.hands) is not None:
            hands.focus(True)

    def grab(self, now: float) -> None:
        """Take all keys, the desktop's shortcuts too, while they are for another's screen; else give them back."""
        if self._system is None:
            return
        hands = self.hands
        wanted = self._window if hands is not None and hands.wants_keyboard else None
        if wanted != self._system.grabbed and (wanted is None or now - self._grabbed_at >= _GRAB_EVERY):
            self._grabbed_at = now
            self._system.grab(wanted)

    def _choose(self, window: str, under: Mapping[str, str]) -> str | None:
        takers = [key for key in self._board.keys_in(window) if self._board.tiles[key].hands.mode == "control"]
        for preferred in (under.get(window), self.key):
            if preferred in takers:
                return preferred
        return takers[0] if takers else None
