"""So much at once, so much in the long run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshconf.token_bucket import TokenBucket


def test_a_burst_is_there_at_once_and_then_the_rate() -> None:
    bucket = TokenBucket(2, 3, now=10.0)
    assert [bucket.spend(now=10.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.ready(2, now=10.0) == 11.0 and not bucket.full(now=11.0)
    assert [bucket.spend(2, now=11.0), bucket.spend(now=11.0)] == [True, False]
    assert bucket.full(now=12.5) and not bucket.has(4, now=100.0)


def test_what_is_refused_costs_nothing_and_a_clock_that_steps_back_neither() -> None:
    bucket = TokenBucket(1, 10, now=10.0)
    assert not bucket.spend(11, now=10.0)
    assert bucket.spend(9, now=5.0) and bucket.spend(1, now=5.0)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 8)), max_size=50))
def test_never_more_than_burst_and_rate_allow(asked: list[tuple[float, float]]) -> None:
    bucket, now, spent = TokenBucket(2, 5, now=0.0), 0.0, 0.0
    for pause, amount in asked:
        now += pause
        at = bucket.ready(amount, now=now)
        if bucket.spend(amount, now=now):
            spent += amount
            assert at == now
        assert spent <= 5 + 2 * now + 1e-6


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 10))))
def test_a_clock_that_goes_to_and_fro_gives_no_more_than_its_steps_ahead(history: list[tuple[float, float]]) -> None:
    bucket = TokenBucket(rate=1.0, burst=5.0, now=0.0)
    now = forward = spent = 0.0
    for step, amount in history:
        now += step
        forward += max(0.0, step)
        spent += amount if bucket.spend(amount, now=now) else 0.0
    assert spent <= 5.0 + forward + 1e-6
