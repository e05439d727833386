"""Fitted or pixel for pixel: every place of a window is the right place of the picture."""

from __future__ import annotations

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from meshconf.windows.geometry import Rect
from meshconf.windows.viewport import EDGE, View, edge_push

sides = st.integers(2, 5000)
sizes = st.tuples(sides, sides)
rooms = st.builds(Rect, st.integers(0, 300), st.integers(0, 300), st.integers(50, 4000), st.integers(50, 3000))
shares = st.floats(0, 1)
views = st.builds(View, st.booleans(), shares, shares)


def inside(part: Rect, whole: Rect) -> bool:
    return (
        part.x >= whole.x
        and part.y >= whole.y
        and part.x + part.width <= whole.x + whole.width
        and part.y + part.height <= whole.y + whole.height
    )


@given(sizes, rooms, views)
def test_a_picture_stays_in_its_room_and_what_is_seen_within_the_picture(
    picture: tuple[int, int], room: Rect, view: View
) -> None:
    shown = view.lay(picture, room)
    assert inside(shown.target, room)
    assert inside(shown.source, Rect(0, 0, *picture))
    assert shown.source.width and shown.source.height and shown.target.width and shown.target.height


@given(sizes, rooms, shares, shares, st.data())
def test_pixel_for_pixel_nothing_is_resampled_and_each_pixel_is_itself(
    picture: tuple[int, int], room: Rect, x: float, y: float, data: st.DataObject
) -> None:
    shown = View(True, x, y).lay(picture, room)
    assert (shown.target.width, shown.target.height) == (shown.source.width, shown.source.height)
    across = data.draw(st.integers(0, shown.target.width - 1))
    down = data.draw(st.integers(0, shown.target.height - 1))
    share = shown.share(shown.target.x + across, shown.target.y + down)
    pixel = (math.floor(share[0] * picture[0]), math.floor(share[1] * picture[1]))
    assert pixel == (shown.source.x + across, shown.source.y + down)


@given(sizes, rooms, views, st.data())
def test_a_share_leads_back_to_the_pixel_that_was_pointed_at(
    picture: tuple[int, int], room: Rect, view: View, data: st.DataObject
) -> None:
    shown = view.lay(picture, room)
    x = shown.target.x + data.draw(st.integers(0, shown.target.width - 1))
    y = shown.target.y + data.draw(st.integers(0, shown.target.height - 1))
    assert shown.contains(x, y)
    back = shown.place(*shown.share(x, y))
    assert abs(back[0] - x) < 1e-6 * max(picture) and abs(back[1] - y) < 1e-6 * max(picture)


@given(sizes, rooms, views, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_beside_the_picture_its_nearest_place_counts(
    picture: tuple[int, int], room: Rect, view: View, x: float, y: float
) -> None:
    share = view.lay(picture, room).share(x, y)
    assert 0 < share[0] < 1 and 0 < share[1] < 1


@given(st.integers(1, 4), sizes, st.integers(50, 1000), st.integers(50, 800), st.data())
def test_a_display_with_more_pixels_gives_the_same_places(
    factor: int, picture: tuple[int, int], width: int, height: int, data: st.DataObject
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    one = View().lay(picture, Rect(0, 0, width, height))
    many = View().lay(picture, Rect(0, 0, width * factor, height * factor))
    assume(one.contains(x, y) and min(one.target.width, one.target.height) >= 8)
    middle = (x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5
    for here, there, length in zip(
        one.share(x, y), many.share(*middle), (one.target.width, one.target.height), strict=True
    ):
        assert abs(here - there) <= 1.5 / length, "at most the rounding of the smaller picture's edges"


@given(sizes, rooms, views, st.floats(-9000, 9000), st.floats(-9000, 9000))
def test_moving_on_never_leaves_the_picture_and_can_be_undone_within_it(
    picture: tuple[int, int], room: Rect, view: View, dx: float, dy: float
) -> None:
    moved = view.moved(dx, dy, picture, room)
    shown = moved.lay(picture, room)
    assert inside(shown.source, Rect(0, 0, *picture))
    if not view.actual:
        assert moved == view
    again = moved.moved(dx, dy, picture, room).moved(-dx, -dy, picture, room)
    assert 0 <= again.x <= 1 and 0 <= again.y <= 1


def test_a_step_to_the_right_shows_what_is_further_right() -> None:
    picture, room = (1000, 1000), Rect(0, 0, 100, 100)
    view = View(True).moved(30, -20, picture, room)
    assert view.lay(picture, room).source == Rect(480, 430, 100, 100)
    assert view.moved(9999, 9999, picture, room).lay(picture, room).source == Rect(900, 900, 100, 100)


def test_what_is_under_the_pointer_stays_there_when_the_picture_gets_its_own_size() -> None:
    picture, room = (2000, 1000), Rect(0, 0, 500, 500)
    at = (200, 260)
    before = View().lay(picture, room).share(*at)
    view = View().toggled(picture, room, at)
    after = view.lay(picture, room).share(*at)
    assert abs(after[0] - before[0]) < 0.002 and abs(after[1] - before[1]) < 0.002
    assert view.toggled(picture, room, at) == View()
    assert View().toggled(picture, room, None) == View(True)


def test_near_an_edge_the_picture_moves_that_way_and_faster_the_nearer() -> None:
    room = Rect(100, 50, 800, 600)
    assert edge_push(500, 300, room) == (0, 0)
    left, nearer = edge_push(100 + EDGE - 1, 300, room)[0], edge_push(101, 300, room)[0]
    assert nearer < left < 0
    assert edge_push(899, 649, room)[0] > 0 and edge_push(899, 649, room)[1] > 0
    assert edge_push(99, 300, room) == (0, 0), "outside, nothing moves"
