"""Pictures in one window: none covers another, screens are large, whoever has no room is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshconf.windows.geometry import Rect, first_large_place, first_place, first_place_of_all, fit, onto
from meshconf.windows.layout import Tile, grid, stage

rooms = st.builds(Rect, st.integers(0, 50), st.integers(0, 50), st.integers(200, 4000), st.integers(160, 2500))
shapes = st.sampled_from(((16, 9), (4, 3), (9, 16), (21, 9)))


def people(count: int, screens: int = 0, shape: tuple[int, int] = (16, 9)) -> list[Tile]:
    return [Tile(f"f{i}", False, shape) for i in range(count)] + [Tile(f"s{i}", True) for i in range(screens)]


def well_laid(placed: dict[str, Rect], room: Rect) -> None:
    areas = list(placed.values())
    for i, one in enumerate(areas):
        assert one.width > 0 and one.height > 0
        assert room.x <= one.x and one.x + one.width <= room.x + room.width
        assert room.y <= one.y and one.y + one.height <= room.y + room.height
        for other in areas[:i]:
            apart = (
                one.x >= other.x + other.width
                or other.x >= one.x + one.width
                or one.y >= other.y + other.height
                or other.y >= one.y + one.height
            )
            assert apart


@given(st.integers(0, 16), st.integers(0, 3), shapes, rooms)
def test_in_a_grid_everybody_has_a_room_of_the_same_size(
    faces: int, screens: int, shape: tuple[int, int], room: Rect
) -> None:
    placed = grid(people(faces, screens, shape), room)
    assert len(placed) == faces + screens
    assert len({(one.width, one.height) for one in placed.values()}) <= 1
    well_laid(placed, room)


@given(st.integers(0, 16), st.integers(0, 3), shapes, rooms)
def test_on_a_stage_screens_have_room_and_are_larger_than_faces(
    faces: int, screens: int, shape: tuple[int, int], room: Rect
) -> None:
    tiles = people(faces, screens, shape)
    placed = stage(tiles, room)
    well_laid(placed, room)
    assert all(tile.key in placed for tile in tiles if tile.large)
    if not screens or not faces:
        assert placed == grid(tiles, room)
    else:
        assert "f0" in placed
    if faces and screens == 1:
        large, small = placed["s0"], placed["f0"]
        assert large.width * large.height >= small.width * small.height


def test_four_people_are_two_by_two_and_a_wide_window_has_its_faces_at_the_side() -> None:
    placed = grid(people(4), Rect(0, 0, 1280, 720))
    assert placed["f0"].y == placed["f1"].y and placed["f0"].x == placed["f2"].x
    beside = stage(people(3, 1), Rect(0, 0, 1600, 800))
    assert all(one.x > beside["s0"].x + beside["s0"].width for key, one in beside.items() if key != "s0")
    below = stage(people(3, 1), Rect(0, 0, 1000, 1000))
    assert all(one.y > below["s0"].y + below["s0"].height for key, one in below.items() if key != "s0")


def test_of_too_many_faces_the_last_are_left_out() -> None:
    placed = stage(people(16, 1), Rect(0, 0, 900, 500))
    assert "f0" in placed and "f15" not in placed
    assert fit(16, 9, placed["s0"].width, placed["s0"].height)[1] > 300


displays = st.tuples(st.integers(200, 6000), st.integers(200, 4000))


@given(st.integers(0, 20), st.tuples(st.integers(2, 8000), st.integers(2, 8000)), displays)
def test_every_window_opens_on_the_display(number: int, picture: tuple[int, int], display: tuple[int, int]) -> None:
    for place in (first_place(number, picture), first_large_place(picture, display), first_place_of_all(display)):
        shown = onto(place, display)
        assert 0 <= shown.x and shown.x + shown.width <= display[0]
        assert 0 <= shown.y and shown.y + shown.height <= display[1]


def test_somebodys_screen_opens_larger_than_a_face() -> None:
    for display in ((1280, 800), (1920, 1080), None):
        screen, face = first_large_place((1920, 1080), display), first_place(0, (1920, 1080))
        assert screen.width * screen.height > 1.5 * face.width * face.height
