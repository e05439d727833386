"""How long packets wait in the network's queues: their one-way delay above the least that the path has shown.

The level of the delay is used, not its trend: it is what people feel, and its errors do not add up. The least delay is
that of the last `MEMORY` seconds, so that neither clocks of different speed (100 ppm are 2 ms in that time) nor a
change of route mislead for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from meshconf.media.congestion.history import Acknowledged

MEMORY = 20
"""Seconds, in slots of one second, over which the least delay counts as that of empty queues."""

WINDOW = 0.2
"""Seconds after which a report says nothing of the present any more."""

_NOISE_GAIN = 0.05
_NOISE_STEP = 0.03


class QueueDelay:
    """The wait of one link's packets; nothing is known of it before the first report."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque(maxlen=2)
        self._slots: deque[float] = deque(maxlen=MEMORY)
        self._slot = 0
        self.base = 0.0
        """Delay of a packet that waits nowhere: seconds between two clocks, so only differences count."""
        self.seconds = 0.0
        """The wait now: the least of the last two reports, since a single late packet is jitter and no queue."""
        self.noise = 0.0
        """Mean change of the least delay from report to report: what jitter leaves in `seconds`."""

    def update(self, packets: Sequence[Acknowledged], now: float) -> None:
        """Take the packets of a report; there is at least one."""
        least = min(packet.arrived - packet.sent for packet in packets)
        if not self._slots or int(now) != self._slot:
            self._slot = int(now)
            self._slots.append(least)
        elif least < self._slots[-1]:
            self._slots[-1] = least
        self.base = min(self._slots)
        if self._recent:
            change = min(abs(least - self._recent[-1][1]), _NOISE_STEP)
            self.noise += _NOISE_GAIN * (change - self.noise)
        self._recent.append((now, least))
        self.seconds = min(delay for time, delay in self._recent if now - time <= WINDOW) - self.base

    def rebase(self) -> None:
        """Take the present delay as that of empty queues: what waits is not ours, or the path has become longer."""
        self._slots.clear()
        self._slots.append(min(delay for _, delay in self._recent) if self._recent else 0.0)
        self.base, self.seconds = self._slots[-1], 0.0
