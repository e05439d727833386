"""How several pictures share one window: all equally large, or screens large and faces in a strip beside them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meshconf.windows.geometry import Rect, fit

GAP = 6
"""Pixels between two pictures."""

_SHAPE = (16, 9)
_STRIP = 6  # the strip takes at most this part of the window
_THICK = (150, 300)  # pixels: a strip is never narrower or wider; lying, it has this width per face


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture that wants room."""

    key: str
    large: bool
    """Whether it belongs on the stage."""
    shape: tuple[int, int] = _SHAPE
    """Width and height, of which only the relation counts."""


def grid(tiles: Sequence[Tile], room: Rect) -> dict[str, Rect]:
    """Equally large rooms in rows, the last of them centred; as many columns as give the largest pictures."""
    if not tiles:
        return {}
    columns = max(range(1, len(tiles) + 1), key=lambda columns: _picture_area(tiles, room, columns))
    rows = -(-len(tiles) // columns)
    width, height = cell = _cell(room, columns, rows)
    if len(tiles) > 1:  # rooms that fit pictures closely, so that these stand together
        sizes = [fit(*tile.shape, *cell) for tile in tiles]
        width, height = max(size[0] for size in sizes), max(size[1] for size in sizes)
    top = room.y + (room.height - rows * height - (rows - 1) * GAP) // 2
    rooms = {}
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        in_row = min(columns, len(tiles) - row * columns)
        left = room.x + (room.width - in_row * width - (in_row - 1) * GAP) // 2
        rooms[tile.key] = Rect(left + column * (width + GAP), top + row * (height + GAP), width, height)
    return rooms


def stage(tiles: Sequence[Tile], room: Rect) -> dict[str, Rect]:
    """The large ones as a grid, the others in a strip at the right or below, wherever the large ones lose less.

    Faces for which the strip has no room get none. Without a large one, or with nothing else, all are in a grid.
    """
    large = [tile for tile in tiles if tile.large]
    faces = [tile for tile in tiles if not tile.large]
    if not large or not faces:
        return grid(tiles, room)
    beside, below = _beside(faces, room), _below(faces, room)
    best = max((beside, below), key=lambda cut: _largest(large, cut[0]))
    return grid(large, best[0]) | best[1]


def _beside(faces: Sequence[Tile], room: Rect) -> tuple[Rect, dict[str, Rect]]:
    """What is left for the stage, and the faces in a column at the right."""
    width = min(max(room.width // _STRIP, _THICK[0]), _THICK[1], room.width // 2)
    height = max(1, width * _SHAPE[1] // _SHAPE[0])
    shown = faces[: max(1, (room.height + GAP) // (height + GAP))]
    height = min(height, room.height)
    top = room.y + (room.height - len(shown) * height - (len(shown) - 1) * GAP) // 2
    left = room.x + room.width - width
    rooms = {face.key: Rect(left, top + i * (height + GAP), width, height) for i, face in enumerate(shown)}
    return Rect(room.x, room.y, max(1, room.width - width - GAP), room.height), rooms


def _below(faces: Sequence[Tile], room: Rect) -> tuple[Rect, dict[str, Rect]]:
    """The same with the faces in a row below."""
    width = min(max(room.width // _STRIP, _THICK[0]), _THICK[1], room.width)
    height = min(max(1, width * _SHAPE[1] // _SHAPE[0]), max(1, room.height // 2))
    shown = faces[: max(1, (room.width + GAP) // (width + GAP))]
    left = room.x + (room.width - len(shown) * width - (len(shown) - 1) * GAP) // 2
    top = room.y + room.height - height
    rooms = {face.key: Rect(left + i * (width + GAP), top, width, height) for i, face in enumerate(shown)}
    return Rect(room.x, room.y, room.width, max(1, room.height - height - GAP)), rooms


def _largest(tiles: Sequence[Tile], room: Rect) -> int:
    return max(_picture_area(tiles, room, columns) for columns in range(1, len(tiles) + 1))


def _picture_area(tiles: Sequence[Tile], room: Rect, columns: int) -> int:
    """Pixels that all pictures together have with so many columns."""
    cell = _cell(room, columns, -(-len(tiles) // columns))
    sizes = [fit(*tile.shape, *cell) for tile in tiles]
    return sum(width * height for width, height in sizes)


def _cell(room: Rect, columns: int, rows: int) -> tuple[int, int]:
    return (
        max(1, (room.width - (columns - 1) * GAP) // columns),
        max(1, (room.height - (rows - 1) * GAP) // rows),
    )
