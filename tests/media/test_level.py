import numpy as np
import pytest

from meshconf.media.level import FLOOR_DB, HANGOVER, SpeakingDetector, level_db


def test_silence_is_the_floor_and_full_scale_is_zero() -> None:
    assert level_db(np.zeros(960, dtype=np.int16)) == FLOOR_DB
    assert level_db(np.zeros(0, dtype=np.int16)) == FLOOR_DB
    assert level_db(np.full(960, -32768, dtype=np.int16)) == pytest.approx(0.0)
    assert level_db(np.full(960, 3277, dtype=np.int16)) == pytest.approx(-20.0, abs=0.1)


def test_a_voice_counts_until_the_hangover_is_over() -> None:
    detector = SpeakingDetector()
    assert not detector.update(-70.0, 0.0)
    assert detector.update(-25.0, 1.0)
    assert detector.update(-70.0, 1.0 + HANGOVER * 0.9)
    assert not detector.update(-70.0, 1.0 + HANGOVER * 1.1)


def test_steady_noise_stops_counting_as_speech_but_a_voice_above_it_counts() -> None:
    detector = SpeakingDetector()
    verdicts = [detector.update(-45.0, n * 0.02) for n in range(500)]
    assert not verdicts[-1]
    assert detector.update(-28.0, 11.0)
