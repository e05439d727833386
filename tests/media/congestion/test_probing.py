"""Bursts: when they are sent, and what their answer is."""

from __future__ import annotations

from copy import deepcopy

from meshconf.media.congestion.history import Acknowledged
from meshconf.media.congestion.probing import FIRST, MIN_BYTES, NEXT, PAUSE, PAUSE_MAX, Probing

PACKET = 1200


def burst(probing: Probing, carried_bps: float, now: float, *, lose: int = 0) -> float | None:
    """Send the burst that is due over a link that carries so much; what is found."""
    plan = probing.plan(1e6, 9e6, now)
    assert plan is not None
    sent = [now + index * PACKET * 8 / plan.bps for index in range(-(-plan.bytes // PACKET) + 1)]
    for time in sent:
        probing.sent(PACKET, time)
    free, came = 0.0, []
    for time in sent:
        free = max(free, time) + PACKET * 8 / carried_bps
        came.append(Acknowledged(free + 500.0, time, PACKET))
    return probing.update(came[lose:], 0.05, now + 0.2)


def pause(probing: Probing, after: float) -> float:
    """Seconds until a burst is due again."""
    steps = (step / 8 for step in range(1000))
    return next(step for step in steps if deepcopy(probing).plan(1e6, 9e6, after + step + 1e-6) is not None)


def test_the_first_burst_is_faster_than_the_others() -> None:
    probing = Probing()
    first = probing.plan(1e6, 9e6, 0.0)
    assert first is not None and first.bps == FIRST * 1e6 and first.bytes >= MIN_BYTES
    probing = Probing()
    burst(probing, 9e6, 0.0)
    second = probing.plan(1e6, 9e6, 1.0)
    assert second is not None and second.bps == NEXT * 1e6


def test_there_is_one_burst_at_a_time() -> None:
    probing = Probing()
    assert probing.plan(1e6, 9e6, 0.0) is not None
    assert probing.plan(1e6, 9e6, 0.01) is None


def test_nothing_is_probed_for_that_nobody_wants() -> None:
    assert Probing().plan(1e6, 1e6, 0.0) is None
    plan = Probing().plan(1e6, 1.5e6, 0.0)
    assert plan is not None and plan.bps < 2e6


def test_a_burst_that_was_carried_is_followed_by_the_next_at_once() -> None:
    probing = Probing()
    found = burst(probing, 9e6, 0.0)
    assert found is not None and 2.5e6 < found <= 3e6
    assert probing.plan(2.8e6, 9e6, 0.2) is not None


def test_a_burst_that_was_not_carried_tells_what_is() -> None:
    found = burst(Probing(), 1.5e6, 0.0)
    assert found is not None and 1.2e6 < found < 1.6e6


def test_bursts_that_were_not_carried_become_ever_rarer() -> None:
    probing, now, pauses = Probing(), 0.0, []
    for _ in range(9):
        burst(probing, 1.2e6, now)
        answered = now + 0.2
        pauses.append(pause(probing, answered))
        now = answered + pauses[-1]
    assert pauses[:3] == [PAUSE, 2 * PAUSE, 4 * PAUSE]
    assert pauses[-1] == PAUSE_MAX


def test_loss_does_not_distort_the_answer() -> None:
    whole, broken = burst(Probing(), 9e6, 0.0), burst(Probing(), 9e6, 0.0, lose=2)
    assert whole is not None and broken is not None and abs(whole - broken) < 0.1 * whole


def test_a_burst_that_was_not_filled_is_given_up() -> None:
    probing = Probing()
    assert probing.plan(1e6, 9e6, 0.0) is not None
    probing.sent(PACKET, 0.0)
    assert probing.update([Acknowledged(500.0, 0.0, PACKET)], 0.05, 0.1) is None
    assert probing.update([], 0.05, 2.0) is None
    assert probing.plan(1e6, 9e6, 2.0 + PAUSE) is not None


def test_more_that_is_wanted_is_worth_a_burst_at_once() -> None:
    probing = Probing()
    burst(probing, 1.5e6, 0.0)
    assert probing.plan(1e6, 1.1e6, 0.25) is None
    assert probing.plan(1e6, 4e6, 0.3) is not None


def test_arrivals_at_one_instant_are_not_infinitely_fast() -> None:
    probing = Probing()
    plan = probing.plan(1e6, 9e6, 0.0)
    assert plan is not None
    for _ in range(10):
        probing.sent(PACKET, 0.0)
    found = probing.update([Acknowledged(500.0, 0.0, PACKET)] * 10, 0.05, 0.2)
    assert found is not None and found <= plan.bps
