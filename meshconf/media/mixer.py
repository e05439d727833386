"""Mixes the blocks of many voices into one, with a gain for each and a limiter that never lets the sum clip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from meshconf.types import BLOCK

CEILING = 29_000.0
"""Peak that the limiter aims at, 1 dB below full scale."""

MAX_GAIN_DB = 20.0
"""Loudest that a listener may turn somebody up."""

_RELEASE = 0.02
"""Share of the missing gain that comes back with each block: about a second until full loudness."""

Samples = npt.NDArray[np.int16]

_RAMP = np.arange(1, BLOCK + 1, dtype=np.float32) / BLOCK


class Mixer:
    """Sums blocks of 20 ms. Keeps the limiter's gain from block to block, so one mixer serves one loudspeaker."""

    def __init__(self) -> None:
        self._gain = 1.0

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
        return self._limit(total)

    def _limit(self, total: npt.NDArray[np.float32]) -> Samples:
        peak = float(np.abs(total).max())
        allowed = CEILING / peak if peak > CEILING else 1.0
        if allowed < self._gain:
            # Attack at once: a block of music turned down as a whole does not crackle, a ramp into it would clip.
            self._gain = allowed
            total *= self._gain
        elif self._gain < 1.0:
            start, self._gain = self._gain, min(allowed, self._gain + (1.0 - self._gain) * _RELEASE)
            if self._gain > 0.999:
                self._gain = 1.0
            total *= start + (min(self._gain, allowed) - start) * _RAMP
        return np.clip(np.rint(total), -32768, 32767).astype(np.int16)
