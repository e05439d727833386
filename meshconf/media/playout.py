"""A simple play-out buffer for one voice: samples in any length go in, blocks of 20 ms come out.

It waits for a cushion before it starts, makes up what is missing with a fade instead of a click, and never lets the
delay grow over a limit. Pure; the loudspeaker's clock drives `pull`.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from meshconf.types import BLOCK, SAMPLE_RATE

TARGET = 60 * SAMPLE_RATE // 1000
"""Samples that gather before a voice starts to play."""

LIMIT = 200 * SAMPLE_RATE // 1000
"""Samples that are never exceeded: what is older than the target is thrown away."""

_FADE = 240
"""Samples (5 ms) of a fade at a seam."""

Samples = npt.NDArray[np.int16]

_UP = (np.arange(_FADE, dtype=np.float32) + 0.5) / _FADE


class Playout:
    """One voice on its way to the mixer."""

    def __init__(self) -> None:
        self._chunks: deque[Samples] = deque()
        self._last = 0
        self._fade_in = True
        self.playing = False
        """Whether the cushion has gathered and sound comes out."""
        self.buffered = 0
        """Samples that wait."""
        self.played = 0
        """Samples that came out while playing, made up or not."""
        self.concealed = 0
        """Samples of those that were made up because none had arrived."""
        self.dropped = 0
        """Samples thrown away to keep the delay short."""

    def push(self, samples: Samples) -> None:
        """Take arrived samples, oldest first."""
        if samples.size == 0:
            return
        self._chunks.append(samples)
        self.buffered += samples.size
        if self.buffered > LIMIT:
            surplus = self.buffered - TARGET
            self.dropped += surplus
            self._take(surplus)
            self._fade_in = True
        if self.buffered >= TARGET:
            self.playing = True

    def pull(self) -> Samples:
        """The next `BLOCK` samples; silence before the voice starts and after it has run dry."""
        if not self.playing:
            return np.zeros(BLOCK, dtype=np.int16)
        have = min(self.buffered, BLOCK)
        block = np.zeros(BLOCK, dtype=np.int16)
        if have:
            block[:have] = self._take(have)
        self.played += BLOCK
        if self._fade_in and have:
            self._soften_start(block[:have])
        if have < BLOCK:
            self.concealed += BLOCK - have
            self._soften_end(block, have)
            self.playing = False
            self._fade_in = True
        else:
            self._last = int(block[-1])
        return block

    def _take(self, count: int) -> Samples:
        parts: list[Samples] = []
        missing = count
        while missing:
            chunk = self._chunks.popleft()
            if chunk.size > missing:
                self._chunks.appendleft(chunk[missing:])
                chunk = chunk[:missing]
            parts.append(chunk)
            missing -= chunk.size
        self.buffered -= count
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _soften_start(self, samples: Samples) -> None:
        size = min(_FADE, samples.size)
        samples[:size] = (samples[:size] * _UP[:size] + self._last * (1 - _UP[:size])).astype(np.int16)
        self._fade_in = False

    def _soften_end(self, block: Samples, have: int) -> None:
        # From the last true sample down to silence: a step to zero is heard as a click.
        start = int(block[have - 1]) if have else self._last
        size = min(_FADE, BLOCK - have)
        block[have : have + size] = (start * (1 - _UP[:size])).astype(np.int16)
        self._last = 0
