from __future__ import annotations

import pytest

from meshconf.media.screen.sizes import COARSEST, QUANTIZERS, SHARP, Sizes, finest


def test_finer_pictures_are_guessed_larger() -> None:
    guesses = [Sizes().guess(1e6, quantizer) for quantizer in QUANTIZERS]
    assert guesses == sorted(guesses, reverse=True) and len(set(guesses)) == len(guesses)


def test_what_the_viewer_has_need_not_be_sent_again() -> None:
    sizes = Sizes()
    assert sizes.guess(1e6, SHARP, COARSEST) < sizes.guess(1e6, SHARP)
    assert sizes.guess(1e6, SHARP, SHARP) == sizes.guess(0, SHARP)


@pytest.mark.parametrize("bytes_per_detail", [0.01, 0.2])
@pytest.mark.parametrize("before", [None, 50])
def test_guesses_come_near_what_was_seen(bytes_per_detail: float, before: int | None) -> None:
    sizes, first = Sizes(), Sizes()
    true = 500 + (first.guess(1e6, 20, before) - 500) * bytes_per_detail / 0.035
    for _ in range(20):
        sizes.learn(round(true), 1e6, 20, before)
    assert sizes.guess(1e6, 20, before) == pytest.approx(true, rel=0.05)


def test_one_odd_picture_does_not_spoil_the_next_guess() -> None:
    sizes = Sizes()
    usual = sizes.guess(1e6, 20)
    sizes.learn(100 * round(usual), 1e6, 20)
    assert sizes.guess(1e6, 20) < 2 * usual
    sizes.learn(40, 1e6, 20)
    sizes.learn(40_000, 0.0, 20)
    assert sizes.guess(1e6, 20) < 2 * usual


def test_the_finest_that_fits_is_taken() -> None:
    def guess(quantizer: int) -> float:
        return 6400 / quantizer

    assert finest(6400 / 20, guess) == 20
    assert finest(6400 / 19, guess) == 20
    assert finest(1e9, guess) == SHARP
    assert finest(1e9, guess, limit=20) == 20
    assert finest(1, guess) == COARSEST
