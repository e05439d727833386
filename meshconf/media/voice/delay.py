"""How late packets are, and how much delay that asks for.

Each packet is measured in the loudspeaker's own samples: the count of samples played when the packet first could have
been, less its timestamp. Played with that delay or more, it is in time. This takes in everything at once: the network,
the coarse steps in which the loudspeaker asks, our own scheduling, and the drift between the two clocks. NetEq (WebRTC)
forgets its histogram exponentially; a window of the last seconds has the same memory, but an end.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from itertools import pairwise

from meshconf.types import SAMPLE_RATE

WINDOW = 3 * SAMPLE_RATE
"""Samples for which a packet counts; a delay that nobody needs any more is given up after it."""

FEWEST = 25
"""Packets that count for longer: somebody who seldom speaks has a network too."""

WINDOW_OF_FEW = 20 * SAMPLE_RATE
"""Samples for which they do; the clocks have drifted apart by then."""

MOST = 400
"""Packets that count at most."""

LOWER, UPPER = 0.97, 0.99
"""Shares of packets that come in time at the least delay and at the largest that is kept."""

PEAK = 40 * SAMPLE_RATE // 1000
"""Samples by which a packet is later than twice the usual to be part of a peak."""

PEAK_APART = SAMPLE_RATE // 4
"""Samples between two peaks, at least: what is closer is one."""

PEAK_MEMORY = 10 * SAMPLE_RATE
"""Samples for which a peak is remembered.

One peak is an accident. Two are a habit (Wi-Fi that scans for access points does this): then the delay is kept as large
as the second highest needs, until the next peak is overdue.
"""

LONGEST_HABIT = 4 * SAMPLE_RATE
"""Samples after the last peak until which another one is believed in at most."""

REPAIR_MEMORY = 10 * SAMPLE_RATE
"""Samples for which a repair is remembered: what replaced a lost packet, and so came later than the rest."""

REPAIRS_MISSED = 2
"""Repairs within that time that may come too late: fewer than every two hundredth packet, which nobody hears."""

DETOUR = SAMPLE_RATE
"""Samples after which packets that are all that late have a new way, and no peak."""


class ArrivalDelays:
    """Delays of the packets of one voice, all in samples on the loudspeaker's clock."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, int]] = deque()
        self._sorted: list[int] = []
        self._peaks: deque[tuple[int, int]] = deque(maxlen=8)
        self._repairs: deque[tuple[int, int]] = deque(maxlen=MOST)
        self._late_since: int | None = None
        self._usual = 0
        self.lower = 0
        """Least delay to play with: at less, it is stretched."""
        self.upper = 0
        """Largest delay to play with: from more, it is squeezed."""

    def __len__(self) -> int:
        return len(self._sorted)

    @property
    def least(self) -> int:
        """Delay of the fastest packet in the window."""
        return self._sorted[0] if self._sorted else 0

    def add(self, delay: int, at: int, *, alone: bool = False) -> None:
        """Take the delay of a packet that arrived.

        Args:
            delay: see the module.
            at: the loudspeaker's count of samples.
            alone: whether it came out of order, or in a pause: it may be late because it was lost and sent again.
        """
        self.expire(at)
        if self._sorted and abs(delay - self.lower) > SAMPLE_RATE:
            self._forget_all()  # another clock: the sender has begun anew
        if alone or not self._is_peak(delay, at):
            self._recent.append((at, delay))
            insort(self._sorted, delay)
        self._aim(at)

    def add_repair(self, delay: int, at: int) -> None:
        """Take the delay of what came in place of a lost packet and is worth its delay, once the usual is known.

        Losses are waited for even where they are so few that as many late packets would not be: a repair costs a known
        time, once, while what a network delays now and then has no end.
        """
        self.expire(at)
        if self._sorted:
            self._repairs.append((at, delay))
            self._aim(at)

    def _aim(self, at: int) -> None:
        count = len(self._sorted)
        self._usual = self._sorted[int(count * LOWER - 1e-9)]
        special = max(self._habitual_peak(at), self._worthwhile_repair(at))
        self.lower = max(self._usual, special)
        self.upper = max(self._sorted[int(count * UPPER - 1e-9)], special)

    def expire(self, at: int) -> None:
        """Forget what is too old at the loudspeaker's count of samples."""
        recent = self._recent
        while recent and (
            recent[0][0] < at - (WINDOW if len(recent) > FEWEST else WINDOW_OF_FEW) or len(recent) > MOST
        ):
            _, old = recent.popleft()
            del self._sorted[bisect_left(self._sorted, old)]

    def _is_peak(self, delay: int, at: int) -> bool:
        """Whether a packet is so late that it is kept apart: once is an accident, made good by squeezing at once."""
        if len(self._sorted) < FEWEST or delay - self.least <= 2 * (self._usual - self.least) + PEAK:
            self._late_since = None
            return False
        if self._late_since is None:
            self._late_since = at
        elif at - self._late_since > DETOUR:
            self._forget_all()
            return False
        if self._peaks and at - self._peaks[-1][0] < PEAK_APART:
            began, height = self._peaks[-1]
            self._peaks[-1] = (began, max(height, delay))
        else:
            self._peaks.append((at, delay))
        return True

    def _habitual_peak(self, at: int) -> int:
        while self._peaks and self._peaks[0][0] < at - PEAK_MEMORY:
            self._peaks.popleft()
        if len(self._peaks) < 2:
            return self._sorted[0]
        longest = max(later - sooner for (sooner, _), (later, _) in pairwise(self._peaks))
        overdue = self._peaks[-1][0] + min(longest * 5 // 4 + PEAK_APART, LONGEST_HABIT)
        return sorted(height for _, height in self._peaks)[-2] if at < overdue else self._sorted[0]

    def _worthwhile_repair(self, at: int) -> int:
        while self._repairs and self._repairs[0][0] < at - REPAIR_MEMORY:
            self._repairs.popleft()
        if len(self._repairs) <= REPAIRS_MISSED:
            return self._sorted[0]
        return sorted(delay for _, delay in self._repairs)[-1 - REPAIRS_MISSED]

    def _forget_all(self) -> None:
        self._recent.clear()
        self._repairs.clear()
        self._sorted.clear()
        self._peaks.clear()
        self._late_since = None
