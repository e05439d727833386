from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.screen.changes import Changes, Plane

WIDTH, HEIGHT = 70, 38


def picture() -> list[Plane]:
    return [np.full((HEIGHT // side, WIDTH // side), 128, np.uint8) for side in (1, 2, 2)]


def test_everything_is_new_at_first_and_nothing_when_it_comes_again() -> None:
    changes = Changes(WIDTH, HEIGHT)
    assert changes.shape == (3, 5)
    assert changes.look(picture()).all()
    assert not changes.look(picture()).any()


@given(plane=st.integers(0, 2), row=st.integers(0, HEIGHT - 1), column=st.integers(0, WIDTH - 1))
def test_one_pixel_of_any_plane_changes_its_block_and_no_other(plane: int, row: int, column: int) -> None:
    changes, changed = Changes(WIDTH, HEIGHT), picture()
    changes.look(picture())
    if plane:
        row, column = row // 2, column // 2
    changed[plane][row, column] ^= 1
    side = 8 if plane else 16
    assert np.argwhere(changes.look(changed)).tolist() == [[row // side, column // side]]
    assert np.argwhere(changes.look(picture())).tolist() == [[row // side, column // side]]


@pytest.mark.parametrize(("left", "right", "steps"), [(128, 128, 0), (100, 128, 28), (128, 100, 28)])
def test_detail_is_the_steps_of_brightness_in_a_block(left: int, right: int, steps: int) -> None:
    changes, seen = Changes(WIDTH, HEIGHT), picture()
    seen[0][:, :20], seen[0][:, 20:] = left, right
    changes.look(seen)
    assert changes.detail[0].tolist()[1:4] == [4 * steps, 0, 0]


def test_detail_is_that_of_the_last_picture() -> None:
    changes, striped = Changes(WIDTH, HEIGHT), picture()
    striped[0][:, ::2] = 255
    changes.look(striped)
    busy = changes.detail.copy()
    changes.look(picture())
    assert busy[0, 1] == 4 * 16 * 127 and changes.detail[0, 1] == 0
