"""Finds out whether links share a bottleneck, the machine's own uplink, and what all of them together may send there.

Links with bottlenecks of their own see their queues grow at different times; links of one queue all see it. So when
one becomes congested, the others are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from meshconf.types import PeerId

APART = 0.5
"""Seconds within which it counts once that links become congested."""

ALIKE = 0.5
"""Share of the congested link's queue that another has to see for it to be the same one."""

MAJORITY = 0.8
"""Share of the other links in use that have to see it."""

BELIEVED = 2
"""How many times more often than not that has to be so, before it is believed."""

CERTAIN = 3
"""How many times more often than not are remembered at most."""

IN_USE_BPS = 20_000
"""Less than this says nothing about a link."""

BACKOFF = 0.93
"""Share of what came out of all links together that they may send from then on."""

INCREASE = 0.05
"""Increase per second, as a share, near what was last too much."""

BEYOND = 1.05
"""Times what was last too much from which on it is no limit any more."""

FAST_INCREASE = 1.0
"""Increase per second, as a share, from there on."""

WAITING = 0.02
"""Seconds of waiting that make a queue: on most links it keeps the sum from growing faster."""

UNNEEDED = 1.5
"""Times what is wanted from which on nothing is limited."""


class Congestion(Protocol):
    """What is looked at in a link."""

    @property
    def acknowledged_bps(self) -> int:
        """What came out at the far end."""

    @property
    def queue_delay_s(self) -> float:
        """How long packets wait."""

    @property
    def congested(self) -> bool:
        """Whether more was sent than the link carries."""


class SharedLimit:
    """What all links together may send, if they share a bottleneck."""

    def __init__(self) -> None:
        self.bps: float | None = None
        """Bits/s; None: no bottleneck is known that they share."""
        self._was_too_much = 0.0
        self._belief = 0
        self._congested: set[PeerId] = set()
        self._noticed_at = float("-inf")
        self._updated: float | None = None

    @property
    def growing(self) -> bool:
        """Whether the limit is beyond what was last too much: then what else there is may be found out."""
        return self.bps is not None and self.bps > BEYOND * self._was_too_much

    def update(self, links: Mapping[PeerId, Congestion], wanted_bps: float, now: float) -> None:
        """Look at all links; `wanted_bps` is what they would send at most."""
        elapsed = 0.0 if self._updated is None else min(1.0, max(0.0, now - self._updated))
        self._updated = now
        in_use = {peer: link for peer, link in links.items() if link.acknowledged_bps >= IN_USE_BPS}
        # What is not heard of any more, or has but begun to wait, has no queue yet that others could share.
        waits = {peer for peer, link in links.items() if link.queue_delay_s >= WAITING}
        congested = {peer for peer, link in links.items() if link.congested and peer in self._congested | waits}
        fresh = [peer for peer in congested - self._congested if peer in in_use]
        self._congested = congested
        if fresh and len(in_use) > 1 and now >= self._noticed_at + APART:
            self._noticed_at = now
            self._judge(max(fresh, key=lambda peer: in_use[peer].queue_delay_s), in_use)
        elif self.bps is not None:
            self._increase(in_use, elapsed)
        if self.bps is not None and (self._belief == 0 or self.bps > UNNEEDED * wanted_bps):
            self.bps = None

    def _judge(self, peer: PeerId, in_use: Mapping[PeerId, Congestion]) -> None:
        queue = in_use[peer].queue_delay_s
        witnesses = sum(link.queue_delay_s >= ALIKE * queue for other, link in in_use.items() if other != peer)
        if witnesses < MAJORITY * (len(in_use) - 1):
            self._belief = max(0, self._belief - 1)
            return
        self._belief = min(CERTAIN, self._belief + 1)
        if self._belief >= BELIEVED:
            self._was_too_much = float(sum(link.acknowledged_bps for link in in_use.values()))
            self.bps = BACKOFF * self._was_too_much

    def _increase(self, in_use: Mapping[PeerId, Congestion], elapsed: float) -> None:
        if self.bps is not None:
            waiting = sum(link.queue_delay_s > WAITING for link in in_use.values())
            fast = self.growing and waiting < max(1.0, MAJORITY * len(in_use))
            self.bps *= 1 + (FAST_INCREASE if fast else INCREASE) * elapsed
