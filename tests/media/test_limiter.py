from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.media.limiter import AHEAD, CEILING, STEP, Limiter

BLOCK, RATE = 960, 48_000
LATE = AHEAD * STEP
Sound = npt.NDArray[np.float32]


def limited(sound: Sound) -> npt.NDArray[np.int16]:
    limiter = Limiter()
    blocks = [limiter.limit(sound[at : at + BLOCK]) for at in range(0, sound.size - BLOCK + 1, BLOCK)]
    return np.concatenate(blocks)


def tone(hertz: float, peak: float, seconds: float = 1.0) -> Sound:
    wave: Sound = (np.sin(np.arange(int(seconds * RATE)) * 2 * np.pi * hertz / RATE) * peak).astype(np.float32)
    return wave


def voice(seed: int, seconds: float, peak: float) -> Sound:
    """Noise of a voice's spectrum that comes and goes as syllables do."""
    random = np.random.default_rng(seed)
    size = int(seconds * RATE)
    spectrum = np.fft.rfft(random.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum *= (hertz > 100) / (1 + (hertz / 800) ** 2)
    syllables = np.repeat(random.uniform(0, 1, size // 7200 + 1), 7200)[:size]
    sound = np.fft.irfft(spectrum, size) * syllables
    loud: Sound = (sound / np.abs(sound).max() * peak).astype(np.float32)
    return loud


def true_peak(sound: npt.NDArray[np.int16]) -> float:
    """Of the curve through the samples, in dB of full scale: sixteen times as many, by way of the spectrum."""
    spectrum = np.fft.rfft(np.pad(sound.astype(np.float64), RATE // 10))
    curve = np.fft.irfft(spectrum, 16 * (sound.size + RATE // 5)) * 16
    return float(20 * np.log10(np.abs(curve).max() / 32768))


def distortion(sound: npt.NDArray[np.int16], hertz: float) -> float:
    """Share of everything but the tone, in amplitude; the sound holds whole periods."""
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    own = round(hertz * sound.size / RATE)
    return float(np.sqrt((spectrum[1:].sum() - spectrum[own]) / spectrum[own]))


def test_eight_loud_speakers_at_once_do_not_clip() -> None:
    mix = limited(sum((voice(seed, 4, 32_000) for seed in range(8)), np.zeros(4 * RATE, np.float32)))
    assert np.abs(mix.astype(int)).max() <= CEILING
    assert true_peak(mix) < -0.8
    assert 20 * np.log10(np.sqrt(np.mean(np.square(mix, dtype=np.float64))) / 32768) > -20, "nor are they hushed"


def test_a_curve_that_is_higher_than_its_samples_is_limited() -> None:
    # A quarter of the sample rate, sampled 45 degrees beside its peaks: 3 dB higher than any sample.
    between = np.tile(np.array([1, 1, -1, -1], np.float32), RATE // 4) * np.float32(CEILING)
    assert true_peak(limited(between)[LATE:]) == pytest.approx(-1.0, abs=0.3)


@pytest.mark.parametrize("hertz", [100, 997, 7000])
def test_a_single_voice_gains_no_distortion(hertz: float) -> None:
    sound = tone(hertz, CEILING * 0.95)
    through = limited(sound)[LATE:]
    assert np.array_equal(through, np.rint(sound[:-LATE]))


@pytest.mark.parametrize("hertz", [100, 400, 1000])
def test_a_tone_that_is_twice_too_loud_stays_a_tone(hertz: float) -> None:
    mix = limited(tone(hertz, 2 * CEILING, 2.0))[-RATE:]
    assert distortion(mix, hertz) < 0.004
    assert np.abs(mix.astype(int)).max() == pytest.approx(CEILING, rel=0.02)


def test_one_voice_is_not_pumped_by_its_own_peaks() -> None:
    """A voice that somebody turned up until its peaks are 3 dB too high sounds no different 40 ms later."""
    sound = voice(3, 8, CEILING * 1.4)
    through = limited(sound)[LATE:].astype(np.float64)
    before = sound[:-LATE].astype(np.float64)
    heard = np.abs(before) > 300
    gains = np.array(
        [np.median(through[at : at + 1920][heard[at : at + 1920]] / before[at : at + 1920][heard[at : at + 1920]])
         for at in range(0, through.size - 1920, 1920) if heard[at : at + 1920].sum() > 200]
    )  # fmt: skip
    assert gains.min() > 0.7
    assert np.abs(np.diff(20 * np.log10(gains))).max() < 3.0
    assert np.median(np.abs(np.diff(20 * np.log10(gains)))) < 0.35


def test_the_gain_falls_before_the_peak_and_not_in_a_jump() -> None:
    steady = np.full(3 * BLOCK, 1000, np.float32)
    steady[1500:1510] = 8 * CEILING
    gains = limited(steady)[LATE:] / steady[:-LATE]
    assert np.all(gains[:1300] == 1.0)
    assert gains[1500:1510].max() * 8 <= 1.001
    falling = np.diff(gains[:1500])
    assert falling.min() > -1.5 / (LATE - STEP), "over two milliseconds"
    assert np.diff(gains[1510:]).max() < 0.0011


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3 * BLOCK - 1), st.integers(1, 400), st.floats(-8e5, 8e5)), min_size=1, max_size=12
    )
)
def test_whatever_comes_fits(bursts: list[tuple[int, int, float]]) -> None:
    sound = np.zeros(4 * BLOCK, np.float32)
    for start, size, height in bursts:
        sound[start : start + size] += np.float32(height)
    out = limited(sound).astype(int)
    assert np.abs(out).max() <= CEILING + 1
    assert np.all(out[LATE:] * sound[:-LATE] >= 0), "no sign turns over"
