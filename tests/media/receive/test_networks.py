"""What a viewer sees on good and bad networks: pictures shown, freezes, and delay. Seeded, in virtual time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.media.receive.network import Call, Conditions, Outcome


def watch(
    conditions: Conditions, *, seconds: float = 20, fps: float = 30, bitrate: float = 1e6, seed: int = 7
) -> Outcome:
    return Call(conditions, fps=fps, bitrate=bitrate, seed=seed).run(seconds)


@pytest.mark.parametrize("rtt", [0.005, 0.3])
@pytest.mark.parametrize("fps", [5, 30])
def test_a_good_network_adds_nothing(rtt: float, fps: float) -> None:
    seen = watch(Conditions(rtt=rtt), fps=fps, bitrate=33_000 * fps)
    counters = seen.receiver.counters
    assert seen.share == 1 and max(seen.delays) < 0.001
    assert (counters.nacks_sent, counters.keyframe_requests, counters.discarded) == (0, 0, 0)


@pytest.mark.parametrize(
    ("loss", "burst", "rtt", "share", "freezes", "delay"),
    [
        # Share of pictures at least; freezes over 200 ms a minute, and median delay in seconds, at most.
        (0.01, 1, 0.005, 1.0, 0, 0.001),
        (0.02, 1, 0.05, 1.0, 1, 0.05),
        (0.05, 1, 0.05, 1.0, 3, 0.07),
        (0.05, 5, 0.05, 0.99, 9, 0.06),
        (0.10, 1, 0.05, 1.0, 3, 0.10),
        (0.02, 1, 0.15, 1.0, 3, 0.13),
        (0.05, 1, 0.15, 1.0, 6, 0.13),
        (0.10, 1, 0.15, 1.0, 9, 0.16),
        (0.10, 5, 0.15, 0.95, 27, 0.15),
        (0.20, 1, 0.05, 1.0, 9, 0.12),
        (0.20, 1, 0.15, 0.98, 36, 0.20),
        (0.20, 1, 0.005, 0.98, 6, 0.08),
    ],
)
def test_losses_are_repaired(loss: float, burst: float, rtt: float, share: float, freezes: float, delay: float) -> None:
    seen = watch(Conditions(rtt=rtt, loss=loss, burst=burst))
    assert seen.share >= share
    assert seen.freezes(0.2) <= freezes
    assert seen.delay(0.5) <= delay
    assert seen.receiver.counters.frames == len(seen.released)


def test_repairs_cost_little_more_than_what_was_lost() -> None:
    seen = watch(Conditions(rtt=0.05, loss=0.05))
    counters = seen.receiver.counters
    assert counters.repaired < 0.08 * counters.packets and counters.discarded < 0.07 * counters.packets
    assert counters.keyframes == 1


def test_jitter_is_smoothed_and_asks_for_nothing() -> None:
    seen = watch(Conditions(rtt=0.05, jitter=0.01))
    counters = seen.receiver.counters
    assert seen.share == 1 and counters.keyframe_requests == 0 and counters.nacks_sent < 0.01 * counters.packets
    gaps = sorted(seen.gaps[60:])
    assert gaps[int(0.95 * len(gaps))] < 0.055 and seen.delay(0.95) < 0.06
    assert 0.002 < counters.jitter_s < 0.03


def test_reordering_alone_loses_nothing() -> None:
    seen = watch(Conditions(rtt=0.05, jitter=0.002, reorders=True))
    counters = seen.receiver.counters
    assert seen.share == 1 and counters.keyframe_requests == 0 and counters.nacks_sent < 0.01 * counters.packets


def test_at_five_pictures_a_second_a_lost_end_does_not_wait_for_the_next() -> None:
    seen = watch(Conditions(rtt=0.05, loss=0.05), fps=5, bitrate=160_000, seconds=60)
    assert seen.share == 1 and seen.delay(0.95) < 0.12


@pytest.mark.parametrize(("seconds", "keyframes", "share"), [(0.3, 1, 1.0), (3.0, 2, 0.45)])
def test_a_long_outage_ends_with_a_keyframe_and_a_short_one_without(
    seconds: float, keyframes: int, share: float
) -> None:
    call = Call(Conditions(rtt=0.05), seed=3)
    assert call.run(5).share == 1
    call.cut(seconds)
    seen = call.run(seconds + 3)
    assert call.keyframes_sent == keyframes and share <= seen.share < share + 0.1
    times = [at for at, _ in call.released]
    assert max(later - sooner for sooner, later in pairwise(times)) == pytest.approx(seconds + 0.1, abs=0.1)
