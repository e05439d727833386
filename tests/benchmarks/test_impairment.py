"""A bad cable as arithmetic: delay, rate, queue and loss are what was asked for."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.network.impairment import Direction, Impairment


def direction(**what: float) -> Direction:
    made = Direction(seed=1)
    made.impairment = Impairment(**what)
    return made


def test_a_good_cable_delivers_at_once() -> None:
    assert direction().arrival(1200, now=5.0) == 5.0


def test_delay_is_added() -> None:
    assert direction(delay_ms=75).arrival(1200, now=5.0) == pytest.approx(5.075)


def test_packets_leave_one_after_the_other_at_the_rate() -> None:
    link = direction(rate_bps=1_000_000)
    assert [link.arrival(1250, now=0.0) for _ in range(3)] == pytest.approx([0.01, 0.02, 0.03])


def test_a_link_that_rests_sends_the_next_packet_at_once() -> None:
    link = direction(rate_bps=1_000_000)
    link.arrival(1250, now=0.0)
    assert link.arrival(1250, now=3.0) == pytest.approx(3.01)


def test_what_does_not_fit_into_the_queue_is_lost() -> None:
    link = direction(rate_bps=1_000_000, queue_ms=100)
    arrived = [link.arrival(1250, now=0.0) for _ in range(30)]
    # Ten wait for a tenth of a second, and one is on its way.
    assert sum(one is not None for one in arrived) == 11
    assert link.overflowed == 19


@pytest.mark.parametrize("loss", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("burst", [1.0, 4.0])
def test_loss_takes_its_share_in_bursts_of_the_length_asked_for(loss: float, burst: float) -> None:
    link = direction(loss=loss, burst=burst)
    lost = [link.arrival(100, now=0.0) is None for _ in range(100_000)]
    runs = [len(list(run)) for gone, run in groupby(lost) if gone]
    assert sum(lost) / len(lost) == pytest.approx(loss, rel=0.15)
    # Independent losses follow each other by chance as well.
    assert sum(runs) / len(runs) == pytest.approx(burst if burst > 1 else 1 / (1 - loss), rel=0.15)


def test_the_same_seed_loses_the_same_packets() -> None:
    one, other = direction(loss=0.3, burst=2), direction(loss=0.3, burst=2)
    assert [one.arrival(1, now=0.0) for _ in range(99)] == [other.arrival(1, now=0.0) for _ in range(99)]


@given(
    st.lists(st.tuples(st.floats(0, 0.1), st.integers(20, 1500), st.floats(0, 200)), max_size=50),
    st.sampled_from([None, 300_000.0, 2_000_000.0]),
)
def test_nothing_is_overtaken_when_the_delay_changes(
    packets: list[tuple[float, int, float]], rate: float | None
) -> None:
    link = Direction(seed=1)
    now = last = 0.0
    for pause, size, delay_ms in packets:
        now += pause
        link.impairment = Impairment(delay_ms=delay_ms, rate_bps=rate)
        arrival = link.arrival(size, now)
        if arrival is not None:
            assert arrival >= max(now, last)
            last = arrival
