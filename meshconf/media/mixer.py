"""Mixes the blocks of many voices into one, with a gain for each, through a limiter that never lets the sum clip."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from meshconf.media.limiter import Limiter
from meshconf.media.samples import Samples, silence
from meshconf.types import BLOCK

MAX_GAIN_DB = 20.0
"""Loudest that a listener may turn somebody up."""


class Mixer:
    """Sums blocks of 20 ms. Its limiter holds back 2.5 ms, so one mixer serves one loudspeaker."""

    def __init__(self, channels: int = 1) -> None:
        """Begin.

        Args:
            channels: of the mix; a mono voice is in the middle of stereo.
        """
        self._channels = channels
        self._limiter = Limiter(channels)
        self._silence = silence(BLOCK, channels)
        self._silence.setflags(write=False)

    def mix(self, voices: Iterable[tuple[Samples, float]]) -> Samples:
        """Sum one block of each voice.

        Args:
            voices: pairs of `BLOCK` samples, of no more channels than the mix has, and a gain in dB.

        Returns:
            `BLOCK` samples; silence when there is no voice.
        """
        voices = list(voices)
        if not voices and self._limiter.at_rest:
            return self._silence
        middle = np.zeros(BLOCK, dtype=np.float32)
        sides = None if self._channels == 1 else np.zeros((BLOCK, self._channels), dtype=np.float32)
        for samples, gain_db in voices:
            total = middle if sides is None or samples.ndim == 1 else sides
            if gain_db == 0.0:
                total += samples
            else:
                total += samples * np.float32(10.0 ** (min(gain_db, MAX_GAIN_DB) / 20.0))
        return self._limiter.limit(middle if sides is None else sides + middle[:, np.newaxis])
