"""A line of picture as a strip of Textual's, whose text for the terminal is there already.

Textual would make a style of each pair of colours, at ten microseconds each. The segments are made only when something
else than drawing is done with the strip: when a dialog lies over a part of it, or for a screenshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from meshconf.media.terminal import Codes, Depth, characters, runs


class TileStrip(Strip):
    """One line, or a piece of one.

    Args:
        row: Its codes, as `codes_of` gives them.
        depth: Of those codes.
        text: The same for the terminal, as `escaped` gives it.
    """

    __slots__ = ("_depth", "_row")

    def __init__(self, row: Codes, depth: Depth, text: str) -> None:
        self._row, self._depth = row, depth
        self._cell_length = len(row)
        self._render_cache = text

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """As each strip is asked whenever it is drawn; mostly it stays whole."""
        cuts = list(cuts)
        return [self] if cuts == [self._cell_length] else super().divide(cuts)

    def __getattr__(self, name: str) -> Any:
        """Become a strip like any other when one asks for more than length and text; see `Strip.__slots__`."""
        if name not in Strip.__slots__:
            raise AttributeError(name)
        text = self._render_cache
        super().__init__(segments(self._row, self._depth), len(self._row))
        self._render_cache = text
        return getattr(self, name)


def segments(row: Codes, depth: Depth) -> list[Segment]:
    """A row of codes as text and styles."""
    pieces = []
    for count, upper, lower in runs(row):
        style = None if depth is Depth.SHADES else Style.from_color(_colour(upper), _colour(lower))
        pieces.append(Segment(characters(upper, lower, depth) * count, style))
    return pieces


def _colour(code: tuple[int, ...]) -> Color:
    return Color.from_rgb(*code) if len(code) == 3 else Color.from_ansi(code[0])
