"""How much a peer may send: so much at once, so much in the long run, and not more for coming back."""

from __future__ import annotations

from meshconf.conference.allowance import SWEEP_AT, Allowance, Rate
from meshconf.types import PeerId

ANA, BEN = PeerId("ana"), PeerId("ben")
RATE = Rate(messages=2, burst=3, bytes=100, burst_bytes=1000)


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    allowed = Allowance(RATE)
    assert [allowed.spend(ANA, 1, now=10.0) for _ in range(4)] == [True, True, True, False]
    assert [allowed.spend(ANA, 1, now=10.5) for _ in range(2)] == [True, False]


def test_bytes_count_as_messages_do_and_what_is_refused_costs_nothing() -> None:
    allowed = Allowance(RATE)
    assert not allowed.spend(ANA, 1001, now=0.0)
    assert allowed.spend(ANA, 1000, now=0.0)
    assert not allowed.spend(ANA, 51, now=0.5)
    assert allowed.spend(ANA, 50, now=0.5)


def test_one_peer_s_greed_is_not_another_s_loss() -> None:
    allowed = Allowance(RATE)
    while allowed.spend(ANA, 1, now=0.0):
        pass
    assert allowed.spend(BEN, 1, now=0.0)


def test_a_clock_that_steps_back_takes_nothing() -> None:
    allowed = Allowance(RATE)
    assert allowed.spend(ANA, 1, now=10.0) and allowed.spend(ANA, 1, now=5.0) and allowed.spend(ANA, 1, now=5.0)


def test_who_has_long_been_quiet_is_forgotten_and_who_has_not_is_kept() -> None:
    allowed = Allowance(RATE)
    for number in range(SWEEP_AT - 1):
        allowed.spend(PeerId(str(number)), 1, now=0.0)
    while allowed.spend(ANA, 1, now=100.0):
        pass
    allowed.spend(BEN, 1, now=100.0)
    assert len(allowed) == 2
    assert not allowed.spend(ANA, 1, now=100.0)
