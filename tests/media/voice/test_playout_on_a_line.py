"""What is heard over lines that lose, delay and drift: the figures that a listener would give."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from meshconf.types import BLOCK, SAMPLE_RATE
from tests.media.voice.line import (
    BLOCK_S,
    MADE_UP,
    TRANSIT_S,
    ScriptedDecoder,
    burst_loss,
    line,
    listen,
    random_loss,
    vowel,
)

VOWEL = vowel()
SECONDS = 60.0

Jitter = Callable[[float, random.Random], float]


def uniform(most_s: float, start: float = 0.0, end: float = 1e9) -> Jitter:
    """Up to so many seconds within a span of time; else next to none."""
    return lambda at, rng: rng.random() * (most_s if start <= at < end else 0.001)


def stall(length_s: float, each_s: float, first_s: float = 5.0) -> Jitter:
    """Nothing comes for a while, then all of it at once."""

    def jitter(at: float, rng: random.Random) -> float:
        since = (at - first_s) % each_s if at >= first_s else length_s
        return max(0.0, length_s - since)

    return jitter


@pytest.mark.parametrize("jitter_ms", [0, 30, 100])
@pytest.mark.parametrize("percent", [0, 1, 5, 10, 20])
def test_only_what_is_lost_is_made_up_and_the_delay_is_that_of_the_jitter(percent: int, jitter_ms: int) -> None:
    arrivals = line(SECONDS, uniform(jitter_ms / 1000), random_loss(percent / 100))
    heard = listen(arrivals, ScriptedDecoder(VOWEL), SECONDS)
    lost = 1 - len(arrivals) / (SECONDS / BLOCK_S)
    assert heard.share(heard.counters.concealed) == pytest.approx(lost, abs=0.005)
    assert heard.counters.late == 0
    assert heard.longest_silence_ms() < 100
    assert heard.delay_ms(5) < 25 + 1.1 * jitter_ms
    changed = heard.counters.stretched + heard.counters.squeezed
    assert heard.share(changed) < 0.01


@pytest.mark.parametrize("percent", [5, 20])
def test_bursts_of_loss_cost_no_delay(percent: int) -> None:
    arrivals = line(SECONDS, loss=burst_loss(percent / 100))
    heard = listen(arrivals, ScriptedDecoder(VOWEL), SECONDS)
    assert heard.delay_ms(5) < 25
    assert heard.delay_ms(SECONDS - 10) - heard.delay_ms(5, 15) < 5


@pytest.mark.parametrize("percent", [5, 10, 20])
def test_copies_mend_single_losses_for_one_block_of_delay(percent: int) -> None:
    loss = random_loss(percent / 100)
    plain = listen(line(SECONDS, loss=loss), ScriptedDecoder(VOWEL), SECONDS)
    mended = listen(line(SECONDS, loss=loss), ScriptedDecoder(VOWEL, copies=True), SECONDS)
    # Of two lost in a row the first has no copy left.
    assert mended.counters.concealed < (percent / 100 + 0.05) * plain.counters.concealed
    assert mended.delay_ms(10) - plain.delay_ms(10) < 25


def test_of_a_burst_only_the_last_is_recovered() -> None:
    arrivals = line(SECONDS, uniform(0.06), burst_loss(0.1))
    bursts = sum(b.sequence - a.sequence > 1 for a, b in zip(arrivals, arrivals[1:], strict=False))
    heard = listen(arrivals, ScriptedDecoder(VOWEL, copies=True), SECONDS)
    assert heard.counters.recovered / BLOCK == pytest.approx(bursts, rel=0.15)


def test_packets_that_overtake_each_other_are_put_in_order() -> None:
    arrivals = line(SECONDS, uniform(0.1), in_order=False)
    assert sum(a.sequence > b.sequence for a, b in zip(arrivals, arrivals[1:], strict=False)) > 500
    heard = listen(arrivals, ScriptedDecoder(VOWEL), SECONDS)
    assert heard.share(heard.counters.concealed) < 0.005
    assert heard.delay_ms(5) < 130


def test_delay_grows_at_once_and_comes_back_within_five_seconds() -> None:
    heard = listen(line(60, uniform(0.1, 20, 40)), ScriptedDecoder(VOWEL), 60)
    calm = heard.delay_ms(5, 20)
    assert heard.delay_ms(20.5, 22) > calm + 40
    assert heard.delay_ms(22, 40) < 130
    assert heard.delay_ms(45, 60) < calm + 3
    assert heard.share(heard.counters.concealed) < 0.005


def test_a_single_stall_is_made_good_in_two_seconds() -> None:
    heard = listen(line(20, stall(0.4, 1000, 10)), ScriptedDecoder(VOWEL), 20)
    assert heard.delay_ms(13) < heard.delay_ms(5, 10) + 10
    assert heard.counters.skipped == 0, "squeezed, not cut"
    assert heard.counters.concealed <= 0.42 * SAMPLE_RATE


def test_a_stall_of_a_second_is_left_behind_at_once() -> None:
    heard = listen(line(20, stall(0.95, 1000, 10)), ScriptedDecoder(VOWEL), 20)
    assert heard.delay_ms(11.2) < heard.delay_ms(5, 10) + 10
    assert heard.counters.skipped > 0


def test_stalls_that_come_again_and_again_are_heard_once_or_twice() -> None:
    heard = listen(line(SECONDS, stall(0.1, 2.0)), ScriptedDecoder(VOWEL), SECONDS)
    assert heard.counters.concealed <= 0.25 * SAMPLE_RATE
    assert heard.delay_ms(15) < 135


def test_a_longer_way_costs_its_length_and_no_more() -> None:
    heard = listen(line(30, uniform(0.08, 10, 20)), ScriptedDecoder(VOWEL), 30)
    detour = listen(line(30, lambda at, rng: 0.08 if 10 <= at < 20 else 0.0), ScriptedDecoder(VOWEL), 30)
    assert detour.delay_ms(15, 20) < detour.delay_ms(5, 10) + 85
    assert detour.delay_ms(25) < detour.delay_ms(5, 10) + 5
    assert heard.counters.late == 0


@pytest.mark.parametrize(("ppm", "seconds"), [(-1000, 300.0), (-100, 300.0), (100, 1800.0), (1000, 1800.0)])
def test_drifting_clocks_are_followed(ppm: int, seconds: float) -> None:
    heard = listen(line(seconds + 1, sender_ppm=ppm), ScriptedDecoder(VOWEL), seconds, sender_ppm=ppm)
    assert heard.counters.concealed == 0
    assert heard.delay_ms(seconds - 10) - heard.delay_ms(2, 12) < 5
    assert heard.delay_ms(1) < 25 and np.nanmax(heard.delays[50:]) < TRANSIT_S + 0.045
    drifted = abs(ppm) * 1e-6 * seconds * SAMPLE_RATE
    more, less = heard.counters.stretched, heard.counters.squeezed
    assert (more - less if ppm < 0 else less - more) == pytest.approx(drifted, abs=2 * BLOCK)


def test_pauses_give_delay_back_before_speech_does() -> None:
    speech = np.concatenate([VOWEL, np.zeros(SAMPLE_RATE, dtype=np.int16)])
    heard = listen(line(30, uniform(0.03, 5, 10)), ScriptedDecoder(speech), 30)
    assert heard.delay_ms(16) < heard.delay_ms(2, 5) + 1


def test_made_up_sound_fills_what_is_lost() -> None:
    heard = listen(line(10, loss=random_loss(0.2)), ScriptedDecoder(VOWEL), 10)
    made_up = int((heard.sound == MADE_UP).sum())
    assert made_up > 0.9 * heard.counters.concealed
