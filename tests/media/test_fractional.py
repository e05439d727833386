import numpy as np
import pytest

from meshconf.media.fractional import TAPS, read_between


def sine(places: np.ndarray, hertz: float) -> np.ndarray:
    return np.sin(places * 2 * np.pi * hertz / 48_000) * 10_000


def test_whole_places_give_the_samples_themselves() -> None:
    samples = np.random.default_rng(1).integers(-20_000, 20_000, 2000).astype(np.int16)
    assert np.array_equal(read_between(samples, 100, 1.0, 960), samples[100:1060])


@pytest.mark.parametrize("hertz", [200, 1000, 4000, 8000])
@pytest.mark.parametrize("step", [1.0, 1.001, 0.999])
def test_between_samples_stands_what_the_wave_is_there(hertz: float, step: float) -> None:
    samples = np.rint(sine(np.arange(2000), hertz)).astype(np.int16)
    start = TAPS + 0.37
    error = read_between(samples, start, step, 960) - sine(start + step * np.arange(960), hertz)
    assert 20 * np.log10(10_000 / np.abs(error).max()) > 50


def test_loud_sound_does_not_wrap_around() -> None:
    square = np.where(np.arange(2000) // 24 % 2, 32_767, -32_768).astype(np.int16)
    between = read_between(square, 100.5, 1.0, 960).astype(np.int32)
    wide = square[100:1060].astype(np.int32) + square[101:1061]
    assert np.all(np.sign(between[np.abs(wide) > 60_000]) == np.sign(wide[np.abs(wide) > 60_000]))
