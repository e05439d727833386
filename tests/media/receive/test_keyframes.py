"""Keyframe requests: one for each need, repeated slowly, never more often than a sender answers."""

from __future__ import annotations

from math import inf

import pytest

from meshconf.media.receive.keyframes import KeyframeRequests


def asked(requests: KeyframeRequests, start: float, end: float) -> list[float]:
    """When requests are made, if the need is said each 10 ms."""
    times = []
    for step in range(round((end - start) * 100)):
        now = start + step / 100
        requests.need(now)
        if requests.due(now):
            times.append(now)
    return times


def test_a_need_is_asked_for_at_once_and_then_repeated() -> None:
    assert asked(KeyframeRequests(), 5.0, 6.0) == pytest.approx([5.0, 5.3, 5.6, 5.9])


def test_a_long_road_is_given_its_time() -> None:
    requests = KeyframeRequests()
    requests.rtt = 0.4
    assert asked(requests, 5.0, 6.5) == pytest.approx([5.0, 5.7, 6.4])


def test_what_is_settled_is_not_asked_for() -> None:
    requests = KeyframeRequests()
    requests.need(1.0)
    requests.settle()
    assert not requests.due(1.0) and requests.wake == inf and not requests.needed


def test_a_new_need_soon_after_a_request_waits_its_turn() -> None:
    requests = KeyframeRequests()
    assert asked(requests, 1.0, 1.05) == [1.0]
    requests.settle()
    assert asked(requests, 1.1, 1.5) == pytest.approx([1.3])
