"""Sound that leaves and does not arrive: noticed in time, and not where there is nothing to notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from meshconf.media.one_way import PATIENCE, OneWay

RATE = 50


def news(sending: Callable[[float], bool], passing: Callable[[float], bool], seconds: float) -> list[tuple[str, float]]:
    """What is said while sound leaves and passes at these times, looked at twice a second."""
    found: list[tuple[str, float]] = []
    watch, sent, arrived = OneWay(), 0, None
    for look in range(int(seconds * 2)):
        now = 100.0 + look / 2
        if (said := watch.update(sent, arrived, now)) is not None:
            found.append((said, look / 2))
        if sending(look / 2):
            sent += RATE // 2
            if passing(look / 2):
                arrived = sent & 0xFFFF
    return found


def always(_: float) -> bool:
    return True


@pytest.mark.parametrize("passes", [0.0, 20.0])
def test_what_never_arrived_and_what_arrives_no_more_is_told_once(passes: float) -> None:
    ((said, at),) = news(always, lambda t: t < passes, passes + 60)
    assert said == "lost" and passes + PATIENCE <= at <= passes + PATIENCE + 1.5


def test_that_it_arrives_again_is_told() -> None:
    assert [said for said, _ in news(always, lambda t: not 10 <= t < 30, 60)] == ["lost", "back"]


def test_a_short_hole_is_not_worth_a_word() -> None:
    assert news(always, lambda t: t % 10 > 2, 120) == []


def test_who_is_silent_is_not_lost() -> None:
    assert news(lambda t: t < 10, lambda t: t < 9.5, 60) == []


def test_single_packets_in_a_pause_count_for_little() -> None:
    watch = OneWay()
    assert {watch.update(look // 4, None, look / 2) for look in range(200)} == {None}
