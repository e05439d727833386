import time

import numpy as np
import pytest

from meshconf.devices.pattern import Pattern
from meshconf.media import stamp


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (1280, 720), (160, 120)])
def test_the_stamp_says_when_the_picture_was_painted(size: tuple[int, int]) -> None:
    assert stamp.read(Pattern(*size).paint(1_234.567)) == 1_234_567


def test_it_moves_and_people_differ() -> None:
    pattern = Pattern(640, 480, "anna")
    assert not np.array_equal(pattern.paint(1.0)[360:480], pattern.paint(1.5)[360:480])
    assert not np.array_equal(pattern.paint(1.0), Pattern(640, 480, "ben").paint(1.0))


def test_painting_takes_less_than_two_milliseconds() -> None:
    pattern = Pattern(640, 480)
    times = []
    for n in range(50):
        started = time.perf_counter()
        pattern.paint(n / 30)
        times.append(time.perf_counter() - started)
    assert sorted(times)[25] < 0.002


def test_a_tiny_or_odd_size_is_painted_or_refused() -> None:
    assert Pattern(16, 16).paint(1.0).shape == (24, 16)
    with pytest.raises(ValueError):
        Pattern(33, 16)
