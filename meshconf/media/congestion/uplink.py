"""All links of this machine: shares what each of them carries among its sources, and the uplink among the links.

Usually every link has a bottleneck of its own, and one slow viewer changes nothing for the others. When most links
become congested at the same moment, it is the uplink that they share: then they stop fighting, since their sum is kept
below what came out of all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from meshconf.media.congestion.filling import fill
from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.congestion.shared import SharedLimit
from meshconf.types import PeerId, SourceKey, SourceKind

PRIORITY = ((SourceKind.MIC, SourceKind.MEDIA), (SourceKind.SCREEN,), (SourceKind.CAMERA,))
"""Who is served first; kinds in one group are equals."""

SPARE = 0.05
"""Share of a link that is left to reports, data channels and the unevenness of encoders."""

RESUME = 1.2
"""Times its floor that has to be free for a paused source to come back."""

PATIENCE = 1.0
"""Seconds that a source runs on although its floor does not fit: while a queue drains, every link is short."""

PAUSE = 2.0
"""Seconds that a source stays paused at least."""

PROBE_SPACING = 0.05
"""Seconds between the bursts of different links: together they would measure each other."""


class Estimate(Protocol):
    """What is known of a link; `LinkEstimator` is one."""

    @property
    def target_bps(self) -> int:
        """What may be sent."""

    @property
    def acknowledged_bps(self) -> int:
        """What came out at the far end."""

    @property
    def loss(self) -> float:
        """Share of the packets lost."""

    @property
    def queue_delay_s(self) -> float:
        """How long packets wait."""

    @property
    def congested(self) -> bool:
        """Whether more was sent than the link carries."""


class Probed(Protocol):
    """A link that sends bursts; `LinkEstimator` is one."""

    def probe(self, now: float) -> ProbePlan | None:
        """The burst that is due, if any."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the viewer at the other end wants of one source, in bits/s."""

    floor_bps: int
    """Less is of no use: then it is paused (sound never is)."""
    wish_bps: int
    """More is of no use."""


@dataclass(frozen=True, slots=True)
class LinkDemand:
    """One link, and what is wanted over it."""

    estimate: Estimate
    wishes: Mapping[SourceKind, Wish]


Allocation = dict[PeerId, dict[SourceKind, int]]
"""Bits/s for each source of each link, as wished for; 0: paused."""


class Uplink:
    """The uplink of this machine."""

    def __init__(self) -> None:
        self._shared = SharedLimit()
        self._short: dict[SourceKey, float] = {}
        self._paused: dict[SourceKey, float] = {}
        self._probed = float("-inf")

    def probe(self, link: Probed, now: float) -> ProbePlan | None:
        """A burst of this link, if one is due and it is the link's turn; to be sent at once."""
        idle = self._shared.bps is None or self._shared.growing
        plan = link.probe(now) if idle and now >= self._probed + PROBE_SPACING else None
        if plan is not None:
            self._probed = now
        return plan

    def allocate(self, links: Mapping[PeerId, LinkDemand], now: float) -> Allocation:
        """Share anew; to be called every 100 ms or so, and when wishes change."""
        wanted = sum(wish.wish_bps for link in links.values() for wish in link.wishes.values())
        self._shared.update({peer: link.estimate for peer, link in links.items()}, wanted, now)
        shares = _Shares(links, self._shared.bps)
        self._forget(links)
        for kinds in PRIORITY:
            self._grant_floors(shares, kinds, now)
        for kinds in PRIORITY:
            for kind in kinds:
                self._grant_wishes(shares, kind)
        return shares.granted

    def _forget(self, links: Mapping[PeerId, LinkDemand]) -> None:
        # Also what nobody wishes for any more: wished for again, it starts afresh.
        for times in (self._short, self._paused):
            for peer, kind in list(times):
                if peer not in links or kind not in links[peer].wishes or links[peer].wishes[kind].wish_bps <= 0:
                    del times[peer, kind]

    def _grant_floors(self, shares: _Shares, kinds: tuple[SourceKind, ...], now: float) -> None:
        keys = [(peer, kind) for peer, link in shares.links.items() for kind in kinds if kind in link.wishes]
        # What runs goes on running before anything comes back: else two would take turns.
        for key in sorted(keys, key=lambda key: (key in self._paused, key)):
            peer, kind = key
            wish = shares.links[peer].wishes[kind]
            floor = min(wish.floor_bps, wish.wish_bps)
            if wish.wish_bps <= 0 or kind.is_audio or self._runs(key, shares.room(peer), floor, now):
                shares.grant(peer, kind, floor)

    def _runs(self, key: SourceKey, room: float, floor: int, now: float) -> bool:
        paused = self._paused.get(key)
        if paused is not None:
            if room < floor * RESUME or now < paused + PAUSE:
                return False
            del self._paused[key]
        if room >= floor:
            self._short.pop(key, None)
        elif now >= self._short.setdefault(key, now) + PATIENCE:
            del self._short[key]
            self._paused[key] = now
            return False
        return True

    def _grant_wishes(self, shares: _Shares, kind: SourceKind) -> None:
        wanted = {
            peer: shares.more(peer, kind)
            for peer, link in shares.links.items()
            if kind in link.wishes and (peer, kind) not in self._paused
        }
        for peer, bps in fill(wanted, shares.total).items():
            shares.grant(peer, kind, int(bps))


class _Shares:
    """What has been granted, and what is left."""

    def __init__(self, links: Mapping[PeerId, LinkDemand], total_bps: float | None) -> None:
        self.links = links
        self.granted: Allocation = {peer: dict.fromkeys(link.wishes, 0) for peer, link in links.items()}
        self.total = float("inf") if total_bps is None else total_bps * (1 - SPARE)
        # What is lost is sent again, and has to fit as well.
        self._room = {
            peer: link.estimate.target_bps * (1 - SPARE) * (1 - min(0.5, link.estimate.loss))
            for peer, link in links.items()
        }

    def room(self, peer: PeerId) -> float:
        return min(self._room[peer], self.total)

    def more(self, peer: PeerId, kind: SourceKind) -> float:
        wish = self.links[peer].wishes[kind].wish_bps
        return min(self._room[peer], max(0.0, wish - self.granted[peer][kind]))

    def grant(self, peer: PeerId, kind: SourceKind, bps: int) -> None:
        self.granted[peer][kind] += bps
        self._room[peer] = max(0.0, self._room[peer] - bps)
        self.total = max(0.0, self.total - bps)
