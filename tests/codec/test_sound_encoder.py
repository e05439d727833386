"""Speech and music on their way out."""

from __future__ import annotations

import numpy as np
import pytest

from meshconf.codec.libopus import open_opus_decoder
from meshconf.codec.sound_encoder import LEAST_MUSIC_BPS, MUSIC_BPS, OVERHEAD_BPS, SPEECH_BPS, SoundEncoder
from meshconf.media.encoded import EncodedFrame
from meshconf.media.samples import Samples
from meshconf.types import BLOCK
from tests.media.voice.speech import speech

BLOCK_S = 0.02
SPEECH = speech()[: 200 * BLOCK]
SILENCE = np.zeros(BLOCK, dtype=np.int16)


def run(encoder: SoundEncoder, sound: Samples, *, since: float = 0.0) -> list[EncodedFrame]:
    blocks = [sound[start : start + BLOCK] for start in range(0, sound.shape[0], BLOCK)]
    frames = [encoder.encode(block, since + n * BLOCK_S) for n, block in enumerate(blocks)]
    return [frame for frame in frames if frame is not None]


def kbps(frames: list[EncodedFrame], sound: Samples) -> float:
    return sum(len(frame.data) for frame in frames) * 8 / (len(sound) / 48_000) / 1000


def is_stereo(frame: EncodedFrame) -> bool:
    return bool(frame.data[0] & 0x04)  # RFC 6716, 3.1


def stereo(sound: Samples) -> Samples:
    """The sound on the left, and nothing on the right."""
    return np.stack([sound, np.zeros_like(sound)], axis=1)


def test_speech_is_mono_and_keeps_to_its_bitrate_whatever_the_source_gives() -> None:
    for sound in (SPEECH, stereo(SPEECH)):
        frames = run(SoundEncoder(), sound)
        assert not any(is_stereo(frame) for frame in frames)
        assert 0.6 * SPEECH_BPS / 1000 < kbps(frames, sound) < 1.05 * SPEECH_BPS / 1000


def test_music_is_stereo_and_left_stays_left() -> None:
    sound = stereo(SPEECH)
    frames = run(SoundEncoder(music=True), sound)
    assert 96 < kbps(frames, sound) < 140
    decoder = open_opus_decoder(2)
    heard = np.concatenate([decoder.decode(frame.data) for frame in frames])
    left, right = np.abs(heard.astype(np.float64)).mean(axis=0)
    assert left > 20 * right


def test_mono_may_be_music() -> None:
    assert all(is_stereo(frame) for frame in run(SoundEncoder(music=True), SPEECH[: 50 * BLOCK]))


@pytest.mark.parametrize("music", [False, True])
def test_silence_costs_almost_nothing_and_time_goes_on_in_it(music: bool) -> None:
    encoder = SoundEncoder(music=music)
    silence = np.tile(SILENCE, 300)
    frames = run(encoder, silence)
    assert kbps(frames, silence) < 1.0 and len(frames) < 50
    (first, *_) = run(encoder, SPEECH[: 5 * BLOCK], since=300 * BLOCK_S)
    assert first.timestamp == 300 * BLOCK


def test_music_takes_what_the_slowest_listener_can_take() -> None:
    sound = stereo(SPEECH)
    encoder = SoundEncoder(music=True)
    encoder.affordable_bps = 80_000
    assert kbps(run(encoder, sound), sound) < (80_000 - OVERHEAD_BPS) / 1000
    encoder.affordable_bps = 0
    assert kbps(run(encoder, sound), sound) < 1.1 * LEAST_MUSIC_BPS / 1000
    encoder.affordable_bps = 10 * MUSIC_BPS
    assert kbps(run(encoder, sound), sound) > 96


def test_between_speech_and_music_it_changes_at_once() -> None:
    encoder = SoundEncoder()
    run(encoder, SPEECH[: 10 * BLOCK])
    encoder.music = True
    assert all(is_stereo(frame) for frame in run(encoder, SPEECH[: 10 * BLOCK], since=10 * BLOCK_S))


def test_after_a_pause_the_time_begins_anew() -> None:
    encoder = SoundEncoder()
    run(encoder, SPEECH[: 10 * BLOCK])
    (first, *_) = run(encoder, SPEECH[: 2 * BLOCK], since=5.0)
    assert first.timestamp == 0
