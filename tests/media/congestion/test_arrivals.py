"""The arrival log: every packet is told of three times, within a datagram, whatever arrives."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.congestion.arrivals import INTERVAL, MAX_STREAMS, REPEATS, REPORT_BYTES, SPAN, ArrivalLog
from meshconf.media.rtp.rtcp import LATE, CongestionFeedback, StreamArrivals, build


def everything(log: ArrivalLog, now: float) -> list[CongestionFeedback]:
    told = []
    while (report := log.report(now)) is not None:
        told.append(report)
    return told


def test_a_report_tells_what_came_and_when() -> None:
    log = ArrivalLog(7)
    log.arrived(1, 65_535, 10.0)
    log.arrived(1, 1, 10.5)
    assert log.report(11.0) == CongestionFeedback(7, (StreamArrivals(1, 65_535, (1024, None, 512)),), 11 << 16)


def test_nothing_is_told_before_its_time_or_where_nothing_came() -> None:
    log = ArrivalLog(7)
    assert log.report(1.0) is None
    log.arrived(1, 5, 1.0)
    assert log.report(1.0) is not None
    assert log.report(9.0) is None
    log.arrived(1, 6, 9.0)
    assert log.report(9.0) is not None
    log.arrived(1, 7, 9.0)
    assert log.report(9.0 + INTERVAL / 2) is None
    assert log.report(9.0 + INTERVAL) is not None


def test_each_packet_is_told_of_in_as_many_reports_as_promised() -> None:
    log = ArrivalLog(7)
    told = []
    for turn in range(6):
        log.arrived(1, turn, turn * 0.0625)
        (report,) = everything(log, turn * 0.0625)
        told += [(report.streams[0].begin_sequence + index) for index in range(len(report.streams[0].offsets))]
    assert [told.count(sequence) for sequence in range(4)] == [REPEATS] * 4


def test_a_packet_that_came_late_is_told_of_while_its_neighbours_are() -> None:
    log = ArrivalLog(7)
    for sequence in (1, 3):
        log.arrived(1, sequence, 0.0)
    log.report(0.0)
    log.arrived(1, 2, INTERVAL)
    report = log.report(INTERVAL)
    assert report is not None and report.streams[0].offsets == (51, 0, 51)


def test_a_packet_that_came_twice_came_when_it_came_first() -> None:
    log = ArrivalLog(7)
    log.arrived(1, 1, 0.0)
    log.arrived(1, 1, 0.5)
    report = log.report(1.0)
    assert report is not None and report.streams[0].offsets == (1024,)


def test_what_came_very_long_ago_is_only_late() -> None:
    log = ArrivalLog(7)
    log.arrived(1, 1, 0.0)
    report = log.report(60.0)
    assert report is not None and report.streams[0].offsets == (LATE,)


def test_more_than_a_datagram_holds_follows_at_once() -> None:
    log = ArrivalLog(7)
    for ssrc in range(3):
        for sequence in range(400):
            log.arrived(ssrc, sequence, 0.0)
    reports = everything(log, 0.0)
    told = {
        (stream.ssrc, stream.begin_sequence + index)
        for report in reports
        for stream in report.streams
        for index in range(len(stream.offsets))
    }
    assert len(reports) > 1
    assert told == {(ssrc, sequence) for ssrc in range(3) for sequence in range(400)}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 65_535), st.booleans()), max_size=300),
    st.integers(0, 2**32 - 1),
)
def test_no_sequence_numbers_make_reports_large(arrivals: list[tuple[int, int, bool]], ssrc: int) -> None:
    log = ArrivalLog(ssrc)
    for turn, (stream, sequence, pause) in enumerate(arrivals):
        now = turn * INTERVAL
        log.arrived(stream, sequence, now)
        if pause:
            reports = everything(log, now)
            assert len(reports) <= MAX_STREAMS * 2
            for report in reports:
                assert len(build([report])) <= REPORT_BYTES
                assert all(len(stream.offsets) <= SPAN for stream in report.streams)


def test_memory_is_bounded_where_nobody_asks_for_reports() -> None:
    log = ArrivalLog(7)
    for number in range(20_000):
        log.arrived(number % 50, number % 65_536, number / 1e4)
    assert sum(len(stream._times) for stream in log._streams.values()) <= MAX_STREAMS * (2 * SPAN + 1)


def test_numbers_that_jump_about_take_no_memory() -> None:
    log, random = ArrivalLog(7), Random(1)
    for number in range(20_000):
        log.arrived(1, 30_000 + random.randrange(30_000), number / 1e4)
    assert len(log._streams[1]._times) <= 2 * SPAN + 1


def test_of_two_that_come_together_it_is_told_which_was_first() -> None:
    log = ArrivalLog(7)
    for sequence in (1, 3, 2):
        log.arrived(1, sequence, 10.0)
    told = log.report(10.5)
    assert told is not None and told.streams[0].offsets == (512, 511, 512)
