import numpy as np
import numpy.typing as npt
import pytest

from meshconf.media.level import level_db
from meshconf.media.mixer import CEILING, Mixer
from meshconf.types import BLOCK


def tone(peak: float, frequency: float = 500.0) -> npt.NDArray[np.int16]:
    return (np.sin(np.arange(BLOCK) * 2 * np.pi * frequency / 48_000) * peak).astype(np.int16)


def test_no_voice_is_silence() -> None:
    mix = Mixer().mix([])
    assert mix.shape == (BLOCK,) and mix.dtype == np.int16 and not mix.any()


def test_one_voice_comes_through_unchanged() -> None:
    voice = tone(10_000)
    assert np.array_equal(Mixer().mix([(voice, 0.0)]), voice)


def test_a_gain_in_decibels_changes_the_level_by_it() -> None:
    voice = tone(2_000)
    assert level_db(Mixer().mix([(voice, 6.0)])) - level_db(voice) == pytest.approx(6.0, abs=0.05)
    assert level_db(Mixer().mix([(voice, -12.0)])) - level_db(voice) == pytest.approx(-12.0, abs=0.05)


def test_many_loud_voices_do_not_clip_and_loudness_comes_back() -> None:
    mixer = Mixer()
    for _ in range(10):
        mix = mixer.mix([(tone(30_000), 0.0)] * 8)
        assert int(np.abs(mix.astype(np.int32)).max()) <= CEILING + 1
    assert level_db(mixer.mix([(tone(1_000), 0.0)])) < level_db(tone(1_000)) - 6
    for _ in range(500):
        quiet = mixer.mix([(tone(1_000), 0.0)])
    assert np.array_equal(quiet, tone(1_000))


def test_the_limiter_lets_go_without_a_step() -> None:
    mixer = Mixer()
    mixer.mix([(np.full(BLOCK, 32_000, dtype=np.int16), 6.0)])
    sound = np.concatenate([mixer.mix([(np.full(BLOCK, 8_000, dtype=np.int16), 0.0)]) for _ in range(50)])
    assert int(np.abs(np.diff(sound.astype(np.int32))).max()) <= 2
