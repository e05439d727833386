"""One direction of a bad cable as arithmetic: a packet of some size comes now; when does it arrive, if at all?

Loss is Gilbert's: a good state without loss, a bad one that loses everything, so that `burst` is the mean number of
packets lost in a row (1: independent losses). After it come a FIFO of limited length in front of a link of some rate,
and a delay. Pure: the caller brings time and seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Impairment:
    """What is wrong with one direction."""

    delay_ms: float = 0.0
    loss: float = 0.0
    """Share of packets, 0 to 1."""
    burst: float = 1.0
    """Mean number of packets lost in a row; 1 means that losses know nothing of each other."""
    rate_bps: float | None = None
    """Bits a second of the link, headers included; None has no limit."""
    queue_ms: float = 250.0
    """Milliseconds of data that the FIFO in front of the link holds; what does not fit is lost."""

    @property
    def harmless(self) -> bool:
        """Whether packets pass at once."""
        return self.delay_ms == 0 and self.loss == 0 and self.rate_bps is None


class Direction:
    """The state of one direction; it survives a change of its impairment."""

    def __init__(self, seed: int) -> None:
        """Start as a perfect cable."""
        self.impairment = Impairment()
        self.passed = 0
        self.lost = 0
        """Packets taken by loss."""
        self.overflowed = 0
        """Packets that found the FIFO full."""
        self._random = random.Random(seed)
        self._bad = False
        self._free_at = 0.0
        """When the link has sent all that waits."""
        self._last = 0.0

    def arrival(self, size: int, now: float) -> float | None:
        """When a packet arrives at the far end.

        Args:
            size: bytes on the wire.
            now: monotonic seconds; never goes back.

        Returns:
            Seconds of the same clock, never before an earlier packet's; None when it is lost.
        """
        if self._loses():
            self.lost += 1
            return None
        sent = now
        if (rate := self.impairment.rate_bps) is not None:
            waits = max(0.0, self._free_at - now)
            if waits > self.impairment.queue_ms / 1000:
                self.overflowed += 1
                return None
            sent = self._free_at = now + waits + size * 8 / rate
        self.passed += 1
        # A delay that became shorter overtakes nobody.
        self._last = max(self._last, sent + self.impairment.delay_ms / 1000)
        return self._last

    def _loses(self) -> bool:
        loss = self.impairment.loss
        if loss <= 0:
            self._bad = False
            return False
        if self.impairment.burst <= 1:
            return self._random.random() < loss
        leave = 1 / self.impairment.burst
        # In the long run the bad state holds the share `loss`: enter * (1 - loss) = leave * loss.
        enter = min(1.0, leave * loss / (1 - loss)) if loss < 1 else 1.0
        self._bad = self._random.random() < (1 - leave if self._bad else enter)
        return self._bad
