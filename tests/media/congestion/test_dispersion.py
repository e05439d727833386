"""A link that has become much faster shows it by packets sent together; one that is merely shared does not."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from meshconf.media.congestion.dispersion import TRAINS, USUAL, Dispersion
from meshconf.media.congestion.history import Acknowledged


def train(at: float, bps: float, sizes: tuple[int, ...] = (1000, 1000)) -> list[Acknowledged]:
    arrived, packets = 500 + at, []
    for size in sizes:
        arrived += size * 8 / bps
        packets.append(Acknowledged(arrived, at, size))
    return packets


def run(dispersion: Dispersion, speeds: Sequence[float], **how: tuple[int, ...]) -> list[float]:
    told = []
    for number, bps in enumerate(speeds):
        if (faster := dispersion.update(train(number / 15, bps, **how))) is not None:
            told.append(faster)
    return told


def test_a_link_that_is_itself_again_is_noticed_after_a_few_pictures_and_told_once() -> None:
    dispersion = Dispersion()
    assert run(dispersion, [300_000] * USUAL) == []
    assert run(dispersion, [2_000_000] * (TRAINS - 1)) == []
    (faster,) = run(dispersion, [2_000_000] * 50)
    assert 1_500_000 < faster <= 2_100_000


def test_a_little_faster_is_nothing_and_nor_is_the_first_that_is_seen() -> None:
    assert run(Dispersion(), [300_000] * 30 + [500_000] * 30) == []
    assert run(Dispersion(), [2_000_000] * 4) == []


def test_one_slow_train_among_fast_ones_keeps_it_silent() -> None:
    slow_now_and_then = ([2_000_000] * (TRAINS - 1) + [300_000]) * 3
    assert run(Dispersion(), [300_000] * USUAL + slow_now_and_then) == []


def test_a_link_shared_with_others_does_not_look_faster_by_chance() -> None:
    random = Random(5)
    for _ in range(20):
        speeds = [4e6 / random.choice([1, 1, 1, 2, 3]) for _ in range(600)]
        assert run(Dispersion(), speeds) == []


def test_single_and_tiny_packets_say_nothing() -> None:
    dispersion = Dispersion()
    assert run(dispersion, [300_000] * 40 + [5e6] * 40, sizes=(1000,)) == []
    assert run(dispersion, [300_000] * 40 + [5e6] * 40, sizes=(1000, 100)) == []
