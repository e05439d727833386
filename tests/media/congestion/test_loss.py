"""Losses: those that go when less is sent, and those that stay."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from meshconf.media.congestion.loss import MAX_TOLERATED, Loss, Verdict

STEP = 0.05


def told(loss: Loss, lost: Callable[[float, bool], float], seconds: float, *, queued: bool = False) -> list[Verdict]:
    """Ten packets a report, of which `lost(time, less_is_sent)` is the share."""
    random = Random(1)
    verdicts: list[Verdict] = []
    for turn in range(round(seconds / STEP)):
        now = turn * STEP
        gone = sum(random.random() < lost(now, loss.trying) for _ in range(10))
        verdict = loss.update(10 - gone, gone, gone, queued=queued, round_trip=0.05, now=now)
        if verdict is not Verdict.NOTHING:
            verdicts.append(verdict)
    return verdicts


def test_the_ratio_is_that_of_the_last_second() -> None:
    loss = Loss()
    for turn in range(60):
        loss.update(8, 2 if turn >= 40 else 0, 1, queued=False, round_trip=0.05, now=turn * STEP)
    assert abs(loss.ratio - 0.2) < 0.02


def test_loss_that_stays_is_tolerated() -> None:
    loss = Loss()
    assert told(loss, lambda now, less: 0.1, 8) == [Verdict.TRY_LESS, Verdict.RANDOM]
    assert 0.08 < loss.tolerated < 0.16


def test_loss_that_goes_was_congestion() -> None:
    loss = Loss()
    verdicts = told(loss, lambda now, less: 0.0 if less else 0.1, 3)
    assert verdicts[:2] == [Verdict.TRY_LESS, Verdict.CONGESTED]
    assert loss.tolerated == 0


def test_a_link_that_turns_out_to_carry_more_ends_the_trial() -> None:
    loss = Loss()
    assert told(loss, lambda now, less: 0.1, 0.7) == [Verdict.TRY_LESS]
    loss.abandon(0.7)
    assert not loss.trying and loss.tolerated == 0
    assert Verdict.CONGESTED not in told(loss, lambda now, less: 0.0, 3)


def test_a_trial_that_changed_nothing_is_rarely_repeated() -> None:
    # A little more is lost each time than what is tolerated by then, so that there is always something to try.
    verdicts = told(Loss(), lambda now, less: 0.04 + 0.001 * now, 120)
    assert verdicts.count(Verdict.TRY_LESS) <= 4


def test_much_more_loss_is_tried_at_once() -> None:
    verdicts = told(Loss(), lambda now, less: 0.05 if now < 6 else 0.25, 10)
    assert verdicts.count(Verdict.TRY_LESS) == 2


def test_a_burst_is_no_reason_for_a_trial() -> None:
    loss = Loss()
    for turn in range(100):
        verdict = loss.update(10, 8 if turn == 50 else 0, turn == 50, queued=False, round_trip=0.05, now=turn * STEP)
        assert verdict is Verdict.NOTHING


def test_loss_of_a_queue_is_left_to_the_queue() -> None:
    assert told(Loss(), lambda now, less: 0.2, 5, queued=True) == []


def test_more_than_a_third_lost_is_never_taken_for_chance() -> None:
    loss = Loss()
    assert Verdict.RANDOM not in told(loss, lambda now, less: 0.5, 10)
    assert loss.tolerated <= MAX_TOLERATED


def test_what_was_tolerated_is_forgotten_when_it_has_ceased() -> None:
    loss = Loss()
    told(loss, lambda now, less: 0.1 if now < 10 else 0.0, 60)
    assert loss.tolerated < 0.01


def test_packets_that_come_after_all_make_no_negative_ratio() -> None:
    loss = Loss()
    loss.update(3, -3, 0, queued=False, round_trip=0.05, now=1.0)
    loss.update(1, -4, 0, queued=False, round_trip=0.05, now=1.1)
    assert loss.ratio == 0
