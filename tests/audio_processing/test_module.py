import sys

import numpy as np
import numpy.typing as npt
import pytest

from meshconf.audio_processing.module import AudioProcessor
from meshconf.errors import DeviceError
from meshconf.media.level import level_db
from meshconf.types import BLOCK, SAMPLE_RATE

Sound = npt.NDArray[np.int16]


def voice(seconds: float, *, seed: int) -> Sound:
    """Noise of a voice's spectrum that comes and goes as syllables do, 25 dB below full scale."""
    random = np.random.default_rng(seed)
    size = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(random.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum *= (hertz > 150) / (1 + (hertz / 700) ** 2)
    syllables = np.repeat(random.uniform(0, 1, size // 9600 + 1), 9600)[:size]
    sound = np.fft.irfft(spectrum, size) * syllables
    loud: Sound = np.rint(sound / np.sqrt(np.mean(sound**2)) * 32768 * 10 ** (-25 / 20)).astype(np.int16)
    return loud


def processed(heard: Sound, played: Sound, processor: AudioProcessor, delay: float = 0.04) -> Sound:
    blocks = [
        processor.process(heard[at : at + BLOCK], played[at : at + BLOCK], delay)
        for at in range(0, heard.size - BLOCK + 1, BLOCK)
    ]
    return np.concatenate(blocks)


def test_an_echo_goes_and_the_own_voice_stays() -> None:
    played = voice(6, seed=1)
    echo = np.roll(played, SAMPLE_RATE // 20) // 2
    own = voice(6, seed=2)
    own[: 4 * SAMPLE_RATE] = 0
    sent = processed(echo + own, played, AudioProcessor(gain_control=False))
    alone, both = slice(2 * SAMPLE_RATE, 4 * SAMPLE_RATE), slice(4 * SAMPLE_RATE, None)
    assert level_db(echo[alone]) - level_db(sent[alone]) > 30
    assert abs(level_db(sent[both]) - level_db(own[both])) < 5


def test_steady_noise_goes() -> None:
    noise = (np.random.default_rng(3).standard_normal(3 * SAMPLE_RATE) * 100).astype(np.int16)
    sent = processed(noise, np.zeros_like(noise), AudioProcessor(gain_control=False))
    assert level_db(noise) - level_db(sent[-SAMPLE_RATE:]) > 10


def test_a_soft_voice_becomes_louder() -> None:
    soft = voice(6, seed=4) // 20
    sent = processed(soft, np.zeros_like(soft), AudioProcessor())
    assert level_db(sent[-SAMPLE_RATE:]) - level_db(soft[-SAMPLE_RATE:]) > 6


def test_without_the_library_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    with pytest.raises(DeviceError, match="as it is") as error:
        AudioProcessor()
    assert "pip install livekit" in error.value.fix
