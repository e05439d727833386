"""The estimator as a whole: its figures, silence, and receivers that lie. Links of all kinds: `test_scenarios`."""

from __future__ import annotations

from math import isfinite

from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.media.congestion.arrivals import ArrivalLog
from meshconf.media.congestion.estimator import MAX_BPS, START_BPS, UNHEARD, LinkEstimator
from meshconf.media.congestion.rate import MIN_BPS
from meshconf.media.rtp.rtcp import UNKNOWN, CongestionFeedback, StreamArrivals


class Line:
    """A way that delays and loses packets regularly; one packet of 1000 bytes each 10 ms: 800 kbit/s."""

    def __init__(self, *, delay_s: float = 0.03, lose_every: int = 0) -> None:
        self.estimator = LinkEstimator()
        self.now = 1000.0
        self._delay_s = delay_s
        self._lose_every = lose_every
        self._log = ArrivalLog(9)
        self._sequence = 65_000

    def run(self, seconds: float, *, reports: bool = True) -> None:
        for _ in range(round(seconds / 0.01)):
            self._sequence += 1
            self.estimator.sent(1, self._sequence & 0xFFFF, 1000, self.now)
            if not self._lose_every or self._sequence % self._lose_every:
                # Its clock is another one.
                self._log.arrived(1, self._sequence & 0xFFFF, self.now - 900 + self._delay_s)
            report = self._log.report(self.now - 900 + self._delay_s)
            if report is not None and reports:
                self.estimator.feedback(report, self.now + 2 * self._delay_s)
            self.estimator.tick(self.now)
            self.now += 0.01


def test_before_the_first_report_nothing_is_known() -> None:
    estimator = LinkEstimator()
    assert estimator.target_bps == START_BPS
    assert (estimator.rtt_s, estimator.loss, estimator.queue_delay_s, estimator.acknowledged_bps) == (0, 0, 0, 0)
    assert not estimator.congested
    assert estimator.probe(1.0) is None


def test_round_trip_rate_and_loss_are_what_they_are() -> None:
    line = Line(delay_s=0.03, lose_every=20)
    line.run(5)
    assert abs(line.estimator.rtt_s - 0.06) < 0.002
    assert abs(line.estimator.loss - 0.05) < 0.02
    assert abs(line.estimator.acknowledged_bps - 760_000) < 40_000
    assert line.estimator.queue_delay_s < 0.002


def test_who_sends_nothing_does_not_wait_for_reports() -> None:
    line = Line()
    line.run(2)
    before = line.estimator.target_bps
    line.run(0.1, reports=False)
    for _ in range(100):
        line.now += 0.1
        line.estimator.tick(line.now)
    line.run(0.2, reports=False)
    assert line.estimator.target_bps == before


def test_where_no_reports_come_less_and_less_is_sent() -> None:
    line = Line()
    line.run(2)
    before = line.estimator.target_bps
    line.run(0.4, reports=False)
    assert line.estimator.target_bps == before
    line.run(0.6, reports=False)
    assert line.estimator.target_bps <= before / 2
    line.run(5, reports=False)
    assert line.estimator.target_bps == MIN_BPS
    line.run(0.2)
    assert line.estimator.target_bps > 0.9 * before


def test_nothing_is_probed_for_beyond_what_is_used() -> None:
    line = Line()
    line.run(3)
    assert line.estimator.target_bps < 2 * line.estimator.acknowledged_bps
    assert line.estimator.probe(line.now) is not None
    line = Line()
    line.run(3)
    line.estimator.tick(line.now + 5)
    assert line.estimator.target_bps > START_BPS
    assert line.estimator.probe(line.now + 5) is None


def test_a_receiver_nobody_ever_hears_of_gets_little() -> None:
    line = Line()
    line.run(5, reports=False)
    assert line.estimator.target_bps == MIN_BPS


def test_who_claims_that_all_came_at_once_is_believed_no_more_than_was_sent() -> None:
    estimator = LinkEstimator()
    for turn in range(400):
        now = turn * 0.05
        for index in range(5):
            estimator.sent(1, turn * 5 + index, 1000, now)
        report = CongestionFeedback(9, (StreamArrivals(1, turn * 5, (0,) * 5),), 77)
        estimator.feedback(report, now + 0.01)
        estimator.tick(now)
    assert estimator.acknowledged_bps < 1.1 * 800_000
    assert estimator.target_bps < 2 * 800_000


streams = st.builds(
    StreamArrivals,
    st.sampled_from([1, 2, 77]),
    st.integers(0, 400) | st.integers(0, 65_535),
    st.lists(st.none() | st.integers(0, 200) | st.integers(0, UNKNOWN), max_size=60).map(tuple),
)
reports = st.builds(
    CongestionFeedback,
    st.integers(0, 2**32 - 1),
    st.lists(streams, max_size=4).map(tuple),
    st.integers(0, 2**32 - 1) | st.integers(0, 10 << 16),
)


@settings(max_examples=40)
@given(st.lists(reports, min_size=1, max_size=40))
def test_no_reports_do_harm(told: list[CongestionFeedback]) -> None:
    estimator = LinkEstimator()
    now, sequence = 10.0, 0
    for report in told:
        for _ in range(6):
            sequence += 1
            estimator.sent(1 + sequence % 2, sequence // 2, 1100, now)
        now += 0.03
        estimator.feedback(report, now)
        estimator.tick(now)
        estimator.probe(now)
        assert MIN_BPS <= estimator.target_bps <= MAX_BPS
        assert 0 <= estimator.loss <= 1
        assert estimator.rtt_s >= 0 and estimator.queue_delay_s >= 0 and isfinite(estimator.queue_delay_s)
        # What is sent in any tenth of a second is all that can be acknowledged.
        assert 0 <= estimator.acknowledged_bps <= 4 * 6 * 1100 * 8 / 0.1


def test_pictures_wait_where_reports_cease_but_not_for_ever() -> None:
    line = Line(delay_s=0.03)
    assert line.estimator.room(line.now) > 1e9, "nothing is known yet"
    line.run(3)
    target = line.estimator.target_bps
    room = line.estimator.room(line.now)
    assert 0.1 * target / 8 < room < target / 8
    line.run(0.1, reports=False)
    assert line.estimator.room(line.now) < room - 8_000
    line.run(0.8, reports=False)
    assert line.estimator.room(line.now) <= 0
    line.run(UNHEARD, reports=False)
    assert line.estimator.room(line.now) > 0, "else nobody would ever hear of us again"
    line.run(0.2)
    assert line.estimator.room(line.now) > 0
