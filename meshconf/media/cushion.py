"""Blocks of sound from one clock for another: enough wait to cover a late one, too many give way. Pure."""

from __future__ import annotations

from collections import deque

from meshconf.media.samples import Samples

FEWEST = 2
"""Blocks that wait before the first is given, and again after there was none."""

MOST = 6
"""Blocks that wait at most."""


class Cushion:
    """What we play to others, on its way to our own speaker."""

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque(maxlen=MOST)
        self._flows = False

    def put(self, block: Samples) -> None:
        """Take the next block; the oldest gives way where too many wait."""
        self._blocks.append(block)

    def pull(self) -> Samples | None:
        """The next block, or None while there are too few."""
        self._flows = len(self._blocks) >= (1 if self._flows else FEWEST)
        return self._blocks.popleft() if self._flows else None
