"""Congestion control over links of all kinds, in virtual time: rates, delays and fairness."""

from __future__ import annotations

import pytest

from tests.media.congestion import scenarios
from tests.media.congestion.call import AUDIO_BPS
from tests.media.congestion.scenarios import (
    BACK,
    CUT,
    MBIT,
    UPLINK_BACK,
    UPLINK_CUT,
    jain,
    queue_p95_s,
    reached,
    reached_together,
    received_bps,
    target_bps,
)

USE = 3 * MBIT + AUDIO_BPS
seeds = pytest.mark.parametrize("seed", [1, 2, 3])


def test_a_free_lan_is_used_within_a_second_and_a_half() -> None:
    (flow,) = scenarios.free_lan().flows
    assert reached(flow, 2 * MBIT) < 1.5
    assert received_bps(flow, 1.5, 5) > 0.95 * USE


@seeds
@pytest.mark.parametrize("queue_s", [0.1, 0.3, 1.0])
def test_a_cut_keeps_the_delay_bounded_and_ends_quickly(seed: int, queue_s: float) -> None:
    (flow,) = scenarios.cut(seed, queue_s=queue_s).flows
    assert received_bps(flow, 3, CUT) > 0.9 * 2 * MBIT
    assert queue_p95_s(flow, CUT + 2, BACK) < 0.2
    assert received_bps(flow, CUT + 2, BACK) > 0.9 * 0.3 * MBIT
    assert reached(flow, 0.9 * 2 * MBIT, BACK) < 6


@seeds
def test_a_link_that_drops_instead_of_queueing_is_not_flooded(seed: int) -> None:
    (flow,) = scenarios.cut(seed, queue_s=0.1, policed=True).flows
    targets = target_bps(flow, CUT + 3, BACK)
    assert sum(targets) / len(targets) < 1.25 * 0.3 * MBIT
    assert received_bps(flow, CUT + 3, BACK) > 0.9 * 0.3 * MBIT
    assert reached(flow, 0.9 * 2 * MBIT, BACK) < 8


@seeds
@pytest.mark.parametrize("loss", [0.02, 0.05, 0.1])
def test_loss_at_random_takes_nothing_from_what_is_used(seed: int, loss: float) -> None:
    (flow,) = scenarios.lossy(loss, seed).flows
    assert received_bps(flow, 5, 25) > 0.95 * USE * (1 - loss)


def test_a_lossy_link_is_filled_all_the_same() -> None:
    (flow,) = scenarios.lossy(0.1, rate_bps=2 * MBIT).flows
    assert received_bps(flow, 5, 25) > 0.9 * 2 * MBIT * 0.9
    assert queue_p95_s(flow, 5, 25) < 0.12


def test_loss_in_bursts_takes_little() -> None:
    (flow,) = scenarios.lossy(0.05, burst=5).flows
    assert received_bps(flow, 5, 25) > 0.9 * USE * 0.95


@seeds
def test_two_flows_on_one_link_share_it(seed: int) -> None:
    flows = scenarios.two_flows(seed).flows
    assert jain(received_bps(flow, 20, 45) for flow in flows) > 0.85
    assert sum(received_bps(flow, 20, 45) for flow in flows) > 0.88 * 4 * MBIT
    assert queue_p95_s(flows[0], 20, 45) < 0.12


@seeds
def test_a_camera_that_comes_late_gets_its_part(seed: int) -> None:
    cameras = scenarios.latecomer(2 * MBIT, seed).flows
    assert jain(received_bps(camera, 30, 90) for camera in cameras) > 0.9
    assert sum(received_bps(camera, 30, 90) for camera in cameras) > 0.88 * 2 * MBIT
    assert queue_p95_s(cameras[0], 30, 90) < 0.1


def test_what_is_not_used_is_not_promised() -> None:
    (flow,) = scenarios.application_limited().flows
    used = 0.5 * MBIT + AUDIO_BPS
    assert received_bps(flow, 3, 20) > 0.9 * used
    assert used < min(target_bps(flow, 3, 20)) <= max(target_bps(flow, 3, 20)) < 2 * used


def test_a_third_of_the_reports_may_be_lost() -> None:
    (flow,) = scenarios.reports_lost().flows
    assert received_bps(flow, 3, 25) > 0.9 * 2 * MBIT
    assert queue_p95_s(flow, 3, 25) < 0.12


def test_where_all_reports_are_lost_little_is_sent_until_they_are_back() -> None:
    (flow,) = scenarios.reports_cease().flows
    assert min(target_bps(flow, 12, 13)) < 0.1 * 2 * MBIT
    assert received_bps(flow, 14, 20) > 0.85 * 2 * MBIT


@seeds
def test_the_jitter_of_wifi_is_no_congestion(seed: int) -> None:
    (flow,) = scenarios.wifi(seed).flows
    assert received_bps(flow, 3, 25) > 0.85 * 2 * MBIT
    assert queue_p95_s(flow, 3, 25) < 0.1


def test_a_long_way_costs_neither_rate_nor_delay() -> None:
    (flow,) = scenarios.long_way().flows
    assert received_bps(flow, 3, 25) > 0.88 * 2 * MBIT
    assert queue_p95_s(flow, 3, 25) < 0.12


def test_a_route_that_became_longer_is_believed_after_a_while() -> None:
    (flow,) = scenarios.longer_route().flows
    assert received_bps(flow, 14, 20) > 0.95 * USE


@pytest.mark.parametrize("count", [2, 5])
def test_links_that_share_an_uplink_do_not_fight(count: int) -> None:
    flows, mesh = scenarios.shared_uplink(count)
    assert mesh.uplink._shared.bps is not None
    rates = [received_bps(flow, 10, 20) for flow in flows]
    assert jain(rates) > 0.95
    assert sum(rates) > 0.9 * 3 * MBIT
    assert queue_p95_s(flows[0], 10, 20) < 0.1


def test_an_uplink_of_twelve_links_that_recovers_is_used_again_within_seconds() -> None:
    flows, _ = scenarios.uplink_cut(12)
    before = sum(received_bps(flow, 4, UPLINK_CUT) for flow in flows)
    assert before > 0.85 * 12 * MBIT
    assert sum(received_bps(flow, UPLINK_CUT + 1.5, UPLINK_BACK) for flow in flows) > 0.8 * 0.2 * 12 * MBIT
    assert reached_together(flows, 0.9 * before, UPLINK_BACK) < 3.5


def test_one_slow_viewer_of_five_changes_nothing_for_the_other_four() -> None:
    flows, mesh = scenarios.viewers([10 * MBIT, 10 * MBIT, 0.3 * MBIT, 10 * MBIT, 10 * MBIT])
    assert mesh.uplink._shared.bps is None
    slow = flows.pop(2)
    assert all(received_bps(flow, 5, 15) > 0.97 * (1.5 * MBIT + AUDIO_BPS) for flow in flows)
    assert 0.85 * 0.3 * MBIT < received_bps(slow, 5, 15) < 0.3 * MBIT


def test_viewers_with_bottlenecks_of_their_own_each_get_what_theirs_carries() -> None:
    rates = [0.3 * MBIT, 0.6 * MBIT, 0.9 * MBIT, 1.2 * MBIT, 1.5 * MBIT]
    flows, _ = scenarios.viewers(rates)
    assert all(received_bps(flow, 5, 15) > 0.85 * rate for flow, rate in zip(flows, rates, strict=True))
