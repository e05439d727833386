"""Blocks of several streams that run side by side become one stream: their sum, block by block.

Streams of one clock deliver in turn, and may stop and go on at any time. Each block waits for its like of the other
streams, but not for a stream that gives nothing any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

import numpy as np

from meshconf.media.samples import Samples

PATIENCE = 3
"""Blocks that wait for those of another stream; whoever lets that many wait has stopped."""


class Gatherer:
    """Sums streams. One thread at a time."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[Samples]] = {}
        self._silent: set[Hashable] = set()

    def add(self, stream: Hashable) -> None:
        """A stream begins; it is waited for from its first block on."""
        self._waiting[stream] = deque()
        self._silent.add(stream)

    def remove(self, stream: Hashable) -> None:
        """A stream is over; what waits of it is dropped."""
        self._waiting.pop(stream, None)
        self._silent.discard(stream)

    def take(self, stream: Hashable, block: Samples) -> list[Samples]:
        """The next block of a stream, all of which have one shape; returns the sums that are ready now."""
        if stream not in self._waiting:
            return []
        self._silent.discard(stream)
        self._waiting[stream].append(block)
        sums = []
        while (blocks := self._next()) is not None:
            sums.append(blocks)
        return sums

    def _next(self) -> Samples | None:
        missing = [stream for stream, blocks in self._waiting.items() if not blocks and stream not in self._silent]
        if missing:
            if max(len(blocks) for blocks in self._waiting.values()) < PATIENCE:
                return None
            self._silent.update(missing)
        blocks = [blocks.popleft() for blocks in self._waiting.values() if blocks]
        if len(blocks) < 2:
            return blocks[0] if blocks else None
        total = np.sum(blocks, axis=0, dtype=np.int32)
        return np.clip(total, -32768, 32767).astype(np.int16)
