import numpy as np
import numpy.typing as npt
import pytest

from meshconf.media.level import level_db
from meshconf.media.limiter import AHEAD, CEILING, STEP
from meshconf.media.mixer import Mixer
from meshconf.types import BLOCK

LATE = AHEAD * STEP


def tone(peak: float, frequency: float = 500.0) -> npt.NDArray[np.int16]:
    return (np.sin(np.arange(BLOCK) * 2 * np.pi * frequency / 48_000) * peak).astype(np.int16)


def test_no_voice_is_silence() -> None:
    mix = Mixer().mix([])
    assert mix.shape == (BLOCK,) and mix.dtype == np.int16 and not mix.any()


def test_a_voice_that_ends_is_heard_to_its_end_and_nothing_after_it() -> None:
    mixer = Mixer()
    loud = [mixer.mix([(tone(30_000), 6.0)]) for _ in range(5)]
    rest = [mixer.mix([]) for _ in range(100)]
    assert rest[0][:LATE].any() and not np.concatenate(rest[1:]).any()
    # After so long everything is as in the beginning.
    assert np.array_equal(np.concatenate([mixer.mix([(tone(30_000), 6.0)]) for _ in range(5)]), np.concatenate(loud))


def test_one_voice_comes_through_unchanged_and_hardly_later() -> None:
    assert LATE <= 120
    voice, mixer = tone(CEILING), Mixer()
    mix = np.concatenate([mixer.mix([(voice, 0.0)]) for _ in range(5)])
    assert np.array_equal(mix[LATE:], np.tile(voice, 5)[:-LATE])


def test_a_gain_in_decibels_changes_the_level_by_it() -> None:
    voice, mixer = tone(2_000), Mixer()
    levels = [[level_db(mixer.mix([(voice, gain)])) for _ in range(3)][-1] for gain in (0.0, 6.0, -12.0)]
    assert levels[1] - levels[0] == pytest.approx(6.0, abs=0.05)
    assert levels[2] - levels[0] == pytest.approx(-12.0, abs=0.05)


def test_many_loud_voices_do_not_clip_and_loudness_comes_back() -> None:
    mixer = Mixer()
    for _ in range(10):
        mix = mixer.mix([(tone(30_000), 0.0)] * 8)
        assert int(np.abs(mix.astype(np.int32)).max()) <= CEILING
    mixer.mix([(tone(1_000), 0.0)])
    assert level_db(mixer.mix([(tone(1_000), 0.0)])) < level_db(tone(1_000)) - 6
    later = [level_db(mixer.mix([(tone(1_000), 0.0)])) for _ in range(150)]
    assert later[50] > level_db(tone(1_000)) - 1, "after a second"
    assert np.array_equal(mixer.mix([(tone(1_000), 0.0)])[LATE:], tone(1_000)[:-LATE])


def test_in_stereo_mono_is_in_the_middle_and_a_side_stays_a_side() -> None:
    mixer = Mixer(2)
    left = np.stack([tone(8_000, 700.0), np.zeros(BLOCK, dtype=np.int16)], axis=1)
    middle = tone(4_000)
    mix = np.concatenate([mixer.mix([(left, 0.0), (middle, 0.0)]) for _ in range(3)])[LATE:]
    assert np.array_equal(mix[:, 1], np.tile(middle, 3)[:-LATE])
    assert np.array_equal(mix[:, 0], np.tile(middle + left[:, 0], 3)[:-LATE])


def test_a_loud_side_turns_the_other_down_with_it() -> None:
    mixer = Mixer(2)
    sides = np.stack([tone(30_000), tone(1_000)], axis=1)
    mix = np.concatenate([mixer.mix([(sides, 0.0)] * 4) for _ in range(10)])[5 * BLOCK :]
    left, right = np.abs(mix.astype(np.int32)).max(axis=0)
    assert left <= CEILING and left / right == pytest.approx(30, rel=0.05)
