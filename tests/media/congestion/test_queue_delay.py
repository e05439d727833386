"""The wait in queues: seen through jitter and wrong clocks, and forgotten when the path changes."""

from __future__ import annotations

from random import Random

from meshconf.media.congestion.history import Acknowledged
from meshconf.media.congestion.queue_delay import MEMORY, QueueDelay

OFFSET = 5000.0
"""Between the clocks."""


def fed(queue: QueueDelay, delays: list[float], now: float) -> float:
    queue.update([Acknowledged(OFFSET + now + delay, now, 1000) for delay in delays], now)
    return queue.seconds


def test_the_wait_is_what_is_more_than_the_least_delay() -> None:
    queue = QueueDelay()
    assert fed(queue, [0.05, 0.08], 1.0) == 0
    assert fed(queue, [0.15, 0.11], 1.05) == 0
    assert abs(fed(queue, [0.2], 1.1) - 0.06) < 1e-6


def test_a_single_late_packet_is_no_queue() -> None:
    queue = QueueDelay()
    for turn in range(100):
        assert fed(queue, [0.05, 0.05 + 0.3 * (turn % 7 == 0)], turn * 0.05) < 1e-6


def test_jitter_of_30_ms_hardly_shows_but_is_noted() -> None:
    random, queue = Random(1), QueueDelay()
    waits = [fed(queue, [0.05 + random.uniform(0, 0.03) for _ in range(8)], turn * 0.05) for turn in range(200)]
    assert max(waits) < 0.015
    assert 0.001 < queue.noise < 0.01


def test_a_clock_that_runs_100_ppm_fast_is_no_queue() -> None:
    queue = QueueDelay()
    waits = [fed(queue, [0.05 + turn * 0.05 * 1e-4], turn * 0.05) for turn in range(4000)]
    assert max(waits) < 0.0025


def test_a_longer_path_is_no_queue_after_a_while() -> None:
    queue = QueueDelay()
    fed(queue, [0.05], 0.0)
    waits = [fed(queue, [0.15], 1 + turn * 0.05) for turn in range((MEMORY + 2) * 20)]
    assert waits[20] > 0.09 and waits[-1] < 1e-6


def test_the_present_delay_can_be_taken_as_that_of_empty_queues() -> None:
    queue = QueueDelay()
    fed(queue, [0.05], 0.0)
    fed(queue, [0.15], 0.05)
    fed(queue, [0.17], 0.1)
    queue.rebase()
    assert queue.seconds == 0
    assert abs(fed(queue, [0.18], 0.15) - 0.02) < 1e-6
