import av
import numpy as np
import pytest

from meshconf.codec.opus import OpusEncoder
from meshconf.errors import LocalProtocolError
from meshconf.types import BLOCK


def test_each_block_is_one_packet_and_the_tone_comes_back() -> None:
    encoder, decoder = OpusEncoder(), av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate = 48_000
    times, sound = [], []
    for n in range(50):
        phase = np.arange(n * BLOCK, (n + 1) * BLOCK) * 2 * np.pi * 700 / 48_000
        packets = encoder.encode((np.sin(phase) * 8000).astype(np.int16))
        assert len(packets) == 1
        times.append(packets[0].pts)
        sound += [frame.to_ndarray()[0].reshape(-1) for frame in decoder.decode(packets[0])]
    assert times == [n * BLOCK for n in range(50)]
    heard = np.concatenate(sound)[BLOCK * 5 :].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(heard))
    channels = decoder.layout.nb_channels
    assert np.fft.rfftfreq(heard.size, 1 / (48_000 * channels))[int(spectrum.argmax())] == pytest.approx(700, abs=5)


def test_a_block_of_another_length_is_refused() -> None:
    with pytest.raises(LocalProtocolError):
        OpusEncoder().encode(np.zeros(480, dtype=np.int16))
