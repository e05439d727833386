"""The wheel of a mouse, as systems take it: in whole notches, while touchpads give parts of them. Pure."""

from __future__ import annotations


class Wheel:
    """Keeps the parts of notches that are not turned yet."""

    def __init__(self) -> None:
        self._across = self._down = 0.0

    def turn(self, dx: float, dy: float) -> tuple[int, int]:
        """Turn by so many notches, right and down; how many whole ones that makes by now."""
        self._across += dx
        self._down += dy
        across, down = int(self._across), int(self._down)
        self._across -= across
        self._down -= down
        return across, down
