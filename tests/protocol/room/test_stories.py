"""Stories of rooms with crashes, cuts and liars: what holds at every step, and that a broken core does not hold it.

All out of seeds; `python -m tests.support.story FIRST LAST` tells more of them and prints what was seen.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.liars import LIARS, Liar
from tests.support.story import Story, story_of


@pytest.mark.parametrize("block", range(8))
def test_rooms_hold_through_two_hundred_stories(block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        story_of(seed).tell()


@pytest.mark.parametrize("liar", LIARS)
def test_rooms_hold_against_each_kind_of_liar(liar: type[Liar]) -> None:
    for seed in range(4):
        Story(seed, 5, [liar], moves=16).tell()


@pytest.mark.parametrize("size", [16, 32])
def test_big_rooms_hold(size: int) -> None:
    Story(size, size, LIARS[:2], moves=3).tell()


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(min_value=10_000, max_value=10**6),
    size=st.integers(min_value=2, max_value=8),
    liars=st.lists(st.sampled_from(LIARS), max_size=3, unique=True),
    moves=st.integers(min_value=1, max_value=16),
)
def test_rooms_hold_through_stories_that_hypothesis_finds(
    seed: int, size: int, liars: list[type[Liar]], moves: int
) -> None:
    Story(seed, size, liars, moves).tell()
