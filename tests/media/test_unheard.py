"""Warnings to somebody who is not heard: once, in time, and not for a cough."""

from __future__ import annotations

import numpy as np

from meshconf.media.samples import Samples
from meshconf.media.unheard import DEAD, REMIND, TALKED, DeadMicrophone, TalkingWhileMuted
from meshconf.types import BLOCK

STEP = 0.02


def noise(peak: int, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).integers(-peak, peak + 1, BLOCK).astype(np.int16)


QUIET, VOICE, NOTHING = noise(30), noise(6000), np.zeros(BLOCK, dtype=np.int16)


def warnings(watch: TalkingWhileMuted | DeadMicrophone, *spans: tuple[Samples, float]) -> list[float]:
    """When the watch warns, of blocks that last for so many seconds each."""
    found, now = [], 0.0
    for block, seconds in spans:
        end = now + seconds
        while now < end:
            if watch.hear(block, now):
                found.append(now)
            now += STEP
    return found


def test_whoever_talks_while_muted_is_told_after_a_moment() -> None:
    (at,) = warnings(TalkingWhileMuted(), (QUIET, 2.0), (VOICE, 3.0))
    assert 2.0 + TALKED <= at <= 2.0 + TALKED + 0.1


def test_a_cough_is_not_worth_a_word() -> None:
    assert warnings(TalkingWhileMuted(), (QUIET, 2.0), (VOICE, 0.3), (QUIET, 2.0), (VOICE, 0.3), (QUIET, 1.0)) == []


def test_who_goes_on_talking_is_reminded_now_and_then() -> None:
    told = warnings(TalkingWhileMuted(), *[(VOICE, 2.0), (QUIET, 1.0)] * 24)
    assert len(told) == 3 and all(later - sooner >= REMIND for sooner, later in zip(told, told[1:], strict=False))


def test_a_microphone_of_zeros_is_told_once() -> None:
    (at,) = warnings(DeadMicrophone(), (NOTHING, 4 * DEAD))
    assert DEAD <= at <= DEAD + 0.1


def test_the_noise_of_a_quiet_room_is_life_and_after_it_silence_is_news_again() -> None:
    assert warnings(DeadMicrophone(), (noise(5), 4 * DEAD)) == []
    assert len(warnings(DeadMicrophone(), (NOTHING, 2 * DEAD), (QUIET, 1.0), (NOTHING, 2 * DEAD))) == 2


def test_time_in_which_nobody_listened_does_not_count() -> None:
    watch = DeadMicrophone()
    assert not watch.hear(NOTHING, 0.0)
    watch.pause()
    assert not watch.hear(NOTHING, 2 * DEAD)
