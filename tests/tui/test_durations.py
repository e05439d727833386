"""How long something lasts, as people read it."""

from __future__ import annotations

import pytest

from meshconf.tui.durations import FOREVER, clock, remaining, steady_clock


@pytest.mark.parametrize(
    ("seconds", "shown", "steady"),
    [
        (-3.0, "0:00", "00:00"),
        (62.9, "1:02", "01:02"),
        (3599.0, "59:59", "59:59"),
        (3600.0, "1:00:00", "1:00:00"),
        (1e12, "99:59:59", "99:59:59"),
    ],
)
def test_a_clock_shows_hours_once_there_are_any(seconds: float, shown: str, steady: str) -> None:
    assert (clock(seconds), steady_clock(seconds)) == (shown, steady)


@pytest.mark.parametrize(
    ("until", "shown"), [(400.0, "5:00"), (99.0, "0:00"), (4000.0, "1:05:00"), (FOREVER, "until ended")]
)
def test_what_remains_ends_at_nothing_or_when_somebody_ends_it(until: float, shown: str) -> None:
    assert remaining(until, 100.0) == shown
