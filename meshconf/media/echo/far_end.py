"""What the loudspeaker played, beside what the microphone heard meanwhile.

Both cards tell when what they play and hear sounds, by one clock. So it does not matter how long sound waits in queues,
or that the event loop was late: a block of the microphone is always compared with what was in the air then, and with a
bit of what comes next, since drivers know their delays but roughly and no echo may come before its sound.
"""

from __future__ import annotations

import numpy as np

from meshconf.media.echo.drift import DriftFilter
from meshconf.media.fractional import TAPS, read_between
from meshconf.media.samples import Samples
from meshconf.types import SAMPLE_RATE

LEAD = 0.01
"""Seconds by which the far end is ahead of its echo, where the loudspeaker's queue is long enough to know so much.

More would forgive larger errors, but costs the canceller some seconds of learning at the start.
"""

_KEPT = SAMPLE_RATE
"""Samples that are kept."""

_MARGIN = 0.002 * SAMPLE_RATE
"""Samples between the end of what is known and what is read at first."""

_GAP = 0.05
"""Seconds between two played blocks that make them two streams: the loudspeaker was opened anew."""

_JUMP = 0.01 * SAMPLE_RATE
"""Samples by which a position is beyond any error of timing."""

_LATEST = -0.1 * SAMPLE_RATE
"""Samples of lead below which nothing is being played at all."""

_PATIENCE = 5.0
"""Blocks in a row (0.1 s) that do not fit before the place is looked for anew."""


class FarEnd:
    """What was played, kept for a second and read at the pace of the microphone."""

    def __init__(self) -> None:
        self.lead = 0.0
        """Seconds from a sound in what `beside` returns to the moment when it is in the air."""
        self._sound: Samples = np.zeros(_KEPT, dtype=np.int16)
        self._end = 0
        """Number of samples played; the last `_KEPT` of them are kept."""
        self._begins = -np.inf
        self._last_size = 0
        self._place: DriftFilter | None = None
        self._read_to = 0.0
        self._misfits = 0.0

    def play(self, begins: float, block: Samples) -> None:
        """Take the next block that the card played, or will in a moment.

        Args:
            begins: monotonic seconds at which it begins to sound.
            block: at most a second.
        """
        if abs(begins - self._begins - self._last_size / SAMPLE_RATE) > _GAP:
            self._sound[:] = 0
            self._place = None
        self._begins, self._last_size = begins, block.size
        self._sound[: -block.size] = self._sound[block.size :]
        self._sound[-block.size :] = block
        self._end += block.size

    def restart(self) -> None:
        """The microphone was opened anew."""
        self._place = None

    def beside(self, captured: float, size: int) -> Samples:
        """The far end of the microphone's next block.

        Args:
            captured: monotonic seconds at which the block began to be heard.
            size: its samples.

        Returns:
            As many samples; silence while nothing is played.
        """
        in_the_air = self._end - self._last_size + (captured - self._begins) * SAMPLE_RATE
        if self._place is None or self._misfits > _PATIENCE:
            self._find_place(in_the_air, size)
        if self._place is None:
            return np.zeros(size, dtype=np.int16)
        place, measured = self._place, in_the_air + self.lead * SAMPLE_RATE
        fits = abs(measured - place.position) < _JUMP
        if fits:
            place.correct(measured)
        place.advance(size)
        # From where the last block ended to where this one ends by all we know: no sample twice, none left out.
        start, step = self._read_to, (place.position - self._read_to) / size
        self._read_to = place.position
        complete = place.position + TAPS < self._end
        self._misfits = max(0.0, self._misfits - 0.1) if fits and complete else self._misfits + 1.0
        return self._read(start, step, size)

    def _find_place(self, in_the_air: float, size: int) -> None:
        self._misfits = 0.0
        known = self._end - _MARGIN - TAPS - size - in_the_air
        if known < _LATEST:
            self._place = None
            return
        self.lead = min(LEAD, known / SAMPLE_RATE)
        self._read_to = in_the_air + self.lead * SAMPLE_RATE
        self._place = DriftFilter(self._read_to)

    def _read(self, start: float, step: float, size: int) -> Samples:
        """Samples by their number since the beginning; what is not kept, or not yet known, is silence."""
        first = int(start) - TAPS
        last = int(start + step * size) + TAPS
        oldest = self._end - _KEPT
        known = self._sound[min(max(first - oldest, 0), _KEPT) : min(max(last - oldest, 0), _KEPT)]
        if known.size < last - first:
            before = max(0, min(oldest, last) - first)
            known = np.pad(known, (before, last - first - before - known.size))
        return read_between(known, start - first, step, size)
