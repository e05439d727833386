"""How fast packets come out at the far end: the rate acknowledged, and the rate of a link that had no pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

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
"""Packets of a busy link that are kept at most."""

_LEAST_SPAN = 0.1
"""Seconds over which a rate is taken at least: within one report, packets come in bursts."""

_PATIENCE = 0.1
"""Seconds by which a report may be late before the time without it counts as time in which nothing came."""


class Delivery:
    """The rates of one link."""

    def __init__(self) -> None:
        self._reports: deque[_Reported] = deque()
        self._busy: deque[_Waited] = deque(maxlen=_MAX_BUSY)
        self._last: Acknowledged | None = None
        self.acknowledged_bps = 0.0
        """Rate of what came in the last `WINDOW`, in bits per second.

        Taken over the longest of the times in which it was sent, came, and was reported: a clock that is wrong, or a
        receiver that lies, makes it smaller, never larger."""

    def update(self, packets: Sequence[Acknowledged], base: float, now: float) -> None:
        """Take the packets of a report in the order of arrival; `base` is the delay of one that waits nowhere."""
        size, first_sent, last_sent = 0, now, 0.0
        for packet in packets:
            size += packet.size
            first_sent, last_sent = min(first_sent, packet.sent), max(last_sent, packet.sent)
            last = self._last
            if last is not None and packet.arrived >= last.arrived:
                gap = packet.arrived - last.arrived
                if gap > OUTAGE:
                    self._busy.clear()
                elif packet.arrived - packet.sent - base > WAITED:
                    self._busy.append(_Waited(packet.arrived, gap, max(0.0, packet.sent - last.sent), packet.size))
            self._last = packet
        self._reports.append(_Reported(now, packets[-1].arrived, size, first_sent, last_sent))
        self.tick(now)

    def slower_since(self, arrived: float) -> None:
        """The link has become slower: how packets came until then, on the receiver's clock, says nothing any more."""
        self._busy = deque((busy for busy in self._busy if busy.arrived > arrived), maxlen=_MAX_BUSY)

    def tick(self, now: float) -> None:
        """Let time pass, in which perhaps nothing came."""
        while self._reports and now - self._reports[0].at > WINDOW:
            self._reports.popleft()
        if len(self._reports) < 2:
            self.acknowledged_bps = 0.0
            return
        # The first report says when it begins; what it told of came before.
        before, *reports = self._reports
        span = max(
            now - before.at - _PATIENCE,
            reports[-1].at - before.at,
            reports[-1].arrived - before.arrived,
            max(report.last_sent for report in reports) - min(report.first_sent for report in reports),
            _LEAST_SPAN,
        )
        self.acknowledged_bps = sum(report.size for report in reports) * 8 / span

    @property
    def busy_bps(self) -> float | None:
        """Rate at which packets came that had waited: what the link carries of ours; None where few have.

        Where little was sent meanwhile, it is the acknowledged rate, less as far as they came further apart than they
        were sent: what was not sent says nothing of what the link carries.
        """
        if not self._busy:
            return None
        newest = self._busy[-1].arrived
        count, came, sent, size = 0, 0.0, 0.0, 0
        for packet in reversed(self._busy):
            if newest - packet.arrived > BUSY_WINDOW and count >= BUSY_PACKETS:
                break
            count, came, sent, size = count + 1, came + packet.gap, sent + packet.sent_gap, size + packet.size
        if count < BUSY_PACKETS or came <= 0:
            return None
        return max(size * 8 / came, self.acknowledged_bps * min(1.0, sent / came))


class _Waited(NamedTuple):
    arrived: float
    gap: float
    """Seconds since the packet that came before."""
    sent_gap: float
    """Seconds between the two as they were sent."""
    size: int


class _Reported(NamedTuple):
    at: float
    arrived: float
    """When the last of its packets came."""
    size: int
    first_sent: float
    last_sent: float
