"""Where pictures stand: inside, apart, as many as fit, and as large as they should be."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meshconf.media.tiling import LEAST_COLUMNS, LEAST_ROWS, Tile, arrange

ROOMS = st.tuples(st.integers(0, 220), st.integers(0, 70))
LARGE = st.none() | st.floats(0.2, 5.0)


def apart(one: Tile, other: Tile) -> bool:
    beside = one.column + one.columns <= other.column or other.column + other.columns <= one.column
    return beside or one.row + one.rows <= other.row or other.row + other.rows <= one.row


def seen(tile: Tile) -> int:
    return tile.columns * (tile.rows - 1)


@given(st.integers(0, 16), ROOMS, LARGE)
def test_tiles_lie_inside_and_apart_and_are_large_enough(
    count: int, room: tuple[int, int], large: float | None
) -> None:
    tiles = arrange(count, *room, large=large)
    assert len(tiles) <= count
    for tile in tiles:
        assert tile.column >= 0 and tile.column + tile.columns <= room[0]
        assert tile.row >= 0 and tile.row + tile.rows <= room[1]
        assert tile.columns >= LEAST_COLUMNS and tile.rows >= LEAST_ROWS
    assert all(apart(one, other) for one, other in combinations(tiles, 2))


@given(st.integers(1, 16), ROOMS, LARGE)
@example(1, (16, 5), None)
def test_where_one_has_room_there_is_one(count: int, room: tuple[int, int], large: float | None) -> None:
    assert bool(arrange(count, *room, large=large)) == (room[0] >= LEAST_COLUMNS and room[1] >= LEAST_ROWS)


@given(st.integers(2, 16), ROOMS, LARGE)
def test_small_ones_are_alike_and_a_large_one_is_twice_as_large(
    count: int, room: tuple[int, int], large: float | None
) -> None:
    first, *others = arrange(count, *room, large=large) or [Tile(0, 0, 0, 1)]
    assert len({(tile.columns, tile.rows) for tile in others}) <= 1
    if others and large is None:
        assert seen(first) == seen(others[0])
    elif others:
        assert seen(first) == seen(others[0]) or seen(first) >= 2 * seen(others[0])


@given(st.integers(1, 12), ROOMS)
def test_a_large_one_costs_no_other_its_place(count: int, room: tuple[int, int]) -> None:
    assert len(arrange(count, *room, large=1.5)) >= len(arrange(count, *room))


@pytest.mark.parametrize(
    ("count", "room", "large", "sizes"),
    [
        (1, (58, 23), None, [(58, 17)]),
        (2, (58, 23), 16 / 9, [(57, 17), (18, 6)]),
        (4, (58, 23), 16 / 9, [(57, 17), (18, 6), (18, 6), (18, 6)]),
        (4, (58, 23), None, [(28, 9)] * 4),
        (3, (76, 9), 16 / 9, [(24, 8)] * 3),
        (3, (88, 37), 4 / 3, [(80, 31), (18, 6), (18, 6)]),
        (9, (40, 12), None, [(18, 6)] * 4),
        (9, (80, 5), None, [(16, 5)] * 4),
    ],
)
def test_usual_rooms_look_as_agreed(
    count: int, room: tuple[int, int], large: float | None, sizes: list[tuple[int, int]]
) -> None:
    assert [(tile.columns, tile.rows) for tile in arrange(count, *room, large=large)] == sizes


def test_a_line_that_is_not_full_stands_in_the_middle() -> None:
    first, second, third = arrange(3, 58, 23)
    assert first.row == second.row < third.row
    assert third.column - first.column == second.column - third.column


def test_all_of_it_stands_in_the_middle() -> None:
    large, *small = arrange(4, 100, 36, large=16 / 9)
    right = max(tile.column + tile.columns for tile in (large, *small))
    left = min(tile.column for tile in (large, *small))
    assert abs(left - (100 - right)) <= 1
    assert abs(small[0].column - left - right + small[-1].column + small[-1].columns) <= 1
