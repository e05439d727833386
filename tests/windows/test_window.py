"""Where windows open, and what is painted on pictures; no display needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.windows.geometry import FIRST_SIZE, first_position, first_size
from meshconf.windows.label import NameLabel, placeholder


@given(st.integers(2, 8000), st.integers(2, 8000))
def test_a_new_window_fits_the_first_size_and_has_the_shape_of_its_picture(width: int, height: int) -> None:
    shown_width, shown_height = first_size(width, height)
    assert 1 <= shown_width <= FIRST_SIZE[0] and 1 <= shown_height <= FIRST_SIZE[1]
    assert abs(shown_width * height - shown_height * width) <= max(width, height) + 1


def test_no_two_of_twenty_windows_open_at_the_same_place() -> None:
    assert len({first_position(place) for place in range(20)}) == 20


def test_the_first_four_windows_do_not_overlap() -> None:
    corners = [first_position(place) for place in range(4)]
    for i, (x, y) in enumerate(corners):
        for other_x, other_y in corners[:i]:
            assert abs(x - other_x) >= FIRST_SIZE[0] or abs(y - other_y) >= FIRST_SIZE[1]


@pytest.mark.parametrize("name", ["Ana", "Zoë 李小龙", "m" * 40, "🙂"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (640, 480), (360, 640), (2, 2), (40, 16)])
def test_a_label_stays_in_the_lower_left_of_any_picture(name: str, width: int, height: int) -> None:
    image = np.full((height, width, 3), 128, np.uint8)
    NameLabel(name).paint(image)
    changed = (image != 128).any(axis=2)
    assert not changed[: height * 3 // 4].any()
    if height >= 360:
        assert changed.any() and not changed[:, -4:].any()


def test_a_label_follows_the_size_of_the_picture() -> None:
    label = NameLabel("Ana")
    heights = []
    for height in (720, 360, 720):
        image = np.full((height, height * 16 // 9, 3), 128, np.uint8)
        label.paint(image)
        heights.append(int((image != 128).any(axis=(1, 2)).sum()))
    assert heights[0] == heights[2] > heights[1] > 0


def test_a_placeholder_has_the_size_asked_for_and_a_colour_of_the_persons_own() -> None:
    ana, ben = (placeholder(640, 360, name, "camera off") for name in ("Ana", "Ben"))
    assert ana.shape == ben.shape == (360, 640, 3)
    assert not np.array_equal(ana, ben)
    assert np.array_equal(ana, placeholder(640, 360, "Ana", "camera off"))
