"""The play-out with the decoder that it is made for, and speech."""

import functools

import numpy as np
import pytest

from meshconf.codec.libopus import OpusEncoder, open_opus_decoder
from meshconf.media.samples import Samples
from meshconf.types import BLOCK
from tests.media.voice.line import BLOCK_S, Heard, burst_loss, line, listen, random_loss
from tests.media.voice.speech import speech

SECONDS = 20.0


@functools.cache
def encoded(expected_loss: int) -> tuple[bytes, ...]:
    encoder = OpusEncoder()
    encoder.expected_loss = expected_loss
    blocks = np.split(speech(), speech().size // BLOCK)
    frames = [encoder.encode(blocks[n % len(blocks)]) for n in range(round(SECONDS / BLOCK_S))]
    return tuple(frame.data for frame in frames if frame)


@functools.cache
def decoded(expected_loss: int) -> Samples:
    decoder = open_opus_decoder()
    return np.concatenate([decoder.decode(packet) for packet in encoded(expected_loss)])


def unheard(heard: Heard, truth: Samples) -> list[bool]:
    """For each block that was loud where it came from, whether it is (all but) silence now."""
    missing = []
    for block, place in zip(np.split(heard.sound, heard.sound.size // BLOCK), heard.places, strict=True):
        origin = truth[place : place + BLOCK].astype(np.float64) if place >= 0 else np.zeros(0)
        if origin.size and np.abs(origin).max() > 1500:
            missing.append(bool(np.abs(block.astype(np.float64)).max() < 0.02 * np.abs(origin).max()))
    return missing


@pytest.mark.parametrize("percent", [0, 1, 5, 10, 20])
def test_what_is_lost_is_filled(percent: int) -> None:
    packets, truth = encoded(percent), decoded(percent)
    heard = listen(
        line(SECONDS, loss=random_loss(percent / 100), payload=packets.__getitem__), open_opus_decoder(), SECONDS
    )
    missing = unheard(heard, truth)
    assert len(missing) > 300 and np.mean(missing) <= 0.005
    if percent >= 5:
        assert heard.counters.recovered > heard.counters.concealed
    assert heard.delay_ms(5) < 45


def test_short_bursts_are_no_stalls() -> None:
    packets, truth = encoded(10), decoded(10)
    heard = listen(line(SECONDS, loss=burst_loss(0.1, 2.0), payload=packets.__getitem__), open_opus_decoder(), SECONDS)
    stalls = "".join("-" if empty else "+" for empty in unheard(heard, truth)).split("+")
    assert max(map(len, stalls)) * BLOCK_S <= 0.1
    assert heard.delay_ms(5) < 45


def test_nothing_clicks_where_sound_is_made_up_or_moved() -> None:
    packets = encoded(10)
    rough = listen(
        line(
            SECONDS,
            lambda at, rng: (0.06 if at < 10 else 0.001) * rng.random(),
            burst_loss(0.1),
            payload=packets.__getitem__,
        ),
        open_opus_decoder(),
        SECONDS,
    )
    steepest = [int(np.abs(np.diff(sound.astype(np.int32))).max()) for sound in (decoded(10), rough.sound)]
    assert rough.counters.concealed and rough.counters.recovered and rough.counters.squeezed
    assert steepest[1] < 1.5 * steepest[0]
