"""How fast packets come out at the far end: the rate acknowledged, and the rate of a link that had no pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from meshconf.media.congestion.history import Acknowledged

WINDOW = 0.6
"""Seconds over which the acknowledged rate is taken."""

BUSY_WINDOW = 0.2
"""Seconds of arrivals, at most, over which the rate of a busy link is taken."""

BUSY_PACKETS = 4
"""Packets that tell the rate of a busy link at least."""

WAITED = 0.01
"""Seconds of waiting that are more than chance: such a packet stood behind another, and the link never paused."""

OUTAGE = 1.0
"""Seconds between two packets in which a link did not just carry little, but nothing."""

_MAX_BUSY = 256
_LEAST_SPAN = 0.1
_PATIENCE = 0.1


class Delivery:
    """The rates of one link."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, float, int]] = deque()
        self._bytes = 0
        self._busy: deque[tuple[float, float, int]] = deque(maxlen=_MAX_BUSY)
        self._arrived: float | None = None
        self._now = 0.0

    def update(self, packets: Sequence[Acknowledged], base: float, now: float) -> None:
        """Take the packets of a report in the order of arrival; `base` is the delay of one that waits nowhere."""
        size = 0
        for packet in packets:
            size += packet.size
            if self._arrived is not None and packet.arrived >= self._arrived:
                gap = packet.arrived - self._arrived
                if gap > OUTAGE:
                    self._busy.clear()
                elif packet.arrived - packet.sent - base > WAITED:
                    self._busy.append((packet.arrived, gap, packet.size))
            self._arrived = packet.arrived
        self._reports.append((now, packets[-1].arrived, size))
        self._bytes += size
        self.tick(now)

    def tick(self, now: float) -> None:
        """Let time pass, in which perhaps nothing came."""
        self._now = now
        while self._reports and now - self._reports[0][0] > WINDOW:
            self._bytes -= self._reports.popleft()[2]

    @property
    def acknowledged_bps(self) -> float:
        """Rate of what came in the last `WINDOW`, in bits per second.

        Taken over the longer of the times on both clocks: one that is wrong makes it smaller, never larger.
        """
        if not self._reports:
            return 0.0
        first, last = self._reports[0], self._reports[-1]
        span = max(last[0] - first[0], self._now - first[0] - _PATIENCE, last[1] - first[1], _LEAST_SPAN)
        return (self._bytes - first[2]) * 8 / span

    @property
    def busy_bps(self) -> float | None:
        """Rate at which packets came that had waited: what the link carries of ours; None where few have."""
        if not self._busy:
            return None
        newest = self._busy[-1][0]
        count, span, size = 0, 0.0, 0
        for arrived, gap, bytes_ in reversed(self._busy):
            if newest - arrived > BUSY_WINDOW and count >= BUSY_PACKETS:
                break
            count, span, size = count + 1, span + gap, size + bytes_
        return size * 8 / span if count >= BUSY_PACKETS and span > 0 else None
