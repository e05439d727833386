"""Counters turned into rates; what real links count is in `test_link.py`."""

from __future__ import annotations

from meshconf.rtc.stats import IncomingStats, StatsReader
from meshconf.types import SourceKind
from tests.rtc.support import End, close, connect


async def test_an_unconnected_link_has_no_round_trip_and_no_traffic() -> None:
    end = End()
    stats = await end.link.stats()
    assert (stats.rtt_ms, stats.loss, stats.up_bps, stats.down_bps) == (None, 0.0, 0, 0)
    assert set(stats.outgoing) == set(stats.incoming) == set(SourceKind)
    await close(end)


async def test_stats_can_be_read_after_the_end() -> None:
    one, other = End(), End()
    await connect(one, other)
    await close(one, other)
    assert (await one.link.stats()).up_bps >= 0


async def test_incoming_loss_is_that_since_the_last_reading() -> None:
    end = End()
    reader: StatsReader = end.link._stats
    assert reader._incoming_loss({SourceKind.MIC: IncomingStats(packets=90, lost=10)}) == 0.1
    assert reader._incoming_loss({SourceKind.MIC: IncomingStats(packets=190, lost=10)}) == 0.0
    # A late packet lowers the count of the lost ones.
    assert reader._incoming_loss({SourceKind.MIC: IncomingStats(packets=200, lost=9)}) == 0.0
    await close(end)
