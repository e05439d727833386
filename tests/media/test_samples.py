"""Mono and stereo."""

from __future__ import annotations

import numpy as np
import pytest

from meshconf.media.samples import Samples, mono, shaped, silence, with_channels

STEREO: Samples = np.array([[100, 0], [-3, 0], [32_767, 32_767]], dtype=np.int16)


@pytest.mark.parametrize(("channels", "shape"), [(1, (5,)), (2, (5, 2))])
def test_silence_is_as_long_and_wide_as_asked(channels: int, shape: tuple[int, ...]) -> None:
    nothing = silence(5, channels)
    assert nothing.shape == shape and nothing.dtype == np.int16 and not nothing.any()


def test_mono_is_the_mean_of_both_sides_and_does_not_overflow() -> None:
    assert mono(STEREO).tolist() == [50, -1, 32_767]
    assert mono(STEREO).dtype == np.int16


def test_what_has_the_channels_is_left_alone_and_mono_sounds_as_loud_on_both_sides() -> None:
    one = STEREO[:, 0].copy()
    assert with_channels(one, 1) is one and with_channels(STEREO, 2) is STEREO
    assert with_channels(one, 2).tolist() == [[100, 100], [-3, -3], [32_767, 32_767]]
    assert with_channels(STEREO, 1).tolist() == mono(STEREO).tolist()


def test_a_gain_counts_for_all_channels() -> None:
    gains = np.array([0.0, 1.0, 2.0], dtype=np.float32)
    assert (shaped(gains, STEREO) * STEREO).tolist() == [[0, 0], [-3, 0], [65_534, 65_534]]
    assert shaped(gains, STEREO[:, 0]) is gains
