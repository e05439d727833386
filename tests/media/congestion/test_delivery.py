"""Rates at the far end: what came, and what a busy link carries."""

from __future__ import annotations

from meshconf.media.congestion.delivery import OUTAGE, WINDOW, Delivery
from meshconf.media.congestion.history import Acknowledged


def test_the_acknowledged_rate_is_that_of_the_last_moments() -> None:
    delivery = Delivery()
    for turn in range(40):
        now = turn * 0.05
        size = 2000 if turn < 20 else 1000
        delivery.update([Acknowledged(now + 500, now - 0.1, size)], -1000, now)
    assert abs(delivery.acknowledged_bps - 160_000) < 1000


def test_the_acknowledged_rate_falls_when_nothing_comes() -> None:
    delivery = Delivery()
    for turn in range(20):
        delivery.update([Acknowledged(turn * 0.05, turn * 0.05 - 0.1, 1000)], 0, turn * 0.05)
    before = delivery.acknowledged_bps
    delivery.tick(0.95 + WINDOW / 2)
    assert delivery.acknowledged_bps < 0.7 * before
    delivery.tick(0.95 + 2 * WINDOW)
    assert delivery.acknowledged_bps == 0


def test_a_clock_that_stands_still_makes_no_rate_large() -> None:
    delivery = Delivery()
    for turn in range(40):
        delivery.update([Acknowledged(500, turn * 0.05, 1000)] * 2, 0, turn * 0.05)
    assert delivery.acknowledged_bps < 1.1 * 2 * 8000 / 0.05


def test_reports_that_come_in_a_heap_make_no_rate_large() -> None:
    delivery = Delivery()
    for turn in range(10):
        delivery.update([Acknowledged(500 + turn * 0.05, turn * 0.05, 1000)], 0, 3.0 + turn * 0.001)
    assert delivery.acknowledged_bps < 1.1 * 8000 / 0.05


def test_what_was_long_held_back_makes_no_rate_large() -> None:
    delivery = Delivery()
    delivery.update([Acknowledged(500.0, 3.9, 1000)], 0, 4.0)
    held = [Acknowledged(500.0 + index / 1000, index * 0.05, 1000) for index in range(80)]
    delivery.update(held, 0, 4.05)
    assert delivery.acknowledged_bps < 1.1 * 8000 / 0.05


def test_a_busy_link_is_measured_by_packets_that_waited() -> None:
    delivery = Delivery()
    # 1 Mbit/s through the link: 10 ms for each packet of 1250 bytes; sent 5 ms apart, after a pause.
    delivery.update([Acknowledged(1.0 + index * 0.3, 1.0 + index * 0.3, 1250) for index in range(3)], 0, 2.0)
    assert delivery.busy_bps is None
    delivery.update([Acknowledged(3.0 + index * 0.01, 3.0 + index * 0.005, 1250) for index in range(20)], 0, 3.3)
    assert delivery.busy_bps is not None and abs(delivery.busy_bps - 1e6) < 20_000


def test_what_was_not_sent_makes_a_busy_link_no_slower() -> None:
    delivery = Delivery()
    # 1 Mbit/s for a second, then only a voice, which others in the queue delay more and more.
    for turn in range(20):
        now = 1 + turn * 0.05
        delivery.update(
            [Acknowledged(now + index * 0.01, now + index * 0.01, 1250) for index in range(5)], 0, now + 0.05
        )
    voice = [Acknowledged(2.02 + index * 0.025, 2.0 + index * 0.02, 120) for index in range(8)]
    delivery.update(voice, 0, 2.2)
    assert delivery.busy_bps is not None
    assert 0.7 * delivery.acknowledged_bps < delivery.busy_bps < delivery.acknowledged_bps


def test_the_silence_of_an_outage_is_no_rate() -> None:
    delivery = Delivery()
    delivery.update([Acknowledged(1.0, 0.9, 1250)], 0, 1.0)
    late = [Acknowledged(1.1 + OUTAGE + index * 0.01, 1.0 + index * 0.001, 1250) for index in range(8)]
    delivery.update(late, 0, 3.0)
    assert delivery.busy_bps is not None and abs(delivery.busy_bps - 1e6) < 20_000


def test_times_that_run_backwards_do_no_harm() -> None:
    delivery = Delivery()
    for turn in range(20):
        delivery.update([Acknowledged(-turn * 10.0, turn * 0.05, 1250)] * 3, -1e6, turn * 0.05)
    assert 0 <= delivery.acknowledged_bps < 1e6
