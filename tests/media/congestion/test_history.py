"""Packets sent: a report is believed where it tells of them, once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.media.congestion.history import MAX_AGE, MAX_PACKETS, MAX_STREAMS, Acknowledged, SentPackets
from meshconf.media.rtp.rtcp import LATE, UNKNOWN, CongestionFeedback, StreamArrivals


def report(*offsets: int | None, begin: int = 0, ssrc: int = 1, at: float = 50.0) -> CongestionFeedback:
    return CongestionFeedback(9, (StreamArrivals(ssrc, begin, offsets),), int(at * 65_536) & 0xFFFFFFFF)


def packets(count: int, *, begin: int = 0) -> SentPackets:
    sent = SentPackets()
    for index in range(count):
        sent.sent(1, (begin + index) & 0xFFFF, 1000 + index, 1.0 + index / 100)
    return sent


def test_what_came_is_told_in_the_order_of_arrival_across_the_wrap() -> None:
    sent = packets(3, begin=65_535)
    outcome = sent.resolve(report(0, 1024, 512, begin=65_535), 2.0)
    offset = outcome.acknowledged[0].arrived - 49.0
    assert outcome.acknowledged == [
        Acknowledged(49.0 + offset, 1.01, 1001),
        Acknowledged(49.5 + offset, 1.02, 1002),
        Acknowledged(50.0 + offset, 1.0, 1000),
    ]


def test_the_round_trip_leaves_out_how_long_the_receiver_waited() -> None:
    outcome = packets(2).resolve(report(512, 256), 1.51)
    assert outcome.round_trip is not None and abs(outcome.round_trip - 0.25) < 1e-9
    assert outcome.newest is not None and outcome.newest.sent == 1.01


def test_reports_that_repeat_tell_nothing_new() -> None:
    sent = packets(5)
    again = report(10, None, 8, 7, 6)
    first, second = sent.resolve(again, 2.0), sent.resolve(again, 2.1)
    assert (len(first.acknowledged), first.lost) == (4, 1)
    assert (second.acknowledged, second.lost, second.round_trip) == ([], 0, None)


def test_a_packet_is_lost_only_when_three_later_ones_came() -> None:
    assert packets(4).resolve(report(None, 3, 2), 2.0).lost == 0
    assert packets(4).resolve(report(None, 3, 2, 1), 2.0).lost == 1


def test_neighbours_lost_together_are_one_burst() -> None:
    outcome = packets(12).resolve(report(9, None, None, None, 5, None, 3, 2, 1), 2.0)
    assert (outcome.lost, outcome.bursts) == (4, 2)


def test_a_packet_that_came_after_all_is_lost_no_more() -> None:
    sent = packets(5)
    assert sent.resolve(report(9, None, 7, 6, 5), 2.0).lost == 1
    outcome = sent.resolve(report(19, 0, 17, 16, 15), 2.1)
    assert outcome.lost == -1 and len(outcome.acknowledged) == 1


def test_a_packet_of_unknown_arrival_came_but_tells_no_time() -> None:
    outcome = packets(2).resolve(report(LATE, UNKNOWN), 2.0)
    assert (outcome.acknowledged, outcome.lost) == ([], 0)


def test_packets_that_were_never_sent_are_not_believed() -> None:
    sent = packets(2)
    for claim in (report(1, 1, begin=5000), report(1, 1, ssrc=77), report(*[None] * 60 + [1] * 9, begin=2)):
        outcome = sent.resolve(claim, 2.0)
        assert (outcome.acknowledged, outcome.lost, outcome.round_trip) == ([], 0, None)


def test_memory_is_bounded_and_the_old_is_given_up() -> None:
    sent = SentPackets()
    for ssrc in range(100):
        for index in range(MAX_PACKETS // 50):
            sent.sent(ssrc, index, 100, 0.0)
    assert len(sent._streams) == MAX_STREAMS
    sent = SentPackets()
    for index in range(3 * MAX_PACKETS):
        sent.sent(1, index & 0xFFFF, 100, index / 1000)
    assert len(sent._streams[1]) == MAX_PACKETS
    sent.resolve(report(1, begin=3 * MAX_PACKETS - 1), 3 * MAX_PACKETS / 1000 + MAX_AGE - 0.5)
    assert len(sent._streams[1]) < 600


anything = st.lists(
    st.builds(
        CongestionFeedback,
        st.just(9),
        st.lists(
            st.builds(
                StreamArrivals,
                st.integers(0, 2),
                st.integers(0, 65_535),
                st.lists(st.none() | st.integers(0, UNKNOWN), max_size=24).map(tuple),
            ),
            max_size=3,
        ).map(tuple),
        st.integers(0, 2**32 - 1),
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(anything)
def test_every_packet_is_accounted_for_once_whatever_is_reported(reports: list[CongestionFeedback]) -> None:
    sent = packets(40, begin=65_520)
    came = lost = 0
    for told in reports:
        outcome = sent.resolve(told, 2.0)
        came += len(outcome.acknowledged)
        lost += outcome.lost
        assert outcome.acknowledged == sorted(outcome.acknowledged)
    assert 0 <= lost and came + lost <= 40


def test_what_was_overtaken_is_missing_at_once_and_told_once() -> None:
    sent = packets(4)
    outcome = sent.resolve(report(None, 0, None, None), 1.5)
    assert outcome.missing == [(1, 0, 1.0)] and outcome.lost == 0
    assert sent.resolve(report(None, 0, None, 0), 1.5).missing == [(1, 2, 1.02)]
    assert sent.resolve(report(None, 0, None, 0), 1.5).missing == []


def test_a_packet_whose_copy_came_is_lost_and_tells_nothing_of_the_link() -> None:
    sent = packets(5)
    sent.copied(1, 1)
    outcome = sent.resolve(report(100, 59, 60, 40, 20), 2.0)
    assert (outcome.lost, outcome.bursts, len(outcome.acknowledged)) == (1, 1, 4)
    assert sent.resolve(report(100, 59, 60, 40, 20), 2.1).lost == 0


def test_a_packet_that_came_before_its_copy_is_not_lost() -> None:
    sent = packets(5)
    for sequence in range(5):
        sent.copied(1, sequence)
    outcome = sent.resolve(report(100, 80, 80, 80, 20), 2.0)
    assert (outcome.lost, len(outcome.acknowledged)) == (0, 5)


def test_copies_of_what_was_never_sent_are_nothing() -> None:
    sent = packets(2)
    sent.copied(1, 7)
    sent.copied(2, 1)
    assert sent.resolve(report(2, 1), 2.0).lost == 0
