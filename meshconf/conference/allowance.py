"""How much each peer may send: token buckets, kept per person and not per connection.

Pure: the time comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.types import PeerId

SWEEP_AT = 64
"""Buckets beyond which full ones are dropped: a full one is as good as none, so nobody gains by that."""


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
class _Buckets:
    messages: float
    bytes: float
    filled: float


class Allowance:
    """A bucket of messages and one of bytes for each peer, all of the same rate; reconnecting does not fill them."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: dict[PeerId, _Buckets] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def spend(self, peer: PeerId, size: int, *, now: float) -> bool:
        """Take one message of `size` bytes out; False, and nothing taken, when there is not enough."""
        buckets = self._buckets.get(peer)
        if buckets is None:
            self._sweep(now)
            buckets = self._buckets[peer] = _Buckets(self._rate.burst, self._rate.burst_bytes, now)
        self._fill(buckets, now)
        if buckets.messages < 1 or buckets.bytes < size:
            return False
        buckets.messages -= 1
        buckets.bytes -= size
        return True

    def _fill(self, buckets: _Buckets, now: float) -> None:
        passed, buckets.filled = max(0.0, now - buckets.filled), now
        buckets.messages = min(self._rate.burst, buckets.messages + passed * self._rate.messages)
        buckets.bytes = min(self._rate.burst_bytes, buckets.bytes + passed * self._rate.bytes)

    def _sweep(self, now: float) -> None:
        if len(self._buckets) < SWEEP_AT:
            return
        for peer, buckets in list(self._buckets.items()):
            self._fill(buckets, now)
            if buckets.messages >= self._rate.burst and buckets.bytes >= self._rate.burst_bytes:
                del self._buckets[peer]
