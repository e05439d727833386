import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.media.samples import Samples
from meshconf.media.voice.stretch import LONGEST, OVERLAP, SHORTEST, squeeze, stretch
from meshconf.types import BLOCK, SAMPLE_RATE
from tests.media.voice.line import vowel


def steepest(samples: Samples) -> int:
    return int(np.abs(np.diff(samples.astype(np.int32))).max())


def off_the_tone(samples: Samples, hz: float) -> float:
    """Share of the energy that no single phase of a tone explains."""
    t = np.arange(samples.size) / SAMPLE_RATE
    basis = np.stack([np.sin(2 * np.pi * hz * t), np.cos(2 * np.pi * hz * t)], axis=1)
    wide = samples.astype(np.float64)
    fit, *_ = np.linalg.lstsq(basis, wide, rcond=None)
    return float(np.sum((wide - basis @ fit) ** 2) / np.sum(wide**2))


def tone(hz: float, size: int) -> Samples:
    return (np.sin(2 * np.pi * hz * np.arange(size) / SAMPLE_RATE) * 8000).astype(np.int16)


@pytest.mark.parametrize("hz", [70.0, 133.0, 240.0, 391.0])
def test_a_tone_stays_one_tone_of_its_pitch(hz: float) -> None:
    sound = tone(hz, 4 * BLOCK)
    shorter = squeeze(sound, LONGEST, 0.9)
    assert shorter is not None and SHORTEST <= sound.size - shorter.size <= LONGEST
    assert off_the_tone(shorter, hz) < 0.001
    longer = stretch(sound[:BLOCK], sound[BLOCK : 2 * BLOCK], 0.9)
    assert longer is not None and SHORTEST <= longer.size - BLOCK <= LONGEST
    assert off_the_tone(np.concatenate([sound[:BLOCK], longer, sound[2 * BLOCK :]]), hz) < 0.001


@pytest.mark.parametrize("pitch_hz", [90.0, 150.0, 230.0])
def test_a_vowel_gets_no_seam(pitch_hz: float) -> None:
    sound = vowel(pitch_hz=pitch_hz)[: 4 * BLOCK]
    shorter = squeeze(sound, LONGEST, 0.9)
    longer = stretch(sound[:BLOCK], sound[BLOCK : 2 * BLOCK], 0.9)
    assert shorter is not None and longer is not None
    assert steepest(shorter) <= steepest(sound)
    assert steepest(np.concatenate([sound[:BLOCK], longer, sound[2 * BLOCK :]])) <= steepest(sound)
    # Only the beginning, or only the end, is touched.
    assert np.array_equal(shorter[OVERLAP:], sound[sound.size - shorter.size + OVERLAP :])
    assert np.array_equal(longer[: BLOCK - OVERLAP], sound[BLOCK : 2 * BLOCK - OVERLAP])


def test_noise_is_left_alone_unless_it_has_to_be() -> None:
    rng = np.random.default_rng(1)
    sound = rng.integers(-8000, 8000, 4 * BLOCK).astype(np.int16)
    assert squeeze(sound, LONGEST, 0.8) is None and stretch(sound[:BLOCK], sound[BLOCK:], 0.8) is None
    shorter, longer = squeeze(sound, LONGEST, -1.0), stretch(sound[:BLOCK], sound[BLOCK:], -1.0)
    assert shorter is not None and shorter.size < sound.size
    assert longer is not None and longer.size > sound.size - BLOCK


def test_no_more_is_left_out_than_asked() -> None:
    sound = vowel()[: 4 * BLOCK]
    assert squeeze(sound, SHORTEST - 1, -1.0) is None
    for most in (SHORTEST, 300, 500, LONGEST, 5000):
        shorter = squeeze(sound, most, -1.0)
        assert shorter is not None and sound.size - shorter.size <= most


def test_silence_is_like_silence() -> None:
    sound = np.zeros(4 * BLOCK, dtype=np.int16)
    shorter = squeeze(sound, LONGEST, 0.9)
    assert shorter is not None and not shorter.any()
    assert LONGEST - 12 < sound.size - shorter.size <= LONGEST


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(OVERLAP, 3 * BLOCK), st.sampled_from([1, 100, 32767]))
def test_any_sound_keeps_its_range(seed: int, size: int, peak: int) -> None:
    rng = random.Random(seed)
    sound = np.array([rng.choice((-peak - 1, 0, peak)) for _ in range(size + LONGEST)], dtype=np.int16)
    longer = stretch(sound[:LONGEST], sound[LONGEST:], -1.0)
    shorter = squeeze(sound, size + LONGEST - OVERLAP, -1.0)
    assert longer is not None and shorter is not None
    for changed in (longer, shorter):
        assert -peak - 1 <= changed.min() and changed.max() <= peak
