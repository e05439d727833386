"""Copies of sound cost nothing on a clean network, and save most of a bad one."""

from __future__ import annotations

import random

import pytest

from meshconf.media.send.redundancy import Redundancy
from meshconf.media.voice.playout import COPIES_BEHIND


def unheard(loss: float, burst: float, packets: int = 60_000) -> float:
    """The share of packets of which no copy arrives, on a network that loses packets in bursts of that mean length."""
    network, lost, bad = random.Random(1), [], False
    distances = Redundancy().copies(loss)
    arrived = set()
    for number in range(packets):
        for carried in (number, *(number - distance for distance in distances)):
            bad = network.random() < (1 - 1 / burst if bad else loss / (1 - loss) / burst)
            if not bad:
                arrived.add(carried)
        lost.append(number)
    return sum(number not in arrived for number in lost) / packets


def test_a_clean_network_carries_no_copies() -> None:
    assert Redundancy().copies(0.0) == Redundancy().copies(0.01) == ()


@pytest.mark.parametrize(
    ("loss", "burst", "most"), [(0.05, 1, 0.004), (0.1, 1, 0.002), (0.2, 1, 0.012), (0.1, 3, 0.02)]
)
def test_most_of_what_is_lost_is_heard_all_the_same(loss: float, burst: float, most: float) -> None:
    assert unheard(loss, burst) < most


def test_copies_come_while_the_listener_waits_for_them() -> None:
    assert 0 < len(Redundancy().copies(0.05)) < len(Redundancy().copies(0.2))
    assert max(Redundancy().copies(0.2)) <= COPIES_BEHIND


def test_copies_go_on_for_seconds_after_the_last_loss() -> None:
    redundancy = Redundancy()
    redundancy.copies(0.05)
    needed = [bool(redundancy.copies(0.0)) for _ in range(50 * 60)]
    assert all(needed[: 50 * 5]) and not any(needed[50 * 30 :])
