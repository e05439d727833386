import random

from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.voice.delay import (
    DETOUR,
    FEWEST,
    MOST,
    REPAIR_MEMORY,
    REPAIRS_MISSED,
    WINDOW,
    WINDOW_OF_FEW,
    ArrivalDelays,
)
from meshconf.types import BLOCK, SAMPLE_RATE

MS = SAMPLE_RATE // 1000


def feed(delays: ArrivalDelays, values_ms: list[float], at: int = 0) -> int:
    for value in values_ms:
        delays.add(round(value * MS), at)
        at += BLOCK
    return at


def test_a_steady_line_asks_for_no_more_than_it_takes() -> None:
    delays = ArrivalDelays()
    feed(delays, [30.0] * 100)
    assert delays.lower == delays.upper == delays.least == 30 * MS


def test_lower_and_upper_are_shares_of_the_packets_in_time() -> None:
    delays = ArrivalDelays()
    rng = random.Random(1)
    values = [30 + n / 5 for n in range(150)]
    rng.shuffle(values)
    feed(delays, values)
    assert sum(value * MS <= delays.lower for value in values) / 150 in (145 / 150, 146 / 150)
    assert sum(value * MS <= delays.upper for value in values) / 150 in (148 / 150, 149 / 150)


def test_what_is_needed_no_more_is_forgotten_with_the_window() -> None:
    delays = ArrivalDelays()
    rng = random.Random(1)
    at = feed(delays, [30 + 70 * rng.random() for _ in range(500)])
    assert delays.lower > 90 * MS
    feed(delays, [30.0] * (WINDOW // BLOCK + 1), at)
    assert delays.lower == delays.upper == 30 * MS


def test_a_few_packets_count_for_longer_but_not_for_ever() -> None:
    delays = ArrivalDelays()
    at = feed(delays, [60.0] * FEWEST)
    delays.expire(at + 2 * WINDOW)
    assert len(delays) == FEWEST
    delays.expire(at + WINDOW_OF_FEW)
    assert len(delays) == 0


def test_one_peak_is_an_accident() -> None:
    delays = ArrivalDelays()
    at = feed(delays, [30.0] * 100)
    feed(delays, [180.0, 160.0, 140.0, 120.0, 100.0, 80.0, 30.0], at)
    assert delays.upper == 30 * MS


def test_two_peaks_are_a_habit_until_the_third_is_overdue() -> None:
    delays = ArrivalDelays()
    peak, calm = [90.0, 130.0, 110.0], [30.0] * 97
    at = feed(delays, calm + peak + calm)
    assert delays.lower == 30 * MS
    at = feed(delays, peak + calm, at)
    assert delays.lower == delays.upper == 130 * MS, "each two seconds"
    feed(delays, [30.0] * 50, at)
    assert delays.upper == 30 * MS, "three seconds after the last"


def test_a_longer_way_is_learnt_within_its_second() -> None:
    delays = ArrivalDelays()
    at = feed(delays, [30.0] * 200)
    feed(delays, [110.0] * (DETOUR // BLOCK + 2), at)
    assert delays.least == delays.lower == delays.upper == 110 * MS


def test_a_late_packet_after_a_long_silence_is_judged_by_nothing_that_is_forgotten() -> None:
    for add in (ArrivalDelays.add, ArrivalDelays.add_repair):
        delays = ArrivalDelays()
        at = feed(delays, [30.0] * (FEWEST + 1)) + WINDOW_OF_FEW + SAMPLE_RATE
        add(delays, 90 * MS, at)
        delays.add(90 * MS, at)
        assert delays.lower == delays.upper == 90 * MS


def test_another_clock_is_a_new_beginning() -> None:
    delays = ArrivalDelays()
    at = feed(delays, [30.0] * 200)
    feed(delays, [-50_000.0], at)
    assert len(delays) == 1 and delays.lower == -50_000 * MS


@given(
    st.lists(st.tuples(st.integers(-(2**40), 2**40) | st.integers(0, 50_000), st.integers(0, 100_000)), max_size=600)
)
def test_bounds_hold_for_any_arrivals(steps: list[tuple[int, int]]) -> None:
    delays, at = ArrivalDelays(), 0
    for delay, step in steps:
        at += step
        delays.add(delay, at)
        assert delays.least <= delays.lower <= delays.upper
        assert 0 < len(delays) <= MOST and len(delays._recent) == len(delays)


def test_repairs_are_waited_for_though_they_are_few_once_they_are_a_habit() -> None:
    delays = ArrivalDelays()
    at = feed(delays, [30.0] * 100)
    for _ in range(REPAIRS_MISSED):
        delays.add_repair(50 * MS, at)
    assert delays.lower == 30 * MS
    delays.add_repair(50 * MS, at)
    assert delays.lower == delays.upper == 50 * MS
    for _ in range(REPAIRS_MISSED):
        delays.add_repair(200 * MS, at)
    assert delays.lower == 50 * MS, "those that are much later are given up"
    feed(delays, [30.0] * (REPAIR_MEMORY // BLOCK + 2), at)
    assert delays.lower == 30 * MS


def test_what_came_alone_is_no_peak_however_late() -> None:
    together, alone = ArrivalDelays(), ArrivalDelays()
    for delays in (together, alone):
        at = feed(delays, [30.0] * 100)
        for _ in range(3):
            delays.add(150 * MS, at, alone=delays is alone)
            at = feed(delays, [30.0] * 40, at)
    assert together.lower == 150 * MS and alone.lower == 30 * MS
