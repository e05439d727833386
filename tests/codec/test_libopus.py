import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.codec import libopus, libopus_binding
from meshconf.codec.libopus import OpusEncoder, open_opus_decoder
from meshconf.codec.opus_pyav import PyAVDecoder
from meshconf.codec.opus_settings import MAX_PACKET_SAMPLES
from meshconf.errors import LocalProtocolError
from meshconf.media.samples import Samples
from meshconf.media.voice.decoder import VoiceDecoder
from meshconf.types import BLOCK, SAMPLE_RATE
from tests.media.voice.speech import speech


def tone(blocks: int, hz: float = 700.0) -> Samples:
    return (np.sin(np.arange(blocks * BLOCK) * 2 * np.pi * hz / SAMPLE_RATE) * 8000).astype(np.int16)


def voice(blocks: int) -> Samples:
    """Speech from its first word on."""
    return speech()[25 * BLOCK : (25 + blocks) * BLOCK]


def packets(encoder: OpusEncoder, sound: Samples) -> list[bytes]:
    frames = [encoder.encode(block) for block in np.split(sound, len(sound) // BLOCK)]
    return [frame.data for frame in frames if frame is not None]


def pitch_hz(sound: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64)))
    return float(np.fft.rfftfreq(sound.size, 1 / SAMPLE_RATE)[int(spectrum.argmax())])


@pytest.fixture(params=["libopus", "PyAV"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "PyAV":
        monkeypatch.setattr(libopus, "load", lambda: None)
    return str(request.param)


def test_the_wheel_of_pyav_brings_a_library_that_works() -> None:
    assert libopus_binding.load() is not None


def test_each_block_is_one_packet_and_the_tone_comes_back(way: str) -> None:
    encoder, decoder = OpusEncoder(), open_opus_decoder()
    frames = [encoder.encode(block, captured=1.5) for block in np.split(tone(50), 50)]
    sound = np.concatenate([decoder.decode(frame.data) for frame in frames if frame])
    assert [frame.timestamp for frame in frames if frame] == [n * BLOCK for n in range(50)]
    assert all(frame and frame.codec == "opus" and frame.keyframe and frame.captured == 1.5 for frame in frames)
    assert sound.shape == (50 * BLOCK,) and sound.dtype == np.int16
    assert pitch_hz(sound[5 * BLOCK :]) == pytest.approx(700, abs=5)


def test_stereo_keeps_its_sides(way: str) -> None:
    encoder, decoder = OpusEncoder(128_000, channels=2, application="music"), open_opus_decoder(channels=2)
    sound = np.stack([tone(50, 500.0), tone(50, 900.0)], axis=1)
    frames = [encoder.encode(block) for block in np.split(sound, 50)]
    heard = np.concatenate([decoder.decode(frame.data) for frame in frames if frame])
    assert heard.shape == (50 * BLOCK, 2)
    assert [pitch_hz(heard[5 * BLOCK :, side]) for side in (0, 1)] == pytest.approx([500, 900], abs=5)


def test_one_channel_is_made_of_two() -> None:
    encoder, decoder = OpusEncoder(128_000, channels=2), open_opus_decoder()
    frame = encoder.encode(np.stack([tone(1), tone(1)], axis=1))
    assert frame and decoder.decode(frame.data).shape == (BLOCK,)


def test_other_shapes_and_channels_are_refused(way: str) -> None:
    for samples in (np.zeros(480, np.int16), np.zeros((BLOCK, 2), np.int16)):
        with pytest.raises(LocalProtocolError):
            OpusEncoder().encode(samples)
    with pytest.raises(LocalProtocolError):
        OpusEncoder(channels=3)
    with pytest.raises(LocalProtocolError):
        open_opus_decoder(channels=0)


def test_the_bitrate_follows_at_once(way: str) -> None:
    encoder = OpusEncoder(64_000)
    rich = sum(map(len, packets(encoder, voice(50))))
    encoder.bitrate_bps = 12_000
    thin = sum(map(len, packets(encoder, voice(50))))
    assert thin < 0.4 * rich and encoder.bitrate_bps == 12_000
    encoder.bitrate_bps = 1
    encoder.expected_loss = 1000
    assert (encoder.bitrate_bps, encoder.expected_loss) == (6_000, 100)
    assert len(packets(encoder, voice(5))) == 5


def test_packets_carry_a_copy_of_the_last_one_where_loss_is_expected() -> None:
    encoder, decoder = OpusEncoder(), open_opus_decoder()
    encoder.expected_loss = 10
    assert encoder.fec and sum(map(decoder.has_fec, packets(encoder, voice(50)))) > 15
    encoder.expected_loss = 0
    assert not any(map(decoder.has_fec, packets(encoder, voice(50))[2:]))
    encoder.expected_loss, encoder.fec = 10, False
    assert not any(map(decoder.has_fec, packets(encoder, voice(50))[2:]))


def test_a_recovered_block_is_closer_to_the_lost_one_than_a_made_up_one() -> None:
    encoder = OpusEncoder()
    encoder.expected_loss = 20
    sent = packets(encoder, voice(100))
    whole = open_opus_decoder()
    truth = [whole.decode(packet) for packet in sent]
    errors = {"recovered": 0.0, "made up": 0.0}
    for lost in range(10, 95, 4):
        for way in errors:
            decoder = open_opus_decoder()
            for packet in sent[:lost]:
                decoder.decode(packet)
            made = decoder.recover(sent[lost + 1], BLOCK) if way == "recovered" else decoder.conceal(BLOCK)
            errors[way] += float(np.abs(made.astype(np.float64) - truth[lost]).mean())
    assert errors["recovered"] < 0.5 * errors["made up"]


def test_silence_is_not_sent_and_sounds_like_silence() -> None:
    encoder, decoder = OpusEncoder(), open_opus_decoder()
    encoder.dtx = True
    packets(encoder, voice(25))
    frames = [encoder.encode(block) for block in np.split(np.zeros(100 * BLOCK, np.int16), 100)]
    sent = [frame for frame in frames if frame]
    assert 2 <= len(sent) < 30 and encoder.dtx
    assert all(frame is None or frame.timestamp == (25 + n) * BLOCK for n, frame in enumerate(frames))
    assert any(len(frame.data) <= 2 for frame in sent), "the pause is announced"
    for frame in sent:
        decoder.decode(frame.data)
    assert np.abs(decoder.conceal(20 * BLOCK)).max() < 50


@pytest.mark.parametrize("samples", [1, 119, 120, 480, BLOCK, 2 * BLOCK, MAX_PACKET_SAMPLES, 2 * MAX_PACKET_SAMPLES])
def test_concealment_has_the_length_that_was_asked_for(way: str, samples: int) -> None:
    decoder, sent = open_opus_decoder(), packets(OpusEncoder(), voice(10))
    for packet in sent:
        decoder.decode(packet)
    assert decoder.conceal(samples).shape == (samples,)
    assert decoder.recover(sent[-1], samples).shape == (samples,)


def test_concealment_begins_as_loud_as_the_voice(way: str) -> None:
    decoder = open_opus_decoder()
    for packet in packets(OpusEncoder(), voice(30)):
        last = decoder.decode(packet)
    first = decoder.conceal(BLOCK)
    assert np.abs(first[:240]).max() > 0.4 * np.abs(last).max()


def test_a_decoder_that_heard_nothing_conceals_with_silence(way: str) -> None:
    assert not open_opus_decoder().conceal(BLOCK).any()


@settings(deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.binary(min_size=200, max_size=1500)), max_size=8))
def test_any_bytes_end_in_samples_or_in_none(hostile: list[bytes]) -> None:
    decoders: tuple[VoiceDecoder, ...] = (open_opus_decoder(), PyAVDecoder(1))
    for decoder in decoders:
        for packet in hostile:
            assert decoder.decode(packet).size <= MAX_PACKET_SAMPLES
            assert decoder.has_fec(packet) in (False, True)
            assert decoder.recover(packet, BLOCK).shape == (BLOCK,)


def test_damaged_packets_end_in_samples_or_in_none(way: str) -> None:
    rng = random.Random(1)
    decoder = open_opus_decoder()
    for packet in packets(OpusEncoder(), voice(100)):
        damaged = bytearray(packet[: rng.randrange(len(packet) + 1)])
        for _ in range(rng.randrange(4)):
            if damaged:
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        assert decoder.decode(bytes(damaged)).size <= MAX_PACKET_SAMPLES
    assert decoder.decode(b"").size == 0


def test_files_that_are_no_working_libopus_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "libopus.so"
    text.write_text("no library")
    other = next((Path(np.__file__).parent / "_core").glob("_multiarray_umath*"))
    monkeypatch.setattr(libopus_binding, "_candidates", lambda: iter([str(text), str(other), str(tmp_path / "gone")]))
    assert libopus_binding.load.__wrapped__() is None


def test_a_library_that_gives_back_something_else_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        libopus_binding.LibraryDecoder, "decode", lambda self, packet: np.zeros(BLOCK if packet else 0, np.int16)
    )
    assert libopus_binding.load.__wrapped__() is None
