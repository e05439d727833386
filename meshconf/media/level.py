"""How loud a block of sound is, and whether somebody is speaking. Pure: the caller brings the clock."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FLOOR_DB = -90.0
"""Level of digital silence; no level is reported below it."""

SPEECH_ABOVE_NOISE_DB = 9.0
"""A voice stands this much above the noise of its room."""

SPEECH_DB = -50.0
"""Nothing softer than this counts as speech, however quiet the room."""

LOUD_DB = -30.0
"""Anything louder than this counts as speech, however noisy the room."""

HANGOVER = 0.4
"""Seconds for which somebody still counts as speaking after the last loud block: a pause between words."""

_NOISE_RISE_DB = 0.05
"""How fast the noise estimate follows a louder room, in dB per block; it follows a quieter one at once."""


def level_db(samples: npt.NDArray[np.int16]) -> float:
    """Root mean square of a block in dB below full scale: 0.0 is a full-scale square wave, `FLOOR_DB` is silence.

    Channels of stereo count alike.
    """
    if samples.size == 0:
        return FLOOR_DB
    wide = samples.astype(np.float32).reshape(-1)
    mean_square = float(np.dot(wide, wide)) / samples.size
    if mean_square <= 0.0:
        return FLOOR_DB
    return max(FLOOR_DB, 10.0 * math.log10(mean_square / 32768.0**2))


class SpeakingDetector:
    """Tells speech from the noise of a room by level, with a hangover so that it does not flicker between words."""

    def __init__(self) -> None:
        self._noise_db = SPEECH_DB - SPEECH_ABOVE_NOISE_DB
        self._until = -math.inf
        self.speaking = False
        """The verdict of the last update."""

    def update(self, db: float, now: float) -> bool:
        """Take the level of the next block and say whether its speaker is speaking.

        Args:
            db: level of the block, as from `level_db`.
            now: monotonic seconds.
        """
        if db < self._noise_db:
            self._noise_db = max(db, FLOOR_DB)
        else:
            self._noise_db = min(self._noise_db + _NOISE_RISE_DB, LOUD_DB)
        threshold = min(max(SPEECH_DB, self._noise_db + SPEECH_ABOVE_NOISE_DB), LOUD_DB)
        if db >= threshold:
            self._until = now + HANGOVER
        self.speaking = now < self._until
        return self.speaking
