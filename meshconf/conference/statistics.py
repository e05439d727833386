"""What arrived, what went out, what it cost, and who is how loud: told to faces that ask for it.

Reads counters, and keeps only the previous reading.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from meshconf.codec.decoding.board import Series
from meshconf.conference import events
from meshconf.conference.beat import beat
from meshconf.conference.bulletin import Bulletin
from meshconf.conference.driver import Driver
from meshconf.conference.ears import Ears
from meshconf.conference.gallery import Gallery
from meshconf.conference.process_cost import ProcessCost
from meshconf.conference.publishing.publisher import AnyPublisher
from meshconf.types import PeerId, SourceKind

LEVELS_EVERY, STATS_EVERY = 0.2, 1.0
"""Seconds between two tellings."""
_US = ""
"""Stands for ourselves where counters are kept by peer."""
LAG_PROBE = 0.05
"""Seconds between two probes of how late the event loop is."""


class LoopLag:
    """How late the event loop wakes a sleeper: the worst within the last second."""

    def __init__(self, on_lag: Callable[[float], None]) -> None:
        self._on_lag = on_lag
        self._worst = 0.0

    async def run(self) -> None:
        """Probe for ever."""
        while True:
            lag = await beat(LAG_PROBE)
            self._worst = max(self._worst, lag)
            self._on_lag(lag)

    def take_ms(self) -> float:
        """The worst since the last call, in milliseconds."""
        worst, self._worst = self._worst, 0.0
        return worst * 1000


class Statistics:
    """Makes the `stats` event."""

    def __init__(
        self, driver: Driver, ears: Ears, gallery: Gallery, publishers: Mapping[SourceKind, AnyPublisher], lag: LoopLag
    ) -> None:
        self._driver = driver
        self._ears = ears
        self._gallery = gallery
        self._publishers = publishers
        self._lag = lag
        self._cost = ProcessCost()
        self._before: dict[tuple[str, str, str], float] = {}
        self._last = time.monotonic()

    async def take(self) -> events.Stats:
        """A reading of everything, rates since the last one. One at a time."""
        now = time.monotonic()
        elapsed, self._last = max(now - self._last, 0.001), now
        links = [self._link(peer, elapsed) for peer in self._driver.mesh.connected()]
        encoders = self._encoders(elapsed)
        self._before = {key: value for key, value in self._before.items() if self._is_here(key[0])}
        cost = await asyncio.to_thread(self._cost.read)
        return events.Stats(
            links=[link for link in links if link is not None],
            encoders=encoders,
            cpu_s=round(cost.cpu_s, 3),
            rss_bytes=cost.rss_bytes,
            loop_lag_ms=round(self._lag.take_ms(), 1),
        )

    def _is_here(self, peer: str) -> bool:
        return peer == _US or self._driver.mesh.member(PeerId(peer)) is not None

    def _link(self, peer: PeerId, elapsed: float) -> events.LinkStats | None:
        link = self._driver.link(peer)
        if link is None:
            return None
        reading = link.stats()
        sources = []
        for kind in sorted(self._driver.mesh.sources_of(peer)):
            if not self._driver.room.state.allows(peer, kind.medium):
                continue  # whatever comes is thrown away, and what is thrown away is not frozen
            if kind.is_audio:
                packets = link.media.sounds[kind].packets if kind in link.media.sounds else 0
                sources.append(self._sound(peer, kind, packets, elapsed))
            elif kind in link.media.discarded:
                # Not shown here, and so not sent: it does not stand still, it is not there.
                sources.append(events.SourceStats(source=kind, fps=0.0, frozen_ms=0.0))
            else:
                sources.append(self._picture(peer, kind, elapsed))
        return events.LinkStats(
            peer=peer,
            path=link.path(),
            rtt_ms=None if reading.rtt_ms is None else round(reading.rtt_ms, 1),
            loss=round(reading.loss, 4),
            up_bps=reading.up_bps,
            down_bps=reading.down_bps,
            sources=sources,
        )

    def _sound(self, peer: PeerId, kind: SourceKind, frames: int, elapsed: float) -> events.SourceStats:
        playout = self._ears.playout(peer, kind)
        new_made_up = self._since(peer, kind, "concealed", playout.counters.concealed if playout else 0)
        new_played = self._since(peer, kind, "played", playout.counters.played if playout else 0)
        fps = self._since(peer, kind, "frames", frames) / elapsed
        db, _ = self._ears.meter(peer).read()
        return events.SourceStats(
            source=kind,
            fps=round(fps, 1),
            concealed=round(new_made_up / new_played, 4) if new_played else None,
            level_db=round(db, 1) if kind is SourceKind.MIC else None,
        )

    def _picture(self, peer: PeerId, kind: SourceKind, elapsed: float) -> events.SourceStats:
        view = self._gallery.counters(peer, kind)
        if view is None:
            return events.SourceStats(source=kind, fps=0.0, frozen_ms=round(elapsed * 1000, 0))
        # A gap that has not ended yet counts as well, or a frozen picture would look fine until it moves.
        gap = time.monotonic() - view.last
        frozen = self._since(peer, kind, "frozen", view.frozen) + (gap if gap > 1.0 else 0.0)
        freezes = self._fresh(peer, kind, "freezes", view.freezes)
        delays = self._fresh(peer, kind, "delays", view.delays)
        return events.SourceStats(
            source=kind,
            width=view.width,
            height=view.height,
            fps=round(self._since(peer, kind, "frames", view.frames) / elapsed, 1),
            delay_ms=delays[-1] if delays else None,
            delays_ms=delays,
            frozen_ms=round(min(frozen, elapsed) * 1000, 0),
            freezes_ms=freezes,
        )

    def _fresh(self, peer: PeerId, kind: SourceKind, name: str, series: Series) -> list[float]:
        """What a series has got since the last reading."""
        before = int(self._before.get((peer, kind, name), 0))
        self._before[peer, kind, name] = series.count
        # A stream that was opened anew has begun to count anew.
        return list(series.since(before if before <= series.count else 0))

    def _encoders(self, elapsed: float) -> list[events.EncoderStats]:
        return [
            events.EncoderStats(
                source=kind,
                rung=publisher.name_of(rung),
                viewers=self._viewers(kind, rung),
                bps=round(self._since(_US, kind, f"octets-{rung}", octets) * 8 / elapsed),
            )
            for kind, publisher in self._publishers.items()
            for rung, octets in sorted(publisher.octets.items())
            if publisher.on and publisher.encodes(rung)
        ]

    def _viewers(self, kind: SourceKind, rung: int) -> int:
        links = [self._driver.link(peer) for peer in self._driver.mesh.connected()]
        return sum(link is not None and link.media.outgoing[kind].rung == rung for link in links)

    def _since(self, peer: str, kind: str, counter: str, value: float) -> float:
        before = self._before.get((peer, kind, counter), 0.0)
        self._before[peer, kind, counter] = value
        return max(0.0, value - before)


async def report(bulletin: Bulletin, ears: Ears, statistics: Statistics) -> None:
    """Tell levels and statistics for ever, while somebody wants them."""
    next_stats = time.monotonic() + STATS_EVERY
    while True:
        await beat(LEVELS_EVERY)
        if bulletin.levels_wanted:
            levels = {str(peer): events.Level(*meter.read()) for peer, meter in ears.meters().items()}
            bulletin.tell(events.Levels(levels=levels))
        if time.monotonic() >= next_stats:
            next_stats += STATS_EVERY
            if bulletin.stats_wanted:
                bulletin.tell(await statistics.take())
