"""Lip sync: two streams of one sender are compared whatever their clocks began with."""

from __future__ import annotations

import pytest

from meshconf.media.rtp.rtcp import SenderReport
from meshconf.media.sync import lateness


def report(at: float, rtp_timestamp: int) -> SenderReport:
    return SenderReport(1, int(at * 2**32), rtp_timestamp % 2**32, 0, 0)


def test_the_difference_between_streams_is_how_far_they_are_apart() -> None:
    # Captured at 1000.5 s of the sender's clock; sound is played 80 ms later than the picture is shown.
    sound = lateness(report(1000.0, 5_000), 48_000, 5_000 + 24_000, at=70.08)
    picture = lateness(report(999.0, 77), 90_000, 77 + 135_000, at=70.0)
    assert sound - picture == pytest.approx(0.08, abs=1e-6)


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_clock_that_wrapped_since_the_report_is_no_matter(turns: int) -> None:
    last = report(3_900_000_000.0, 2**32 - 48_000)
    assert lateness(last, 48_000, 48_000 + turns * 2**32, at=0.0) == pytest.approx(-3_900_000_002.0, abs=1e-3)
