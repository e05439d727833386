"""Short bursts that find out whether a link carries more than is sent: at the start, and when a limit may have gone.

The sender fills a burst with media that waits anyway, then with retransmissions or padding. Its answer is how much
longer the burst took to arrive than to send, which losses do not distort.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from meshconf.media.congestion.history import Acknowledged

FIRST = 3.0
"""Times the rate at which the first burst is sent."""

NEXT = 2.0
"""Times the rate at which all others are sent."""

DURATION = 0.03
"""Seconds of a burst."""

MIN_BYTES = 7200
"""Bytes of a burst at least: six packets."""

CARRIED = 0.85
"""Share of the burst's rate that has to arrive for the burst to have been carried."""

SAFETY = 0.95
"""Share of the rate found that is then used."""

PAUSE = 0.5
"""Seconds to the next burst after one that was not carried; doubled each time, up to `PAUSE_MAX`."""

PAUSE_MAX = 30.0

MORE = 1.2
"""Times the rate wanted so far from which on it is worth a burst at once."""

_ENOUGH = 0.6
"""Share of a burst that has to arrive for its rate to be believed."""

_MIN_PACKETS = 4
"""Packets of a burst that have to arrive for the same."""

_PATIENCE = 0.3
"""Seconds beyond its time after which a burst that is still unsent or unanswered is given up."""


class ProbePlan(NamedTuple):
    """A burst to be sent at once: everything that leaves counts, until it is through."""

    bps: int
    bytes: int


class Probing:
    """The bursts of one link."""

    def __init__(self) -> None:
        self._probe: _Probe | None = None
        self._due = float("-inf")
        self._factor = FIRST
        self._pause = PAUSE
        self._wanted = float("inf")
        self._hint_bps = 0.0

    def hurry(self, at: float, hint_bps: float = 0.0) -> None:
        """Send the next burst at this time already: what was known of the link is not true any more.

        Args:
            at: seconds.
            hint_bps: what may be tried in one step.
        """
        self._due = min(self._due, at)
        self._pause = PAUSE
        self._hint_bps = hint_bps

    def delay(self, until: float) -> None:
        """Send no burst before this time."""
        self._due = max(self._due, until)

    def plan(self, bps: float, wanted_bps: float, now: float) -> ProbePlan | None:
        """The burst that is due, if any.

        Args:
            bps: the rate so far.
            wanted_bps: more than this is of no use.
            now: seconds.
        """
        if wanted_bps > MORE * self._wanted:
            self.hurry(now)
        self._wanted = wanted_bps
        if self._probe is not None or now < self._due or bps >= wanted_bps:
            return None
        rate = min(max(bps * self._factor, self._hint_bps), 1.2 * wanted_bps)
        self._hint_bps = 0.0
        self._probe = _Probe(rate, max(MIN_BYTES, rate * DURATION / 8), now)
        return ProbePlan(round(rate), round(self._probe.wanted))

    def sent(self, size: int, now: float) -> None:
        """Note a packet on its way."""
        if self._probe is not None:
            self._probe.sent(size, now)

    def update(self, packets: Sequence[Acknowledged], round_trip: float, now: float) -> float | None:
        """Take the packets of a report; the rate found, in bits/s, once a burst has been answered."""
        probe = self._probe
        if probe is None:
            return None
        probe.update(packets)
        if not probe.answered(now, round_trip):
            return None
        self._probe = None
        found = probe.found
        self._factor = NEXT
        if found is not None and found >= CARRIED * probe.rate:
            self._due, self._pause = now, PAUSE
        else:
            self._due, self._pause = now + self._pause, min(PAUSE_MAX, 2 * self._pause)
        return None if found is None else SAFETY * found


class _Probe:
    def __init__(self, rate: float, wanted: float, now: float) -> None:
        self.rate = rate
        self.wanted = wanted
        self._began = now
        self._sent_bytes = 0
        self._first_sent: float | None = None
        self._last_sent: float | None = None
        self._came: list[Acknowledged] = []
        self._came_bytes = 0
        self._passed = False

    def sent(self, size: int, now: float) -> None:
        if self._last_sent is not None:
            return
        self._first_sent = now if self._first_sent is None else self._first_sent
        self._sent_bytes += size
        if self._sent_bytes >= self.wanted:
            self._last_sent = now

    def update(self, packets: Sequence[Acknowledged]) -> None:
        if self._first_sent is None:
            return
        for packet in packets:
            if self._last_sent is not None and packet.sent > self._last_sent:
                self._passed = True
            elif packet.sent >= self._first_sent:
                self._came.append(packet)
                self._came_bytes += packet.size

    def answered(self, now: float, round_trip: float) -> bool:
        if self._last_sent is None:
            return now > self._began + 3 * self.wanted * 8 / self.rate + _PATIENCE
        return self._passed or self._came_bytes >= self._sent_bytes or now > self._last_sent + round_trip + _PATIENCE

    @property
    def found(self) -> float | None:
        """The rate at which the burst came, in bits/s; None where too little of it did."""
        if len(self._came) < _MIN_PACKETS or self._came_bytes < _ENOUGH * self._sent_bytes or self._last_sent is None:
            return None
        # Neither the first packet to arrive nor those sent last took any of the time in between.
        first, last = self._came[0], max(packet.sent for packet in self._came)
        tail = sum(packet.size for packet in self._came if packet.sent == last)
        sending = last - min(packet.sent for packet in self._came)
        arriving = max(packet.arrived for packet in self._came) - first.arrived
        found = self.rate
        if sending > 0:
            found = min(found, (self._came_bytes - tail) * 8 / sending)
        if arriving > 0:
            found = min(found, (self._came_bytes - first.size) * 8 / arriving)
        return found
