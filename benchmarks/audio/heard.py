"""What came out of a play-out, slot by slot of 20 ms, and the figures that a listener would give."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from meshconf.types import BLOCK, SAMPLE_RATE

BLOCK_S = BLOCK / SAMPLE_RATE

STALL_S = 0.1
"""Silence in the middle of speech that is longer than this is a stall."""

_BEGINNING_S = 1.0
"""Nothing is asked of the first second."""

_LOUD = 1000
"""Peak of a block from which on it is speech, and its absence heard."""

_AUDIBLE = 0.02
"""Share of that peak from which on a block is not empty."""


@dataclass(frozen=True)
class Heard:
    """All slots of one listener."""

    said: npt.NDArray[np.int16]
    """What was spoken."""
    sound: npt.NDArray[np.int16]
    """What came out."""
    places: npt.NDArray[np.int64]
    """For each slot, which sample of what was said its first one is, or should have been."""
    delays: npt.NDArray[np.float64]
    """Seconds from each slot's being spoken to its being played; nan where nothing was played."""
    made_up: float
    """Share of what was played that came from no packet."""

    def empty(self) -> list[bool]:
        """For each slot in which there should be speech, whether there is (all but) silence."""
        missing = []
        first = round(_BEGINNING_S / BLOCK_S)
        for block, place in zip(self.sound.reshape(-1, BLOCK)[first:], self.places[first:], strict=True):
            origin = self.said[place : place + BLOCK].astype(np.int32) if place >= 0 else np.zeros(0, np.int32)
            if origin.size and (peak := int(np.abs(origin).max())) > _LOUD:
                missing.append(int(np.abs(block.astype(np.int32)).max()) < _AUDIBLE * peak)
        return missing

    @property
    def filled(self) -> float:
        """Share of the slots in which there should be speech that are not empty."""
        return 1.0 - float(np.mean(self.empty()))

    @property
    def stalls(self) -> int:
        """How often speech was interrupted for longer than `STALL_S`."""
        runs = (len(list(run)) for missing, run in groupby(self.empty()) if missing)
        return sum(length * BLOCK_S > STALL_S + 1e-9 for length in runs)

    def delay_s(self, begin_s: float, end_s: float) -> float:
        """Mean delay over a span of time."""
        return float(np.nanmean(self.delays[round(begin_s / BLOCK_S) : round(end_s / BLOCK_S)]))
