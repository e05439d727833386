"""Counters turned into rates; what real links count is in `test_link.py`."""

from __future__ import annotations

import pytest

from meshconf.rtc import stats as stats_module
from meshconf.rtc.stats import StatsReader
from tests.rtc.support import End, close, connect


async def test_an_unconnected_link_has_no_round_trip_and_no_traffic() -> None:
    end = End()
    stats = end.link.stats()
    assert (stats.rtt_ms, stats.loss, stats.up_bps, stats.down_bps) == (None, 0.0, 0, 0)
    await close(end)


async def test_stats_can_be_read_after_the_end() -> None:
    one, other = End(), End()
    await connect(one, other)
    await close(one, other)
    one.link.stats()
    again = one.link.stats()
    assert (again.up_bps, again.down_bps) == (0, 0)


async def test_rates_span_the_time_since_the_last_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now

    monkeypatch.setattr(stats_module, "time", Clock)
    end = End()
    reader = StatsReader(end.link._connection, end.link.media)
    end.link.media._receiver.octets = 5_000
    now = 12.0
    assert reader.read().down_bps == 20_000
    assert reader.read().down_bps == 0, "and a reading at the same moment is no error"
    end.link.media._receiver.octets += 1_000
    now = 12.5
    assert reader.read().down_bps == 16_000
    await close(end)
