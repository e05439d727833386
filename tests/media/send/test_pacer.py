"""The pace of a link, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.send.pacer import BURST, DRAINING, FACTOR, MIN_PACE, REPAIRS, SLOT, SMALLEST_BURST, Pacer

PACKET = 1178


def _portions(pacer: Pacer, octets: int, now: float) -> Iterator[tuple[float, int]]:
    """When so much leaves, and how much each time: as much as allowed, rounded up to packets."""
    while octets > 0:
        allowed = pacer.allowed(now)
        if allowed > 0:
            portion = min(octets, -(-allowed // PACKET) * PACKET)
            pacer.spend(portion)
            octets -= portion
            yield now, portion
        else:
            now += pacer.wait()


@given(octets=st.integers(1, 400_000), target=st.floats(50_000, 20_000_000), started=st.floats(0, 1e6))
def test_whatever_is_sent_leaves_at_the_pace_and_never_as_one_burst(octets: int, target: float, started: float) -> None:
    pacer = Pacer(started, target)
    portions = list(_portions(pacer, octets, started))
    assert sum(portion for _, portion in portions) == octets
    rate = max(MIN_PACE, FACTOR * target) / 8
    burst = max(BURST, 1.5 * SLOT * rate)
    assert max(portion for _, portion in portions) <= burst + PACKET
    gone = 0
    for at, portion in portions:
        gone += portion
        assert gone <= burst + rate * (at - started) + PACKET + 1
    # And no slower than that, but for the slots that it is rounded to.
    assert portions[-1][0] - started <= octets / rate + 2 * SLOT


def test_a_keyframe_of_100_kb_takes_its_time_and_a_small_picture_none() -> None:
    pacer = Pacer(0.0, 2_000_000)
    small = list(_portions(pacer, 4_000, 0.0))
    assert small == [(0.0, 4_000)]
    large = list(_portions(Pacer(0.0, 2_000_000), 100_000, 0.0))
    assert len(large) > 10
    assert large[-1][0] == pytest.approx(100_000 * 8 / (FACTOR * 2_000_000), rel=0.1)


def test_sound_overdraws_and_pictures_pay() -> None:
    pacer = Pacer(0.0, 2_000_000)
    allowed = pacer.allowed(0.0)
    pacer.spend(allowed + 6_250)
    assert pacer.allowed(0.0) == -6_250
    assert pacer.wait() == pytest.approx(0.01)
    assert pacer.allowed(0.005) < 0 < pacer.allowed(0.015)


def test_a_pause_saves_up_no_more_than_one_burst() -> None:
    pacer = Pacer(0.0, 2_000_000)
    pacer.spend(pacer.allowed(0.0))
    assert SMALLEST_BURST <= pacer.allowed(3_600.0) <= BURST


def test_a_fast_link_is_as_fast_as_its_pace_although_timers_are_late() -> None:
    pacer = Pacer(0.0, 20_000_000)
    now, left = 0.0, 1_000_000
    while left > 0:
        portion = -(-max(0, pacer.allowed(now)) // PACKET) * PACKET
        pacer.spend(portion)
        left -= portion
        now += SLOT + 0.002
    assert now == pytest.approx(1_000_000 * 8 / (FACTOR * 20_000_000), rel=0.15)


def test_a_new_target_holds_at_once() -> None:
    pacer = Pacer(0.0, 10_000_000)
    assert BURST < pacer.allowed(0.0) < 2 * BURST
    pacer.set_target(100_000)
    assert pacer.allowed(0.0) == SMALLEST_BURST
    assert pacer.seconds_for(75_000) == pytest.approx(75_000 * 8 / max(MIN_PACE, FACTOR * 100_000))


def test_while_a_queue_drains_the_pace_is_hardly_above_what_the_link_carries() -> None:
    pacer = Pacer(0.0, 2_000_000)
    pacer.set_target(2_000_000, congested=True)
    assert pacer.seconds_for(100_000) == pytest.approx(100_000 * 8 / (DRAINING * 2_000_000))
    assert DRAINING < FACTOR
    pacer.set_target(2_000_000)
    assert pacer.seconds_for(100_000) == pytest.approx(100_000 * 8 / (FACTOR * 2_000_000))


@given(st.lists(st.floats(0, 0.2), max_size=200), st.floats(50_000, 20_000_000))
def test_over_time_no_more_is_sent_again_than_the_link_carries(pauses: list[float], target: float) -> None:
    pacer = Pacer(0.0, target)
    now, repaired = 0.0, 0
    for pause in pauses:
        now += pause
        while pacer.repairs_allowed(now) > 0:
            pacer.spend_repair(PACKET)
            repaired += PACKET
    assert repaired <= target / 8 * (REPAIRS + now) + PACKET + 1
