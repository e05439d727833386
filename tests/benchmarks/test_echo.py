import numpy as np
import pytest

from benchmarks.echo.call import Scene, play
from benchmarks.echo.room import echo_path, heard_through
from benchmarks.echo.voices import level_db, recorded
from benchmarks.tables.echo import erle_db, near_loss_db

RATE = 48_000


def test_a_room_answers_at_once_and_dies_away() -> None:
    response = echo_path(0.3)
    assert np.flatnonzero(response)[0] == round(0.3 / 343 * RATE)
    assert np.sum(response**2) == pytest.approx(1.0)
    begin, end = slice(RATE // 50, RATE // 20), slice(RATE // 5, RATE // 4)
    fallen = level_db(response[begin] * 1e4) - level_db(response[end] * 1e4)
    # From 35 to 225 ms; in a box of one absorption it dies away more slowly than by the formula.
    assert 15 < fallen < 60 * 0.19 / 0.3


def test_what_is_heard_through_a_room_is_as_loud_as_before() -> None:
    noise = np.random.default_rng(1).standard_normal(RATE) * 1000
    assert level_db(heard_through(noise, echo_path(0.3))) == pytest.approx(level_db(noise), abs=0.5)


def test_voices_are_as_loud_and_long_as_asked() -> None:
    voice = recorded("grace", 30.0, -20.0)
    assert voice.size == 30 * RATE and level_db(voice) == pytest.approx(-20.0, abs=1.0)


def test_erle_is_the_difference_of_levels() -> None:
    echo = np.full(4 * RATE, 1000.0)
    assert erle_db(echo, echo / 10, 1.0, 3.0) == pytest.approx(20.0)
    assert erle_db(echo, echo / 10, 4.0, 9.0) is None


def test_drifting_clocks_leave_no_more_echo_than_steady_ones() -> None:
    outcome = play(Scene(ppm=1000, seconds=8))
    erle = erle_db(outcome.echo, outcome.sent, 4.0, 7.5)
    assert erle is not None and erle > 35
    loose = play(Scene(ppm=1000, seconds=8, aligned=False))
    worse = erle_db(loose.echo, loose.sent, 4.0, 7.5)
    assert worse is not None and worse < erle - 10


def test_who_speaks_over_an_echo_is_heard() -> None:
    assert near_loss_db(Scene(near_db=-26.0, seconds=10)) < 4.5
