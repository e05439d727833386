"""How much each peer may send: token buckets, kept per person and not per connection.

Pure: the time comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.token_bucket import TokenBucket
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


@dataclass(frozen=True, slots=True)
class _Buckets:
    messages: TokenBucket
    bytes: TokenBucket


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
            buckets = self._buckets[peer] = _Buckets(
                TokenBucket(self._rate.messages, self._rate.burst, now=now),
                TokenBucket(self._rate.bytes, self._rate.burst_bytes, now=now),
            )
        return (
            buckets.bytes.has(size, now=now) and buckets.messages.spend(now=now) and buckets.bytes.spend(size, now=now)
        )

    def _sweep(self, now: float) -> None:
        if len(self._buckets) < SWEEP_AT:
            return
        for peer, buckets in list(self._buckets.items()):
            if buckets.messages.full(now=now) and buckets.bytes.full(now=now):
                del self._buckets[peer]
