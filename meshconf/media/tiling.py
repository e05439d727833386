"""Where pictures stand in a terminal: one large beside small ones, or all alike, each over a row for its name. Pure.

All lengths are cells, which are twice as high as wide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meshconf.media.terminal import fitted

WIDE = 16 / 9
"""Width to height of the pictures that most cameras give."""
LEAST_COLUMNS, LEAST_ROWS = 16, 5
"""A smaller tile shows nothing that one would recognise; one row of it is the name."""

_ASPECTS = (9 / 16, 21 / 9)
"""Shapes that a large tile may take: pictures beyond get bars."""
_GAP = 2
"""Columns between tiles; as wide as the rows of names are high."""
_LINES = 3
"""Rows or columns of small tiles beside a large one."""
_TIMES_LARGER = 2.0
"""Area of the large picture, at least, as a multiple of a small one's."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of a picture and, below it, of its name."""

    column: int
    row: int
    columns: int
    rows: int
    """With the name."""


def arrange(count: int, columns: int, rows: int, *, large: float | None = None) -> list[Tile]:
    """Places for as many pictures as there is room for, so that they are as large as can be.

    Args:
        count: How many there are, the most important first.
        columns: What there is room for.
        rows: What there is room for.
        large: Aspect (width to height) of the first picture if that shall be larger than the others, where there is
            room for them all then; None if all are alike.

    Returns:
        Tiles that lie apart, inside, for the first ones; none where there is no room at all.
    """
    while count > 0:
        stages = [] if large is None else [*_stages(count, columns, rows, large)]
        if plans := stages or [*_grids(count, columns, rows)]:
            return max(plans, key=_area)
        count -= 1
    return []


def _grids(count: int, columns: int, rows: int) -> Iterator[list[Tile]]:
    """All alike, in lines; the last line is in the middle."""
    for across in range(1, count + 1):
        down = -(-count // across)
        size = _size((columns + _GAP) // across - _GAP, rows // down, WIDE)
        if size is None or (down - 1) * across >= count:
            continue
        tiles = []
        top = (rows - down * size[1]) // 2
        for line in range(down):
            here = min(across, count - line * across)
            left = (columns - here * (size[0] + _GAP) + _GAP) // 2
            tiles += [Tile(left + n * (size[0] + _GAP), top + line * size[1], *size) for n in range(here)]
        yield tiles


def _stages(count: int, columns: int, rows: int, aspect: float) -> Iterator[list[Tile]]:
    """One large, the others in lines to its right or below it."""
    aspect = min(max(aspect, _ASPECTS[0]), _ASPECTS[1])
    for lines in range(1, min(_LINES, count - 1) + 1):
        each = -(-(count - 1) // lines)
        for beside in (True, False):
            yield from _stage(count - 1, columns, rows, aspect, lines, each, beside=beside)


def _stage(
    others: int, columns: int, rows: int, aspect: float, lines: int, each: int, *, beside: bool
) -> Iterator[list[Tile]]:
    """In every size of the small ones that is not too large."""
    for small_rows in range(LEAST_ROWS + 1, rows // 2 + 1):  # the lowest have bars, and are for rooms as low
        small = _size(columns, small_rows, WIDE)
        if small is None:
            continue
        strip = lines * (small[0] + _GAP) if beside else lines * small[1]
        along = each * small[1] if beside else each * (small[0] + _GAP) - _GAP
        large = _size(columns - strip, rows, aspect) if beside else _size(columns, rows - strip, aspect)
        if large is None or along > (rows if beside else columns) or _seen(*large) < _TIMES_LARGER * _seen(*small):
            continue
        yield _staged(others, (columns, rows), large, small, each, beside=beside)


def _staged(
    others: int, room: tuple[int, int], large: tuple[int, int], small: tuple[int, int], each: int, *, beside: bool
) -> list[Tile]:
    """The whole in the middle of the room; lines that are not full stand in the middle of the others."""
    lines = -(-others // each)
    step = (small[0] + _GAP, small[1])
    if beside:
        height = max(large[1], min(each, others) * step[1])
        left, top = (room[0] - large[0] - lines * step[0]) // 2, (room[1] - height) // 2
        tiles = [Tile(left, top + (height - large[1]) // 2, *large)]
    else:
        width = max(large[0], min(each, others) * step[0] - _GAP)
        left, top = (room[0] - width) // 2, (room[1] - large[1] - lines * step[1]) // 2
        tiles = [Tile(left + (width - large[0]) // 2, top, *large)]
    for line in range(lines):
        here = min(each, others - line * each)
        for place in range(here):
            if beside:
                column = left + large[0] + _GAP + line * step[0]
                row = top + (height - here * step[1]) // 2 + place * step[1]
            else:
                column = left + (width - here * step[0] + _GAP) // 2 + place * step[0]
                row = top + large[1] + line * step[1]
            tiles.append(Tile(column, row, *small))
    return tiles


def _size(columns: int, rows: int, aspect: float) -> tuple[int, int] | None:
    """The largest tile for pictures of an aspect; None if that is too small.

    In the lowest, pictures of that aspect are not as wide as a tile has to be, and get bars.
    """
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        return None
    if rows == LEAST_ROWS:
        return LEAST_COLUMNS, LEAST_ROWS
    across, down = fitted(aspect, columns, rows - 1)
    return (across, down + 1) if across >= LEAST_COLUMNS and down + 1 >= LEAST_ROWS else None


def _seen(columns: int, rows: int) -> int:
    return columns * (rows - 1)


def _area(tiles: list[Tile]) -> int:
    return sum(_seen(tile.columns, tile.rows) for tile in tiles)
