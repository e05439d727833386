"""What a touchpad gives in parts is turned in whole notches, and none of it is lost."""

from __future__ import annotations

import pytest

from meshconf.devices.input.wheel import Wheel


@pytest.mark.parametrize(
    ("turns", "notches"),
    [
        ([(2.0, -3.0)], [(2, -3)]),
        ([(0.5, 0.0)] * 4, [(0, 0), (1, 0), (0, 0), (1, 0)]),
        ([(0.0, -0.75)] * 4, [(0, 0), (0, -1), (0, -1), (0, -1)]),
        ([(0.5, 0.5), (-0.5, 0.5), (0.0, 1.5)], [(0, 0), (0, 1), (0, 1)]),
    ],
)
def test_parts_of_notches_add_up(turns: list[tuple[float, float]], notches: list[tuple[int, int]]) -> None:
    wheel = Wheel()
    assert [wheel.turn(*turn) for turn in turns] == notches
