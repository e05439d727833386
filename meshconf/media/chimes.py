"""Small sounds that tell somebody what happens, made of sines under a soft envelope: pure, a few milliseconds each.

They are for the own ears alone: mixed into what the own speaker plays, behind everything that is sent.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from meshconf.media.samples import Samples
from meshconf.types import BLOCK, SAMPLE_RATE


class Chime(StrEnum):
    """What a sound says."""

    JOIN = "join"
    LEAVE = "leave"
    HAND = "hand"
    CONTROL = "control"


WAITING = 2
"""Sounds that wait for their turn; of a crowd that comes at once, more would only be noise."""

_PEAK = 0.08 * 32768
"""Some 22 dB below full scale: softer than any voice."""

_ATTACK = 0.008
"""Seconds in which a note rises; less would click."""

_OVERTONES = ((1.0, 1.0), (2.0, 0.25), (3.0, 0.08))
"""Multiple of the frequency and share: enough to be heard on the small speakers of a laptop."""

_NOTES: dict[Chime, tuple[tuple[float, float, float], ...]] = {
    Chime.JOIN: ((523.25, 0.00, 0.22), (783.99, 0.10, 0.30)),
    Chime.LEAVE: ((783.99, 0.00, 0.22), (523.25, 0.10, 0.30)),
    Chime.HAND: ((880.00, 0.00, 0.18), (880.00, 0.16, 0.26)),
    Chime.CONTROL: ((587.33, 0.00, 0.20), (739.99, 0.12, 0.20), (880.00, 0.24, 0.34)),
}
"""Frequency in Hz, beginning and length in seconds of each note: up for who comes, down for who goes."""


@cache
def rendered(chime: Chime) -> Samples:
    """A whole sound, padded with silence to whole blocks; begins and ends at zero."""
    notes = _NOTES[chime]
    length = max(begin + seconds for _, begin, seconds in notes)
    total = np.zeros(-(-round(length * SAMPLE_RATE) // BLOCK) * BLOCK, dtype=np.float64)
    for frequency, begin, seconds in notes:
        note = _note(frequency, seconds)
        at = round(begin * SAMPLE_RATE)
        total[at : at + note.size] += note
    samples: Samples = np.rint(total / np.abs(total).max() * _PEAK).astype(np.int16)
    samples.setflags(write=False)
    return samples


class Chimes:
    """The sounds that are to be heard, one after the other."""

    def __init__(self) -> None:
        self._waiting: deque[Chime] = deque()
        self._playing: Samples | None = None
        self._at = 0

    def ring(self, chime: Chime) -> None:
        """Let a sound be heard; one that waits already is not doubled, and what is too much is left out."""
        if chime not in self._waiting and len(self._waiting) < WAITING:
            self._waiting.append(chime)

    def hush(self) -> None:
        """Forget what waits; a sound that has begun ends."""
        self._waiting.clear()

    def pull(self) -> Samples | None:
        """The next `BLOCK` samples for the mixer; None while there is nothing to be heard."""
        if self._playing is None:
            if not self._waiting:
                return None
            self._playing, self._at = rendered(self._waiting.popleft()), 0
        block = self._playing[self._at : self._at + BLOCK]
        self._at += BLOCK
        if self._at >= self._playing.size:
            self._playing = None
        return block


def _note(frequency: float, seconds: float) -> npt.NDArray[np.float64]:
    """A bell: rises as a quarter of a cosine, dies away exponentially, and ends at zero."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / _ATTACK, 1.0))
    fall = np.exp(-5.0 * time / seconds) * np.minimum((seconds - time) / _ATTACK, 1.0)
    tone = np.zeros_like(time)
    for multiple, share in _OVERTONES:
        tone += share * np.sin(2 * np.pi * frequency * multiple * time)
    tone *= rise * fall
    return tone
