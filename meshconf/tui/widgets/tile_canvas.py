"""What a tile shows at the moment: cells of a picture, kept as strips, of which only those change that look different.

A picture is cut into bands of some columns. Textual draws a band anew from its left edge, so narrow bands keep what
stands still beside somebody who moves from being sent again. Knows no widget.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshconf.media.terminal import Colour, Depth, cells_of, codes_of, differing, escaped, grey
from meshconf.pictures.i420 import Picture, planes_of
from meshconf.tui.widgets.tile_strip import TileStrip

BANDS = 8
"""Bands of the widest tile."""
_BAND_COLUMNS = 12
"""Columns of a band, about."""


def bands(columns: int) -> list[int]:
    """Where the bands of a tile begin."""
    count = max(1, min(BANDS, columns // _BAND_COLUMNS))
    return [columns * band // count for band in range(count)]


class Canvas:
    """The strips of one tile of a given size.

    Args:
        columns: At least one.
        rows: At least one.
        ground: What lies beside a picture that is not of the tile's shape.
        depth: What the terminal can show.
        colourless: Whether the person wants no colours.
    """

    def __init__(self, columns: int, rows: int, ground: Colour, depth: Depth, *, colourless: bool = False) -> None:
        self.columns, self.rows = columns, rows
        self._ground = ground
        self._depth = depth
        self._colourless = colourless
        self._starts = bands(columns)
        self._cells: NDArray[np.uint8] | None = None
        self._strips: list[list[TileStrip]] = []

    def draw(self, picture: Picture) -> NDArray[np.bool_]:
        """Show a picture.

        Returns:
            (rows, bands): Which strips are new.
        """
        cells = cells_of(planes_of(picture), self.columns, self.rows, self._ground)
        if self._colourless:
            cells = grey(cells)
        if self._cells is None:
            self._cells = cells
            self._strips = [[] for _ in range(self.rows)]
            moved = np.ones((self.rows, self.columns), np.bool_)
        else:
            moved = differing(self._cells, cells)
            self._cells[moved] = cells[moved]
        new = np.logical_or.reduceat(moved, self._starts, axis=1)
        changed = np.flatnonzero(new.any(axis=1))
        if len(changed):
            codes = codes_of(self._cells[changed], self._depth)
            for row, line, texts in zip(
                changed.tolist(), codes, escaped(codes, self._depth, self._starts), strict=True
            ):
                pieces = np.split(line, self._starts[1:])
                self._strips[row] = [
                    TileStrip(piece, self._depth, text) for piece, text in zip(pieces, texts, strict=True)
                ]
        return new

    @property
    def shown(self) -> bool:
        """Whether there was a picture already."""
        return self._cells is not None

    def has(self, row: int, band: int) -> bool:
        """Whether there is such a line yet; a tile may be painted in the size that it had until the next layout."""
        return self.shown and row < self.rows and band < len(self._starts)

    def strip(self, row: int, band: int) -> TileStrip:
        """One line of one band."""
        return self._strips[row][band]
