"""How often pictures are drawn: ten times a second, less where the terminal does not keep up. Pure."""

from __future__ import annotations

FPS = 10
"""Pictures a second at most; more would cost bytes and nobody would see them in characters."""
_SLOWEST = 16
"""Ticks between two pictures at the slowest."""
_CALM_S = 2.0
"""How long the terminal has to keep up before the rate doubles again."""


class Pace:
    """Asked at each of `FPS` ticks a second."""

    def __init__(self) -> None:
        self._every = 1
        self._ticks = 0
        self._changed_at = 0.0

    @property
    def fps(self) -> float:
        """Pictures a second at present."""
        return FPS / self._every

    def due(self, now: float, *, behind: bool) -> bool:
        """Whether to draw at this tick.

        Args:
            now: Monotonic seconds.
            behind: Whether what was drawn before is still on its way to the terminal.
        """
        self._ticks += 1
        if self._ticks < self._every:
            return False
        self._ticks = 0
        if behind:
            self._every, self._changed_at = min(2 * self._every, _SLOWEST), now
            return False
        if self._every > 1 and now - self._changed_at >= _CALM_S:
            self._every, self._changed_at = self._every // 2, now
        return True
