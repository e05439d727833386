"""The rate of pictures follows what the terminal takes."""

from __future__ import annotations

from meshconf.tui.pace import FPS, Pace


def drawn(pace: Pace, begin: float, seconds: float, *, behind: bool = False) -> int:
    """How many pictures are drawn in some seconds."""
    return sum(pace.due(begin + tick / FPS, behind=behind) for tick in range(round(seconds * FPS)))


def test_a_terminal_that_keeps_up_gets_all_pictures() -> None:
    assert drawn(Pace(), 0.0, 3.0) == 3 * FPS


def test_each_picture_that_finds_the_last_one_waiting_is_left_out_and_halves_the_rate() -> None:
    pace = Pace()
    rates: list[float] = []
    for number in range(4):
        while not pace.due(float(number), behind=False):
            pass
        while pace.fps == (rates[-1] if rates else FPS):
            assert not pace.due(float(number), behind=True)
        rates.append(pace.fps)
    assert rates == [FPS / 2, FPS / 4, FPS / 8, FPS / 16]


def test_a_terminal_that_takes_nothing_gets_nothing_and_is_tried_now_and_then() -> None:
    pace = Pace()
    assert drawn(pace, 0.0, 60.0, behind=True) == 0
    assert 0 < pace.fps < 1


def test_the_rate_comes_back_step_by_step() -> None:
    pace = Pace()
    drawn(pace, 0.0, 1.0, behind=True)
    slow = pace.fps
    drawn(pace, 1.0, 3.0)
    assert slow < pace.fps < FPS
    drawn(pace, 4.0, 12.0)
    assert pace.fps == FPS
