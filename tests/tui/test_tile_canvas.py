"""The strips of a tile: right whether they are drawn whole or cut, and new only where something moved."""

from __future__ import annotations

import numpy as np
import pytest
from rich.console import Console
from textual.strip import Strip

from meshconf.media.terminal import Depth
from meshconf.pictures.i420 import Picture
from meshconf.tui.widgets.tile_canvas import BANDS, Canvas, bands
from meshconf.tui.widgets.tile_strip import TileStrip
from tests.support.sgr import Colour, cells, halves
from tests.tui.film import BLACK, GREY, WHITE, Film, plain

SYSTEMS = {Depth.TRUE: "truecolor", Depth.PALETTE: "256", Depth.SHADES: "standard"}


def on(canvas: Canvas) -> list[list[TileStrip]]:
    return [[canvas.strip(row, band) for band in range(len(bands(canvas.columns)))] for row in range(canvas.rows)]


def canvas(depth: Depth = Depth.TRUE, columns: int = 40, rows: int = 11, *, colourless: bool = False) -> Canvas:
    return Canvas(columns, rows, (16, 22, 27), depth, colourless=colourless)


def half_white(width: int = 64, height: int = 36) -> Picture:
    picture = plain(BLACK, width, height)
    picture[:height, : width // 2] = WHITE[0]
    return picture


@pytest.mark.parametrize("columns", [1, 11, 12, 25, 40, 104, 300])
def test_bands_begin_on_the_left_and_none_is_empty(columns: int) -> None:
    starts = bands(columns)
    assert starts[0] == 0 and len(starts) <= BANDS
    assert all(one < other for one, other in zip(starts, [*starts[1:], columns], strict=True))


def test_the_first_picture_is_all_new_and_the_same_again_is_not() -> None:
    shown = canvas()
    assert not shown.shown
    assert shown.draw(half_white()).all()
    assert shown.shown
    before = on(shown)
    assert not shown.draw(half_white()).any()
    assert on(shown) == before


def test_only_bands_in_which_something_moved_are_new() -> None:
    shown = canvas()
    shown.draw(plain(BLACK))
    picture = plain(BLACK)
    picture[18:20, 62:] = WHITE[0]
    new = shown.draw(picture)
    assert not new[:, :-1].any() and np.flatnonzero(new[:, -1]).tolist() == [5, 6]


def test_small_differences_add_up_until_they_are_seen() -> None:
    shown = canvas()
    shown.draw(plain(BLACK))
    seen = [shown.draw(plain((16 + luma, 128, 128))).any() for luma in range(0, 40, 2)]
    assert 0 < sum(seen) < len(seen) / 2


def test_a_camera_that_hisses_moves_nothing_but_who_is_before_it() -> None:
    film = Film(320, 180)
    shown = canvas(columns=104, rows=29)
    shown.draw(film.picture(0.0))
    share = np.mean([shown.draw(film.picture(1.0 + step / 10)).mean() for step in range(10)])
    assert 0.02 < share < 0.5


@pytest.mark.parametrize("depth", list(Depth))
def test_text_and_segments_of_a_strip_are_the_same_picture(depth: Depth) -> None:
    shown = canvas(depth)
    shown.draw(Film(64, 36).picture(0.0))
    console = Console(color_system=SYSTEMS[depth])  # type: ignore[arg-type]
    for row in on(shown):
        for strip in row:
            whole = strip.render(console)
            made = Strip(list(strip)).render(console)
            assert [cell[0] for cell in cells(whole)] == [cell[0] for cell in cells(made)] == list(strip.text)
            assert halves(whole) == halves(made)


def test_a_strip_can_be_cut_anywhere() -> None:
    shown = canvas(columns=16, rows=5)
    shown.draw(Film(64, 36).picture(0.0))
    strip, console = shown.strip(2, 0), Console(color_system="truecolor")
    picture = halves(strip.render(console))
    left, right = strip.divide([5, 16])
    assert halves(left.render(console)) + halves(right.render(console)) == picture
    assert halves(strip.crop(3, 9).render(console)) == picture[3:9]
    assert strip.divide([16]) == [strip] and strip.cell_length == 16


def test_a_canvas_says_which_lines_it_has() -> None:
    shown = canvas(columns=30, rows=5)
    assert not shown.has(0, 0)
    shown.draw(plain(GREY))
    assert shown.has(4, 1)
    assert not shown.has(5, 1) and not shown.has(4, 2)


def test_a_strip_has_no_attributes_but_those_of_strips() -> None:
    shown = canvas()
    shown.draw(plain(GREY))
    with pytest.raises(AttributeError):
        shown.strip(0, 0).flavour  # noqa: B018


def test_who_wants_no_colours_sees_greys() -> None:
    shown = canvas(colourless=True)
    shown.draw(Film(64, 36).picture(0.0))
    colours: set[Colour] = set()
    for row in on(shown)[1:-1]:
        for strip in row:
            colours |= {half for cell in halves(strip.render(Console())) for half in cell}
    assert len(colours) > 5
    assert {colour for colour in colours if colour != (16, 22, 27) and len(set(colour or ())) != 1} == set()
