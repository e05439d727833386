"""How much each peer may send: a measure that fills with time, kept per person and not per connection.

Pure: the time comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.types import PeerId

SWEEP_AT = 64
"""Measures beyond which full ones are dropped: a full one is as good as none, so nobody gains by that."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What is allowed in the long run, and at once."""

    messages: float
    """Per second."""
    burst: float
    bytes: float
    """Per second."""
    burst_bytes: float


@dataclass(slots=True)
class _Measure:
    messages: float
    bytes: float
    filled: float


class Allowance:
    """One measure for each peer, all of the same rate; reconnecting does not fill it."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._measures: dict[PeerId, _Measure] = {}

    def __len__(self) -> int:
        return len(self._measures)

    def spend(self, peer: PeerId, size: int, *, now: float) -> bool:
        """Take one message of `size` bytes out; False, and nothing taken, when there is not enough."""
        measure = self._measures.get(peer)
        if measure is None:
            self._sweep(now)
            measure = self._measures[peer] = _Measure(self._rate.burst, self._rate.burst_bytes, now)
        self._fill(measure, now)
        if measure.messages < 1 or measure.bytes < size:
            return False
        measure.messages -= 1
        measure.bytes -= size
        return True

    def _fill(self, measure: _Measure, now: float) -> None:
        passed, measure.filled = max(0.0, now - measure.filled), now
        measure.messages = min(self._rate.burst, measure.messages + passed * self._rate.messages)
        measure.bytes = min(self._rate.burst_bytes, measure.bytes + passed * self._rate.bytes)

    def _sweep(self, now: float) -> None:
        if len(self._measures) < SWEEP_AT:
            return
        for peer, measure in list(self._measures.items()):
            self._fill(measure, now)
            if measure.messages >= self._rate.burst and measure.bytes >= self._rate.burst_bytes:
                del self._measures[peer]
