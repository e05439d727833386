"""The rate: what it does about queues, silence, and what was not tried."""

from __future__ import annotations

from meshconf.media.congestion.rate import MIN_BPS, UNUSED, UNUSED_BPS, Path, Rate


def path(queue_s: float = 0.0, *, busy_bps: float | None = None, came: float = 1e6, sent: float = 0.0) -> Path:
    return Path(queue_s, 0.03, came, busy_bps, sent, 0.05)


def test_without_a_queue_it_grows() -> None:
    rate = Rate(1e6, 5e6)
    for turn in range(100):
        rate.update(path(came=rate.bps), turn * 0.05)
    assert 1.9e6 < rate.bps < 2.2e6


def test_it_never_grows_over_its_maximum() -> None:
    rate = Rate(1e6, 1.5e6)
    for turn in range(200):
        rate.update(path(came=rate.bps), turn * 0.05)
    assert rate.bps == 1.5e6


def test_what_is_not_used_does_not_grow_and_does_not_shrink() -> None:
    rate = Rate(1e6, 5e6)
    for turn in range(1000):
        rate.update(path(came=100_000), turn * 0.05)
    assert rate.bps == 1e6
    for turn in range(1000, 2000):
        rate.update(path(came=1e6), turn * 0.05)
    assert 1e6 < rate.bps < (UNUSED * 1e6 + UNUSED_BPS) * 1.02


def test_a_queue_takes_it_below_what_the_link_carries_and_back_when_it_is_gone() -> None:
    rate = Rate(2e6, 5e6)
    rate.update(path(0.06, busy_bps=1e6), 1.0)
    assert rate.draining
    assert 0.7e6 < rate.bps < 0.9e6
    rate.update(path(0.02, busy_bps=0.7e6, sent=1.05), 1.1)
    assert rate.draining
    rate.update(path(0.005, sent=1.1), 1.2)
    assert not rate.draining
    assert 0.9e6 < rate.bps < 1e6


def test_a_longer_queue_takes_it_down_further() -> None:
    short, long = Rate(2e6, 5e6), Rate(2e6, 5e6)
    short.update(path(0.05, busy_bps=1e6), 1.0)
    long.update(path(0.5, busy_bps=1e6), 1.0)
    assert long.bps < 0.5 * short.bps


def test_what_was_sent_before_the_cut_still_tells_what_the_link_carries() -> None:
    rate = Rate(2e6, 5e6)
    rate.update(path(0.05, busy_bps=1.5e6, sent=0.9), 1.0)
    rate.update(path(0.05, busy_bps=0.3e6, sent=0.95), 1.05)
    assert rate.bps < 0.3e6


def test_our_own_reduced_share_is_no_news() -> None:
    rate = Rate(2e6, 5e6)
    rate.update(path(0.05, busy_bps=1e6, sent=0.9), 1.0)
    cut = rate.bps
    rate.update(path(0.05, busy_bps=0.3e6, sent=1.05), 1.1)
    assert rate.bps == cut


def test_a_link_that_becomes_slower_while_draining_is_followed() -> None:
    rate = Rate(2e6, 5e6)
    rate.update(path(0.05, busy_bps=1.9e6, sent=0.9), 1.0)
    rate.update(path(0.3, busy_bps=0.3e6, sent=1.05), 1.1)
    assert rate.bps < 0.3e6


def test_a_queue_that_does_not_go_is_not_ours() -> None:
    rate = Rate(2e6, 5e6)
    foreign = [rate.update(path(0.1, busy_bps=1e6, sent=turn * 0.05), turn * 0.05) for turn in range(80)]
    assert foreign.count(True) >= 1
    assert foreign.index(True) * 0.05 > 0.5


def test_near_the_last_limit_it_grows_slowly() -> None:
    careful, free = Rate(1e6, 5e6), Rate(1e6, 5e6)
    careful.lower(1e6)
    for turn in range(20):
        careful.update(path(came=careful.bps), turn * 0.05)
        free.update(path(came=free.bps), turn * 0.05)
    assert 1.03e6 < careful.bps < 1.08e6 < free.bps


def test_of_two_the_smaller_gains_on_the_larger() -> None:
    small, large = Rate(1e6, 9e6), Rate(4e6, 9e6)
    for rate in (small, large):
        rate.lower(rate.bps)
        for turn in range(20):
            rate.update(path(came=rate.bps), turn * 0.05)
    assert small.bps / 1e6 > large.bps / 4e6


def test_silence_halves_it_down_to_the_least_and_what_was_is_back_with_the_reports() -> None:
    rate = Rate(2e6, 5e6)
    for turn in range(20):
        rate.starve(10 + turn * 0.5)
    assert rate.bps == MIN_BPS
    rate.update(path(0.0, came=0, sent=19.9), 20.0)
    assert rate.bps > 1.8e6


def test_a_burst_that_was_carried_lifts_it_but_not_while_a_queue_drains() -> None:
    rate = Rate(1e6, 5e6)
    rate.lift(3e6)
    assert rate.bps == 3e6
    rate.lift(2e6)
    assert rate.bps == 3e6
    rate.update(path(0.06, busy_bps=1e6), 1.0)
    rate.lift(4e6)
    assert rate.bps < 1e6
