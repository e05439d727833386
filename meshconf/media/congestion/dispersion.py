"""What a link shows of its speed without being asked: packets that left together come apart as far as it needs.

Every picture of more than one packet is such a train. Its speed is that of the whole link, not of our share, so it says
nothing about what may be sent; but where it has suddenly doubled, what was known of the link is not true any more.
(Packet dispersion: Dovrolis, Ramanathan and Moore, 2001.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from meshconf.media.congestion.history import Acknowledged

TRAINS = 5
"""Trains in a row that have to be faster."""

USUAL = 30
"""Trains before them, at most, that tell what was usual; at least half as many."""

MOSTLY = 0.8
"""Share of those that were not faster than the usual: on a link shared with others some are slower by chance."""

FASTER = 2.0
"""Times the usual speed that each of them has."""

LEAST_BYTES = 300
"""Bytes of a train, but for its first packet, at least: clocks tell 1/1024 s."""

_TICK = 1 / 1024


class Dispersion:
    """The trains of one link."""

    def __init__(self) -> None:
        self._speeds: deque[float] = deque(maxlen=USUAL + TRAINS)

    def update(self, packets: Sequence[Acknowledged]) -> float | None:
        """Take the packets of a report in the order of arrival.

        Returns:
            The least speed of the last trains, in bits/s, if the link has suddenly become faster; told once.
        """
        news = False
        first = last = packets[0]
        size = 0
        for packet in packets[1:]:
            if packet.sent == first.sent:
                size, last = size + packet.size, packet
                continue
            news |= self._add(first, last, size)
            first = last = packet
            size = 0
        news |= self._add(first, last, size)
        return self._judge() if news else None

    def _add(self, first: Acknowledged, last: Acknowledged, size: int) -> bool:
        if size < LEAST_BYTES:
            return False
        self._speeds.append(size * 8 / max(_TICK, last.arrived - first.arrived))
        return True

    def _judge(self) -> float | None:
        speeds = list(self._speeds)
        before, slowest = speeds[:-TRAINS], min(speeds[-TRAINS:])
        if len(before) < USUAL / 2 or slowest < FASTER * min(before):
            return None
        if slowest < FASTER * sorted(before)[int(MOSTLY * len(before))]:
            return None
        self._speeds.clear()
        self._speeds.extend(speeds[-TRAINS:])
        return slowest
