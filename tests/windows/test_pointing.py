"""Pointers and lines: who is there, what fades, how much is kept; and what of it is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshconf.windows.geometry import Rect
from meshconf.windows.ink import colour_of, draw_hint, draw_pointing
from meshconf.windows.pointing import FADE, LONGEST, Pointing
from meshconf.windows.viewport import View
from meshconf.windows.wire import Pointer


def canvas() -> NDArray[np.uint8]:
    return np.full((400, 600, 3), 30, np.uint8)


SHOWN = View().lay((1600, 900), Rect(100, 50, 480, 270))


def test_whoever_is_not_named_any_more_points_nowhere() -> None:
    pointing = Pointing()
    pointing.others([Pointer("ana", "Ana", 0.1, 0.2, False), Pointer("ben", "Ben", 0.5, 0.5, False)], 1.0)
    assert pointing.marks() == [("Ana", 0.1, 0.2), ("Ben", 0.5, 0.5)]
    pointing.others([Pointer("ana", "Ana", -1.0, -1.0, False)], 2.0)
    assert pointing.marks() == []
    assert not pointing.fading


def test_two_people_of_one_name_have_a_pointer_and_a_pen_each() -> None:
    pointing = Pointing()
    for step in (1, 2):
        pointing.others([Pointer("a", "Alex", 0.1 * step, 0.2, True), Pointer("b", "Alex", 0.1 * step, 0.8, True)], 1.0)
    assert pointing.marks() == [("Alex", 0.2, 0.2), ("Alex", 0.2, 0.8)]
    assert [(name, [(dot.x, dot.y) for dot in line]) for name, line in pointing.lines(1.0)] == [
        ("Alex", [(0.1, 0.2), (0.2, 0.2)]),
        ("Alex", [(0.1, 0.8), (0.2, 0.8)]),
    ]
    pointing.others([Pointer("b", "Bea", 0.5, 0.5)], 2.0)
    assert pointing.marks() == [("Bea", 0.5, 0.5)]


def test_a_line_fades_and_a_lifted_pen_begins_another() -> None:
    pointing = Pointing()
    for step in range(3):
        pointing.others([Pointer("ana", "Ana", 0.1 * step, 0.5, True)], float(step))
    pointing.others([Pointer("ana", "Ana", 0.9, 0.9, False)], 3.0)
    pointing.others([Pointer("ana", "Ana", 0.9, 0.1, True)], 3.0)
    lines = pointing.lines(3.0)
    assert [(name, [(dot.x, dot.y) for dot in line]) for name, line in lines] == [
        ("Ana", [(0.0, 0.5), (0.1, 0.5), (0.2, 0.5)]),
        ("Ana", [(0.9, 0.1)]),
    ]
    assert [len(line) for _, line in pointing.lines(1.5 + FADE)] == [1, 1]
    assert pointing.fading
    assert pointing.lines(10 + FADE) == [] and not pointing.fading


def test_of_an_endless_line_only_its_end_is_kept() -> None:
    pointing = Pointing()
    for step in range(5 * LONGEST):
        pointing.own(0.5 + 0.4 * (-1) ** step, 0.5, True, 1.0)
    assert sum(len(line) for _, line in pointing.lines(1.0)) <= LONGEST
    for step in range(5 * LONGEST):
        pointing.own(0.5, 0.5, step % 2 == 0, 1.0)
    assert sum(len(line) for _, line in pointing.lines(1.0)) <= LONGEST


def test_names_that_come_and_go_do_not_pile_up() -> None:
    pointing = Pointing()
    for step in range(1000):
        pointing.others([Pointer(f"n{step}", "Ana", 0.5, 0.5, True)], step * 0.1)
        pointing.lines(step * 0.1)
    assert len(pointing._others) < 100


def test_a_pointer_is_drawn_where_it_points_and_nothing_beside_the_picture() -> None:
    image = canvas()
    pointing = Pointing()
    pointing.others([Pointer("ana", "Ana", 0.5, 0.5, False), Pointer("ben", "Ben", 1.0, 1.0, False)], 1.0)
    draw_pointing(image, SHOWN, pointing, 1.0)
    x, y = (round(place) for place in SHOWN.place(0.5, 0.5))
    assert (image[y + 5, x + 2] == colour_of("Ana")).all()
    image[50:320, 100:580] = 30
    assert (image == 30).all()


def test_lines_get_fainter_until_they_are_gone() -> None:
    seen = []
    for now in (1.0, 1.0 + FADE / 2, 1.0 + FADE):
        pointing, image = Pointing(), canvas()
        pointing.own(0.1, 0.5, True, 1.0)
        pointing.own(0.9, 0.5, True, 1.0)
        draw_pointing(image, SHOWN, pointing, now)
        seen.append(int(np.abs(image.astype(int) - 30).sum()))
    assert seen[0] > seen[1] > seen[2] == 0


def test_a_click_of_the_pen_is_a_dot() -> None:
    pointing, image = Pointing(), canvas()
    pointing.own(0.5, 0.5, True, 1.0)
    draw_pointing(image, SHOWN, pointing, 1.0)
    assert (image != 30).any()


def test_a_hint_stays_in_its_room_or_is_left_out() -> None:
    image = canvas()
    draw_hint(image, Rect(50, 40, 500, 300), "F: actual size")
    changed = np.argwhere((image != 30).any(axis=2))
    assert len(changed) and changed.min(axis=0)[0] >= 40 and changed.min(axis=0)[1] >= 50
    small = canvas()
    draw_hint(small, Rect(50, 40, 60, 300), "F: actual size")
    assert (small == 30).all()
