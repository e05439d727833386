"""When a voice is played a little slower or faster, so that its delay becomes what it should be."""

from __future__ import annotations

import numpy as np

from meshconf.media.level import level_db
from meshconf.media.samples import Samples, silence
from meshconf.media.voice.counters import VoiceCounters
from meshconf.media.voice.quiet import QuietDetector
from meshconf.media.voice.stretch import LONGEST, SHORTEST, squeeze, stretch
from meshconf.media.voice.supply import Supply
from meshconf.types import SAMPLE_RATE

WORTHWHILE = 10 * SAMPLE_RATE // 1000
"""Samples of delay too much that are squeezed out of speech; less waits for a pause."""

URGENT = 60 * SAMPLE_RATE // 1000
"""Samples of delay too much or too little that are worth an audible seam."""

ALIKE, ROUGHLY_ALIKE = 0.8, 0.4
"""Least likeness of the ends of a jump, and the same when it is urgent."""

_PACE = 3
"""Blocks from one squeeze of speech to the next, unless it is urgent: a tenth faster goes unheard."""


class Tempo:
    """Stretches and squeezes what a supply has ready, at most one jump for each block that is played."""

    def __init__(self, supply: Supply, counters: VoiceCounters, block: int, channels: int) -> None:
        self._supply = supply
        self._counters = counters
        self._block = block
        self._quiet = QuietDetector()
        self._history: Samples = silence(LONGEST, channels)
        self._rest = 0

    @property
    def last(self) -> Samples:
        """The last sample that was played, of each channel."""
        return self._history[-1:]

    def note(self, block: Samples, db: float) -> None:
        """Take what was played, and its level in dBFS."""
        self._quiet.update(db)
        self._history = np.concatenate([self._history, block])[-LONGEST:]
        self._rest += 1

    def adjust(self, correction: int) -> None:
        """Change the length of the true sound that is ready, if the change goes unheard.

        Args:
            correction: samples of delay too much, or too little if negative.
        """
        if correction < 0:
            self._stretch(-correction)
        elif correction >= SHORTEST:
            self._squeeze(correction)

    def _stretch(self, deficit: int) -> None:
        ahead = self._supply.ahead
        longer = stretch(self._history, ahead, self._least_likeness(deficit))
        if longer is not None:
            self._counters.stretched += len(longer) - len(ahead)
            self._supply.ahead = longer

    def _squeeze(self, excess: int) -> None:
        likeness = self._least_likeness(excess)
        if likeness == ALIKE and (excess < WORTHWHILE or self._rest < _PACE):
            return
        while len(self._supply.ahead) < self._block + LONGEST and self._supply.has_next():
            self._supply.extend(0)
        ahead = self._supply.ahead
        shorter = squeeze(ahead, min(excess, len(ahead) - self._block), likeness)
        if shorter is not None:
            self._rest = 0
            self._counters.squeezed += len(ahead) - len(shorter)
            self._supply.ahead = shorter

    def _least_likeness(self, correction: int) -> float:
        if self._quiet.is_quiet(level_db(self._supply.ahead[: self._block])):
            return -1.0
        return ROUGHLY_ALIKE if correction > URGENT else ALIKE
