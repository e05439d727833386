"""Missing packets: found at once, asked for after a moment, asked for again, given up in the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.receive.counters import Counters
from meshconf.media.receive.losses import LEAP, PATIENCE_S, REPAIRABLE, ROUNDS, Losses

TURN = 65_536


def losses(*, rtt: float = 0.1, first: int = 10) -> tuple[Losses, Counters]:
    counters = Counters()
    stream = Losses(counters)
    stream.rtt = rtt
    assert stream.take(first, 0.0, repaired=False) == TURN + first
    return stream, counters


def requests(stream: Losses, until: float) -> list[tuple[float, list[int]]]:
    """What is asked for and when, if `due` is called as soon as it has something to do."""
    asked = []
    while stream.wake <= until:
        now = stream.wake
        if wanted := stream.due(now):
            asked.append((round(now, 6), wanted))
        assert stream.wake > now, "the timer moves on"
    return asked


def test_numbers_grow_across_the_turn() -> None:
    stream, _ = losses(first=TURN - 1)
    assert [stream.take(number, 0.0, repaired=False) for number in (0, 1, 2)] == [2 * TURN, 2 * TURN + 1, 2 * TURN + 2]
    assert not stream


def test_what_was_here_before_is_not_needed() -> None:
    stream, _ = losses()
    stream.take(12, 0.0, repaired=False)
    assert [stream.take(number, 0.0, repaired=False) for number in (12, 10, 9)] == [None] * 3
    assert stream.take(11, 0.0, repaired=False) == TURN + 11
    assert stream.take(11, 0.0, repaired=True) is None
    assert stream.take((12 - LEAP) % TURN, 0.0, repaired=False) is None


def test_a_retransmission_never_leads() -> None:
    stream, _ = losses()
    assert stream.take(11, 0.0, repaired=True) is None
    assert Losses(Counters()).take(5, 0.0, repaired=True) is None


def test_a_hole_is_asked_for_after_a_moment() -> None:
    stream, _ = losses()
    stream.take(13, 1.0, repaired=False)
    assert stream.due(1.001) == []
    assert stream.due(1.002) == [TURN + 11, TURN + 12]
    assert stream.since(TURN + 11) == 1.0 and stream.since(TURN + 13) is None


def test_packets_that_are_only_overtaken_make_it_more_patient() -> None:
    stream, _ = losses()
    stream.take(12, 1.0, repaired=False)
    stream.take(11, 1.006, repaired=False)
    stream.take(14, 2.0, repaired=False)
    assert stream.due(2.008) == [] and stream.due(2.0091) == [TURN + 13]
    stream.take(13, 2.5, repaired=False)
    stream.take(16, 3.0, repaired=False)
    assert stream.due(3.009) == [] and stream.due(3.0101) == [TURN + 15], "but not more patient than this"


def test_true_losses_make_it_impatient_again() -> None:
    stream, _ = losses()
    stream.take(12, 1.0, repaired=False)
    stream.take(11, 1.006, repaired=False)
    number = 12
    for round_ in range(20):
        stream.take(number + 2, 2.0 + round_, repaired=False)
        stream.take(number + 1, 2.1 + round_, repaired=True)
        number += 2
    stream.due(50.0)
    stream.take(number + 2, 60.0, repaired=False)
    assert stream.wake == pytest.approx(60.002)


def test_requests_are_repeated_and_given_up() -> None:
    stream, counters = losses(rtt=0.01)
    stream.take(12, 0.0, repaired=False)
    asked = [at for at, _ in requests(stream, 5.0)]
    assert len(asked) == ROUNDS and asked[:3] == pytest.approx([0.002, 0.034, 0.066])
    assert 0.3 < asked[-1] < 0.5, "ever more rarely, so that an outage does not use up all rounds"
    assert not stream
    assert counters.lost == 1 and stream.floor == TURN + 12


@pytest.mark.parametrize(
    ("share", "rtt", "asked"),
    [
        (0.0, 0.2, [0.002, 0.027, 0.287, 0.312, 0.572, 0.597, 0.857, 0.882]),
        (0.1, 0.2, [0.002, 0.027, 0.052, 0.312, 0.337, 0.362, 0.622, 0.647, 0.672, 0.932, 0.957, 0.982]),
        (0.0, 0.03, [0.002, 0.058, 0.114]),
        (0.1, 0.03, [0.002, 0.017, 0.073, 0.088]),
        (0.2, 0.03, [0.002, 0.017, 0.032, 0.047, 0.103, 0.118]),
    ],
    ids=["long", "long and bad", "short", "short and bad", "short and very bad"],
)
def test_on_long_and_bad_roads_one_asks_several_times_for_one_answer(
    share: float, rtt: float, asked: list[float]
) -> None:
    stream, _ = losses(rtt=rtt)
    number = lose(stream, share, 2001)
    stream.take(number + 2, 0.0, repaired=False)
    made = [at for at, _ in requests(stream, PATIENCE_S)]
    assert made[: len(asked)] == pytest.approx(asked)
    assert stream.floor == TURN + number + 2, "after a second it is given up"


def lose(stream: Losses, share: float, packets: int) -> int:
    """Let packets be sent of which that share is lost and repaired at once; returns the last number."""
    lost, owed = [], 0.0
    for number in range(11, 11 + packets):
        owed += share
        if owed >= 1 and number < 10 + packets:
            owed -= 1
            lost.append(number)
            continue
        stream.take(number, -1.0, repaired=False)
        for missing in lost:
            stream.take(missing, -1.0, repaired=True)
        lost = []
    assert not stream and not lost
    return 10 + packets


def test_overtaken_packets_do_not_make_a_road_bad() -> None:
    stream, _ = losses(rtt=0.2)
    for number in range(11, 1011, 2):
        stream.take(number + 1, 0.0, repaired=False)
        stream.take(number, 0.001, repaired=False)
    stream.take(1013, 1.0, repaired=False)
    assert [at for at, _ in requests(stream, 1.1)] == pytest.approx([1.002, 1.027])


def test_a_filled_hole_is_not_asked_for() -> None:
    stream, counters = losses()
    stream.take(12, 0.0, repaired=False)
    assert stream.take(11, 0.001, repaired=False) == TURN + 11
    assert requests(stream, 5.0) == [] and counters.lost == 0


def test_giving_up_takes_what_is_older_with_it() -> None:
    stream, counters = losses()
    stream.take(12, 0.0, repaired=False)
    stream.take(14, 0.9, repaired=False)
    stream.due(0.95)
    assert stream.due(1.0) == [TURN + 13] and stream.floor == TURN + 12 and len(stream) == 1
    stream.forget(TURN + 20)
    assert not stream and counters.lost == 2


@pytest.mark.parametrize(("share", "a_round"), [(0.0, 1), (0.2, 4)])
def test_the_last_answer_has_its_time_however_many_requests_a_round_has(share: float, a_round: int) -> None:
    stream, _ = losses(rtt=0.01)
    number = lose(stream, share, 2001)
    stream.take(number + 2, 0.0, repaired=False)
    asked: list[float] = []
    while stream:
        now = stream.wake
        asked += [now] * len(stream.due(now))
    assert len(asked) == ROUNDS * a_round
    assert asked[-1] + 0.01 < now < PATIENCE_S


def test_nothing_is_asked_for_below_what_is_given_up() -> None:
    stream, counters = losses(rtt=0.01)
    stream.take(13, 0.0, repaired=False)
    first, second = TURN + 11, TURN + 12
    stream._missing[second].rounds = ROUNDS
    stream._missing[second].ask_at = stream._missing[first].ask_at
    assert stream.due(0.002) == [], "the first would have been asked for now"
    assert stream.floor == second + 1 and counters.lost == 2


def test_a_hole_too_large_for_repair_is_left() -> None:
    stream, counters = losses()
    fewest, most = REPAIRABLE
    assert stream.take(10 + fewest + 1, 1.0, repaired=False) and len(stream) == fewest
    sequence = stream.take(10 + fewest + 3, 1.0, repaired=False)
    assert not stream and stream.floor == sequence and counters.lost == fewest + 1
    assert stream.due(9.0) == []
    stream.keyframe_takes(200)
    stream.take(10 + fewest + 3 + 201, 2.0, repaired=False)
    assert len(stream) == 200
    stream.keyframe_takes(10_000)
    assert stream.repairable == most


@pytest.mark.parametrize("number", [12 + LEAP + 1, (12 - LEAP - 1) % TURN])
def test_a_leap_is_a_new_start(number: int) -> None:
    stream, counters = losses()
    stream.take(12, 0.0, repaired=False)
    sequence = stream.take(number, 1.0, repaired=False)
    assert sequence is not None and sequence > TURN + 12 and sequence % TURN == number
    assert not stream and stream.floor == sequence
    assert counters.lost == 1, "the hole from before, but not the leap"
    assert stream.take(number + 1, 1.0, repaired=False) == sequence + 1


def test_a_start_in_the_middle_looks_back() -> None:
    stream, counters = losses(first=100)
    stream.look_back(0.0)
    assert requests(stream, 0.01) == [(0.01, [TURN + n for n in range(84, 100)])]
    assert stream.take(99, 0.05, repaired=True) == TURN + 99
    stream.due(1.0)
    assert counters.lost == 0, "nobody knows that they ever existed"


def test_what_a_look_back_cannot_bring_is_not_lost_twice() -> None:
    stream, counters = losses()
    stream.take(10 + 200, 1.0, repaired=False)
    stream.look_back(1.0)
    requests(stream, 9.0)
    assert counters.lost == 199


def test_looking_back_ends_at_what_was_seen() -> None:
    stream, _ = losses()
    number = 10
    for _ in range(REPAIRABLE[0]):
        number += 2
        stream.take(number, 0.0, repaired=False)
    stream.take(number + 5, 0.0, repaired=False)
    stream.look_back(0.0)
    assert stream.floor == TURN + number + 1 and len(stream) == 4


def test_an_expected_packet_is_asked_for_at_once() -> None:
    stream, _ = losses()
    stream.expect(1.0)
    assert stream.due(1.0) == [TURN + 11]
    assert stream.take(11, 1.1, repaired=True) == TURN + 11
    assert stream.take(12, 1.1, repaired=False) == TURN + 12 and not stream


@given(st.lists(st.tuples(st.integers(0, 65_535), st.booleans()), max_size=200), st.integers(0, 65_535))
def test_each_number_is_taken_once_and_little_is_missing(arrivals: list[tuple[int, bool]], first: int) -> None:
    stream, _ = losses(first=first)
    taken = [TURN + first]
    for step, (number, repaired) in enumerate(arrivals):
        # Half of the numbers near by, so that holes are filled too.
        number = (taken[-1] + number % 64 - 16 if number & 1 else number) & 0xFFFF
        sequence = stream.take(number, step / 100, repaired=repaired)
        if sequence is not None:
            assert sequence % TURN == number and sequence <= stream.highest
            taken.append(sequence)
        stream.due(step / 100)
        assert len(stream) <= REPAIRABLE[0] and stream.floor <= stream.highest + 1
    assert len(set(taken)) == len(taken)
