"""What a block of sound is made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def loudest(sound: npt.NDArray[np.int16], rate: int = 48_000) -> float:
    """Frequency in Hz of the strongest tone."""
    windowed = sound.astype(np.float64) * np.hanning(sound.size)
    spectrum = np.abs(np.fft.rfft(windowed, 1 << 17))
    return float(np.fft.rfftfreq(1 << 17, 1 / rate)[int(spectrum.argmax())])


def level_db(sound: npt.NDArray[np.int16], hz: float, rate: int = 48_000) -> float:
    """Amplitude of a tone in dB of full scale."""
    window = np.hanning(sound.size)
    spectrum = np.abs(np.fft.rfft(sound * window)) / (window.sum() / 2 * 32768)
    near = spectrum[np.abs(np.fft.rfftfreq(sound.size, 1 / rate) - hz) < 6.0]
    return float(20 * np.log10(max(near.max(), 1e-6)))
