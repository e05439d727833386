"""What a block of sound is made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def loudest(sound: npt.NDArray[np.int16], rate: int = 48_000) -> float:
    """Frequency in Hz of the strongest tone."""
    windowed = sound.astype(np.float64) * np.hanning(sound.size)
    spectrum = np.abs(np.fft.rfft(windowed, 1 << 17))
    return float(np.fft.rfftfreq(1 << 17, 1 / rate)[int(spectrum.argmax())])
