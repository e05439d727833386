"""Small sounds: soft, short, without a click, one at a time, and never a crowd of them."""

from __future__ import annotations

import numpy as np
import pytest

from meshconf.media.chimes import WAITING, Chime, Chimes, rendered
from meshconf.types import BLOCK, SAMPLE_RATE


def play(chimes: Chimes) -> list[np.ndarray]:
    blocks = []
    while (block := chimes.pull()) is not None:
        blocks.append(block)
    return blocks


@pytest.mark.parametrize("chime", list(Chime))
def test_a_sound_is_short_soft_and_does_not_click(chime: Chime) -> None:
    samples = rendered(chime).astype(np.float64)
    assert 0.2 < samples.size / SAMPLE_RATE < 0.8 and samples.size % BLOCK == 0
    assert 1500 < np.abs(samples).max() < 3300
    assert abs(samples[0]) < 5 and abs(samples[-1]) < 5
    # The steepest sine here rises by some 0.35 of its peak from sample to sample, a click by all of it.
    assert np.abs(np.diff(samples)).max() < 0.4 * np.abs(samples).max()


def test_sounds_differ() -> None:
    assert len({rendered(chime).tobytes() for chime in Chime}) == len(Chime)


def test_sounds_are_heard_one_after_the_other_and_then_there_is_nothing() -> None:
    chimes = Chimes()
    chimes.ring(Chime.JOIN)
    chimes.ring(Chime.LEAVE)
    heard = np.concatenate(play(chimes))
    assert np.array_equal(heard, np.concatenate([rendered(Chime.JOIN), rendered(Chime.LEAVE)]))
    assert chimes.pull() is None


def test_a_crowd_that_comes_at_once_is_one_sound() -> None:
    chimes = Chimes()
    for _ in range(20):
        for chime in Chime:
            chimes.ring(chime)
    assert len(np.concatenate(play(chimes))) <= WAITING * max(rendered(chime).size for chime in Chime)


def test_what_waits_can_be_forgotten() -> None:
    chimes = Chimes()
    chimes.ring(Chime.JOIN)
    chimes.hush()
    assert chimes.pull() is None
