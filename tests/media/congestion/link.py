"""A bottleneck in virtual time: rate, bounded queue, delay, jitter, losses; seeded, and exact between the steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple


@dataclass(frozen=True)
class Conditions:
    """What a link is like for a while."""

    rate_bps: float = 100e6
    queue_s: float = 0.3
    """What waits longer at this rate is dropped."""
    policed: bool = False
    """Nothing waits: what is more than the rate, and than `queue_s` at this rate at once, is dropped."""
    delay_s: float = 0.02
    """One way."""
    jitter_s: float = 0.0
    """Additional delay, evenly spread; packets keep their order, as on Wi-Fi."""
    loss: float = 0.0
    burst: float = 1.0
    """Mean packets lost in a row (Gilbert)."""
    feedback_loss: float = 0.0


class Packet(NamedTuple):
    flow: int
    ssrc: int
    sequence: int
    size: int
    data: bytes = b""


class Link:
    """One direction; the way back of reports has the same delay and a loss of its own."""

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self.conditions = conditions
        self._random = Random(seed)
        self._queue: deque[tuple[float, Packet]] = deque()
        self._flying: deque[tuple[float, Packet]] = deque()
        self._bits = 0
        self._free_at = 0.0
        self._last_out = 0.0
        self._losing = False
        self.dropped = 0

    @property
    def queue_s(self) -> float:
        """How long a packet would wait that comes now."""
        return self._bits / self.conditions.rate_bps

    def send(self, packet: Packet, now: float) -> None:
        if self.queue_s > self.conditions.queue_s:
            self.dropped += 1
            return
        if self.conditions.policed:
            self._police(packet, now)
            return
        self._queue.append((now, packet))
        self._bits += packet.size * 8

    def arrivals(self, until: float) -> Iterator[tuple[float, Packet]]:
        """What has come out at the far end, and when."""
        self._serve(until)
        while self._flying and self._flying[0][0] <= until:
            yield self._flying.popleft()

    def _serve(self, until: float) -> None:
        conditions = self.conditions
        while self._queue:
            came, packet = self._queue[0]
            out = max(came, self._free_at) + packet.size * 8 / conditions.rate_bps
            if out > until:
                return
            self._queue.popleft()
            self._free_at = out
            self._bits -= packet.size * 8
            self._deliver(packet, out)

    def _police(self, packet: Packet, now: float) -> None:
        # Not a packet waits, but the bucket drains as a queue would.
        self._free_at = max(now, self._free_at) + packet.size * 8 / self.conditions.rate_bps
        if self._free_at - now > self.conditions.queue_s:
            self._free_at -= packet.size * 8 / self.conditions.rate_bps
            self.dropped += 1
        else:
            self._deliver(packet, now)

    def _deliver(self, packet: Packet, out: float) -> None:
        conditions = self.conditions
        if not self._lost():
            delay = conditions.delay_s + self._random.uniform(0, conditions.jitter_s)
            self._last_out = max(self._last_out, out + delay)
            self._flying.append((self._last_out, packet))

    def feedback_lost(self) -> bool:
        return self._random.random() < self.conditions.feedback_loss

    def _lost(self) -> bool:
        loss, burst = self.conditions.loss, self.conditions.burst
        if burst <= 1:
            return self._random.random() < loss
        stay = 1 - 1 / burst
        enter = (1 - stay) * loss / (1 - loss)
        self._losing = self._random.random() < (stay if self._losing else enter)
        return self._losing
