"""Lowers the microphone for a moment when the person at it presses a key: others hear the keyboard less."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from meshconf.types import SAMPLE_RATE

DEPTH = 10 ** (-18 / 20)
"""Factor by which the microphone is lowered: a key is about as loud as a voice, and 18 dB below it is bearable."""

HOLD = 0.15
"""Seconds after a key was pressed in which it is still heard, its release included."""

EARLIER = 0.03
"""Seconds by which the news of a key may come later than its noise."""

_STEP = SAMPLE_RATE // 200
"""Samples between two decisions: 5 ms."""

_DOWN, _UP = 1.0, (1.0 - DEPTH) / 12
"""Most that the factor changes in one step: down within 5 ms, up within 60."""


class TypingDuck:
    """The gain of one microphone; one of them sees all its blocks in order."""

    def __init__(self) -> None:
        self._from = self._until = -math.inf
        self._gain = 1.0

    def press(self, now: float) -> None:
        """A key was pressed just before `now`, in monotonic seconds."""
        if now - EARLIER > self._until:
            self._from = now - EARLIER
        self._until = now + HOLD

    def duck(self, block: npt.NDArray[np.int16], captured: float) -> npt.NDArray[np.int16]:
        """The next block, lowered where keys are heard.

        Args:
            block: a whole number of 5 ms.
            captured: monotonic seconds at which it began to be heard.
        """
        if self._gain == 1.0 and not self._from <= captured + block.size / SAMPLE_RATE <= self._until + HOLD:
            return block
        gains = [self._gain]
        for start in range(0, block.size, _STEP):
            # Decided at the end of each step, so that the gain is there when the key is.
            at = captured + (start + _STEP) / SAMPLE_RATE
            goal = DEPTH if self._from <= at <= self._until else 1.0
            self._gain += max(-_DOWN, min(_UP, goal - self._gain))
            gains.append(self._gain)
        places = np.arange(1, block.size + 1, dtype=np.float32) / _STEP
        lowered = block * np.interp(places, np.arange(len(gains)), gains)
        ducked: npt.NDArray[np.int16] = np.rint(lowered).astype(np.int16)
        return ducked
