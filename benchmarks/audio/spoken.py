"""The voice that is sent: recorded speech, with a little of the room it was spoken in."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from benchmarks.echo.voices import recorded
from meshconf.types import BLOCK

Samples = npt.NDArray[np.int16]

_LEVEL_DB = -26.0
_ROOM = 10.0
"""Root mean square of the room's noise: 70 dB below full scale. Digital silence is found in no microphone."""


@functools.cache
def spoken(seconds: float, name: str = "ada") -> Samples:
    """Whole blocks of speech, mono at 48 kHz; not to be changed."""
    voice = recorded(name, seconds, _LEVEL_DB)
    voice = voice[: voice.size // BLOCK * BLOCK]
    voice += np.random.default_rng(1).normal(0.0, _ROOM, voice.size)
    samples: Samples = np.clip(np.rint(voice), -32768, 32767).astype(np.int16)
    samples.flags.writeable = False
    return samples
