"""Pictures as characters: what is where, in which colours, and that the text says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.terminal import (
    TOLERANCE,
    Cells,
    Codes,
    Depth,
    Plane,
    cells_of,
    characters,
    codes_of,
    differing,
    escaped,
    fitted,
    grey,
    runs,
)
from tests.support.sgr import cells as on_terminal
from tests.support.sgr import halves

GROUND = (16, 22, 27)
WHITE, BLACK, RED, GREEN, BLUE = (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)
Planes = tuple[Plane, Plane, Plane]


def planes(luma: Plane, u: int = 128, v: int = 128) -> Planes:
    """A picture of one colour whose brightness is drawn."""
    chroma = (luma.shape[0] // 2, luma.shape[1] // 2)
    return luma, np.full(chroma, u, np.uint8), np.full(chroma, v, np.uint8)


def plain(luma: int, u: int = 128, v: int = 128, *, width: int = 64, height: int = 36) -> Planes:
    return planes(np.full((height, width), luma, np.uint8), u, v)


def colours(cells: Cells) -> set[tuple[int, ...]]:
    return {tuple(colour) for colour in cells.reshape(-1, 3).tolist()}


@pytest.mark.parametrize(
    ("luma", "u", "v", "colour"),
    [
        (235, 128, 128, WHITE), (255, 128, 128, WHITE), (16, 128, 128, BLACK), (0, 128, 128, BLACK),
        (82, 90, 240, RED), (145, 54, 34, GREEN), (41, 240, 110, BLUE), (126, 128, 128, (130, 130, 130)),
    ],
)  # fmt: skip
def test_colours_are_those_of_bt_601(luma: int, u: int, v: int, colour: tuple[int, int, int]) -> None:
    (found,) = colours(cells_of(plain(luma, u, v), 32, 9, GROUND))
    assert max(abs(one - other) for one, other in zip(found, colour, strict=True)) <= 4


def test_each_cell_shows_two_pixels_one_above_the_other() -> None:
    luma = np.zeros((4, 4), np.uint8)
    luma[0::2] = 235
    luma[:, 2:] = 16
    shown = cells_of(planes(luma), 4, 2, GROUND)
    assert shown.shape == (2, 4, 2, 3)
    assert (shown[:, :2, 0] == 255).all() and (shown[:, :2, 1] == 0).all() and (shown[:, 2:] == 0).all()


def test_of_larger_pictures_averages_are_shown() -> None:
    # Of more pixels than are needed for an average only some are read: these are finer than what is left out.
    luma = np.tile(np.array([[235, 16], [16, 235]], np.uint8).repeat(2, axis=0).repeat(2, axis=1), (45, 80))
    assert colours(cells_of(planes(luma), 16, 5, GROUND)) <= {(125, 125, 125), (130, 130, 130)} | {GROUND}


@pytest.mark.parametrize("size", [(2, 2), (16, 8), (320, 180), (1920, 1080), (90, 160), (4000, 2)])
def test_pictures_of_any_size_fit_in_any_tile(size: tuple[int, int]) -> None:
    for columns, rows in [(1, 1), (3, 1), (1, 3), (40, 11), (200, 60)]:
        shown = cells_of(plain(235, width=size[0], height=size[1]), columns, rows, GROUND)
        assert shown.shape == (rows, columns, 2, 3) and shown.dtype == np.uint8
        assert colours(shown) - {GROUND} == {WHITE}, "as bright as it is, also where only some pixels are read"


@pytest.mark.parametrize(
    ("width", "height", "rows", "bars"),
    [(64, 36, 9, (0, 0)), (48, 36, 9, (4, 0)), (36, 64, 9, (11, 0)), (64, 16, 8, (0, 2)), (64, 18, 10, (0, 3))],
)
def test_sides_stay_in_proportion_between_bars(width: int, height: int, rows: int, bars: tuple[int, int]) -> None:
    shown = cells_of(plain(235, width=width, height=height), 32, rows, GROUND)
    picture = (shown == 255).all(axis=(2, 3))
    assert picture.any(axis=0).tolist() == [bars[0] <= column < 32 - bars[0] for column in range(32)]
    assert picture.any(axis=1).tolist() == [bars[1] <= row < rows - bars[1] for row in range(rows)]
    assert (shown[~picture] == GROUND).all()


def test_what_is_fitted_is_as_large_as_can_be() -> None:
    assert fitted(16 / 9, 32, 9) == (32, 9)
    assert fitted(16 / 9, 100, 9) == (32, 9)
    assert fitted(16 / 9, 32, 100) == (32, 9)
    assert fitted(0.001, 3, 3) == (1, 3) and fitted(1000, 3, 3) == (3, 1)


def test_planes_may_have_any_strides() -> None:
    luma, u, v = plain(100, 90, 170)
    wide = [np.zeros((plane.shape[0], plane.shape[1] + 10), np.uint8) for plane in (luma, u, v)]
    for plane, room in zip((luma, u, v), wide, strict=True):
        room[:, : plane.shape[1]] = plane
    strided = wide[0][:, :64], wide[1][:, :32], wide[2][:, :32]
    assert (cells_of(strided, 32, 9, GROUND) == cells_of((luma, u, v), 32, 9, GROUND)).all()


def test_only_what_the_eye_sees_differs() -> None:
    before = np.full((3, 4, 2, 3), 100, np.uint8)
    after = before.copy()
    after[0, 1, 1, 2] += TOLERANCE
    after[1, 2, 0, 1] -= TOLERANCE + 1
    after[2, 3] = 255
    assert np.argwhere(differing(before, after)).tolist() == [[1, 2], [2, 3]]


def test_without_colours_greens_are_bright_and_blues_are_dark() -> None:
    cells = np.array([[[RED, GREEN], [BLUE, WHITE]]], np.uint8)
    assert grey(cells)[0, :, :, 0].tolist() == [[76, 149], [29, 255]]
    assert (grey(cells).max(axis=-1) == grey(cells).min(axis=-1)).all()


@pytest.mark.parametrize(
    ("colour", "number"),
    [(BLACK, 16), (WHITE, 231), (RED, 196), ((95, 135, 175), 67), ((8, 8, 8), 232), ((238, 238, 238), 255),
     ((100, 100, 100), 241), ((128, 128, 128), 244), ((0, 0, 120), 18)],
)  # fmt: skip
def test_a_palette_has_the_nearest_colour(colour: tuple[int, int, int], number: int) -> None:
    cells = np.full((1, 1, 2, 3), colour, np.uint8)
    assert codes_of(cells, Depth.PALETTE).tolist() == [[[[number], [number]]]]


def test_shades_show_how_bright_a_cell_is() -> None:
    cells = np.array([[[BLACK, BLACK], [(60,) * 3] * 2, [BLACK, WHITE], [(190,) * 3] * 2, [WHITE, WHITE]]], np.uint8)
    codes = codes_of(cells, Depth.SHADES)
    assert escaped(codes, Depth.SHADES, [0, 3]) == [[" ░▒", "▓█"]]


_HUES = st.sampled_from([(0, 0, 0), (255, 255, 255), (7, 42, 199), (7, 42, 200), (100, 10, 1)])


@st.composite
def pictures(draw: st.DrawFn) -> tuple[Codes, Depth, list[int]]:
    """Codes with neighbours that are often alike, and where to cut them."""
    depth = draw(st.sampled_from([Depth.TRUE, Depth.PALETTE]))
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 8))
    flat = draw(st.lists(_HUES, min_size=rows * columns * 2, max_size=rows * columns * 2))
    cells = np.array(flat, np.uint8).reshape(rows, columns, 2, 3)
    starts = sorted({0, *draw(st.lists(st.integers(0, columns - 1), max_size=3))})
    return codes_of(cells, depth), depth, starts


@given(pictures())
def test_a_terminal_shows_what_the_text_says(picture: tuple[Codes, Depth, list[int]]) -> None:
    codes, depth, starts = picture
    for row, texts in zip(codes, escaped(codes, depth, starts), strict=True):
        pieces = np.split(row, starts[1:])
        assert len(pieces) == len(texts)
        for piece, text in zip(pieces, texts, strict=True):
            assert halves(text) == [(tuple(upper), tuple(lower)) for upper, lower in piece.tolist()]


@given(pictures())
def test_runs_are_the_row_and_no_two_neighbours_are_alike(picture: tuple[Codes, Depth, list[int]]) -> None:
    codes, depth, _ = picture
    for row, (text,) in zip(codes, escaped(codes, depth, [0]), strict=True):
        found = list(runs(row))
        whole = [[list(upper), list(lower)] for count, upper, lower in found for _ in range(count)]
        assert whole == row.tolist()
        assert all(one[1:] != other[1:] for one, other in zip(found, found[1:], strict=False))
        drawn = "".join(characters(upper, lower, depth) * count for count, upper, lower in found)
        assert drawn == "".join(character for character, _, _ in on_terminal(text))


def test_what_stays_the_same_is_said_once() -> None:
    cells = np.array([[[RED, BLUE], [RED, BLUE], [BLUE, BLUE], [GREEN, BLUE], [RED, RED]]], np.uint8)
    (text,) = escaped(codes_of(cells, Depth.TRUE), Depth.TRUE, [0])[0]
    assert text == (
        "\x1b[38;2;255;0;0;48;2;0;0;255m▀▀ \x1b[38;2;0;255;0m▀\x1b[48;2;255;0;0m \x1b[0m"
    )  # red on blue twice, blue, green on blue, red
    (text,) = escaped(codes_of(cells, Depth.PALETTE), Depth.PALETTE, [0])[0]
    assert text == "\x1b[38;5;196;48;5;21m▀▀ \x1b[38;5;46m▀\x1b[48;5;196m \x1b[0m"
