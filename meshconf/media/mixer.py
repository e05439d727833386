"""Mixes the blocks of many voices into one, with a gain for each, through a limiter that never lets the sum clip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from meshconf.media.limiter import Limiter
from meshconf.types import BLOCK

MAX_GAIN_DB = 20.0
"""Loudest that a listener may turn somebody up."""

Samples = npt.NDArray[np.int16]


class Mixer:
    """Sums blocks of 20 ms. Its limiter holds back 2.5 ms, so one mixer serves one loudspeaker."""

    def __init__(self) -> None:
        self._limiter = Limiter()

    def mix(self, voices: Iterable[tuple[Samples, float]]) -> Samples:
        """Sum one block of each voice.

        Args:
            voices: pairs of `BLOCK` samples and a gain in dB.

        Returns:
            `BLOCK` samples; silence when there is no voice.
        """
        total = np.zeros(BLOCK, dtype=np.float32)
        for samples, gain_db in voices:
            if gain_db == 0.0:
                total += samples
            else:
                total += samples * np.float32(10.0 ** (min(gain_db, MAX_GAIN_DB) / 20.0))
        return self._limiter.limit(total)
