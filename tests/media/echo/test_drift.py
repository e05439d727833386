import numpy as np
import pytest

from meshconf.media.echo.drift import DriftFilter

BLOCK = 960


def follow(ppm: float, jitter: float, seconds: float, seed: int = 1) -> tuple[DriftFilter, float]:
    """The filter after a time, and by how many samples it is off."""
    random = np.random.default_rng(seed)
    true = 1000.0
    filter = DriftFilter(true + random.normal(0, jitter))
    for _ in range(int(seconds * 50)):
        filter.correct(true + random.normal(0, jitter))
        filter.advance(BLOCK)
        true += BLOCK * (1 + ppm * 1e-6)
    return filter, filter.position - true


@pytest.mark.parametrize("ppm", [0.0, 100.0, -1000.0, 1000.0])
def test_it_finds_out_how_fast_a_clock_runs(ppm: float) -> None:
    filter, error = follow(ppm, jitter=24, seconds=20)
    assert filter.rate * 1e6 == pytest.approx(ppm, abs=25)
    assert abs(error) < 10


def test_times_that_jump_about_do_not_move_it() -> None:
    random = np.random.default_rng(2)
    filter, _ = follow(0, jitter=96, seconds=30)
    rates = []
    for _ in range(500):
        filter.correct(filter.position + random.normal(0, 96))
        filter.advance(BLOCK)
        rates.append(filter.rate)
    assert np.ptp(rates) < 100e-6


def test_it_still_follows_after_an_hour() -> None:
    filter, _ = follow(50, jitter=24, seconds=3600)
    start = position = filter.position
    for _ in range(60 * 50):  # the card becomes warm: 50 parts in a million more
        filter.correct(position)
        filter.advance(BLOCK)
        position += BLOCK * (1 + 100e-6)
    assert filter.position - position == pytest.approx(0, abs=24)
    assert filter.rate * 1e6 == pytest.approx(100, abs=10) and position > start
