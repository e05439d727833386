"""The play-out of stereo: what both channels have in common decides, and both go the same way."""

from __future__ import annotations

import numpy as np
import pytest

from meshconf.media.samples import Samples
from meshconf.media.voice import VoicePlayout
from meshconf.types import BLOCK
from tests.media.voice.line import BLOCK_S, Arrival, ScriptedDecoder, line, random_loss, vowel

SECONDS = 30.0
VOWEL = vowel()


class BothSides:
    """A decoder of stereo whose right channel is a share of the left one."""

    def __init__(self, right: float) -> None:
        self._left = ScriptedDecoder(VOWEL, copies=True)
        self._right = right

    def decode(self, packet: bytes) -> Samples:
        return self._both(self._left.decode(packet))

    def conceal(self, samples: int) -> Samples:
        return self._both(self._left.conceal(samples))

    def has_fec(self, packet: bytes) -> bool:
        return self._left.has_fec(packet)

    def recover(self, next_packet: bytes, samples: int) -> Samples:
        return self._both(self._left.recover(next_packet, samples))

    def _both(self, left: Samples) -> Samples:
        return np.stack([left, (left * self._right).astype(np.int16)], axis=1)


def play(playout: VoicePlayout, arrivals: list[Arrival]) -> Samples:
    blocks, waiting = [], list(reversed(arrivals))
    for n in range(round(SECONDS / BLOCK_S)):
        now = 0.007 + n * BLOCK_S
        while waiting and waiting[-1].at <= now:
            at, sequence, timestamp, payload = waiting.pop()
            playout.push(sequence, timestamp, payload, at)
        blocks.append(playout.pull(now))
    return np.concatenate(blocks)


@pytest.mark.parametrize("ppm", [-1000, 1000])
def test_equal_channels_sound_as_mono_does_through_loss_jitter_and_drift(ppm: int) -> None:
    arrivals = line(SECONDS, lambda at, rng: 0.06 * rng.random(), random_loss(0.1), sender_ppm=ppm)
    mono = VoicePlayout(ScriptedDecoder(VOWEL, copies=True))
    stereo = VoicePlayout(BothSides(1.0), channels=2)
    heard, both = play(mono, arrivals), play(stereo, arrivals)
    assert both.shape == (heard.size, 2)
    assert (both == heard[:, np.newaxis]).all()
    counters = stereo.counters
    assert counters == mono.counters and counters.concealed and counters.recovered
    assert counters.stretched + counters.squeezed > 0


def test_a_channel_that_is_silent_stays_so() -> None:
    arrivals = line(SECONDS, lambda at, rng: 0.06 * rng.random(), random_loss(0.1), sender_ppm=1000)
    heard = play(VoicePlayout(BothSides(0.0), channels=2), arrivals)
    assert np.abs(heard[:, 0]).max() > 4000 and not heard[:, 1].any()


def test_while_nobody_sends_both_channels_are_silent() -> None:
    assert VoicePlayout(BothSides(1.0), channels=2).pull(0.0).shape == (BLOCK, 2)
