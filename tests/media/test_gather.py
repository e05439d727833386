"""Streams that run side by side, begin and stop."""

from __future__ import annotations

import numpy as np

from meshconf.media.gather import PATIENCE, Gatherer
from meshconf.media.samples import Samples


def block(value: int) -> Samples:
    return np.full(4, value, dtype=np.int16)


def values(sums: list[Samples]) -> list[int]:
    return [int(samples[0]) for samples in sums]


def gatherer(*streams: str) -> Gatherer:
    made = Gatherer()
    for stream in streams:
        made.add(stream)
    return made


def test_one_stream_goes_through_at_once() -> None:
    assert [values(gatherer("a").take("a", block(7)))] == [[7]]


def test_blocks_of_two_streams_are_summed_in_pairs() -> None:
    both = gatherer("a", "b")
    assert values(both.take("a", block(1))) == [1], "the other has given nothing yet"
    assert values(both.take("b", block(10))) == []
    assert values(both.take("a", block(2))) == [12]
    assert values(both.take("a", block(3))) == []
    assert values(both.take("b", block(20))) == [23]


def test_a_stream_that_begins_is_not_waited_for() -> None:
    both = gatherer("a", "b")
    assert [values(both.take("a", block(n))) for n in range(5)] == [[n] for n in range(5)]


def test_a_stream_that_stops_delays_the_others_by_its_patience_and_then_no_more() -> None:
    both = gatherer("a", "b")
    both.take("a", block(0))
    both.take("b", block(0))
    assert values(both.take("a", block(0))) == [0], "both run"
    heard = [values(both.take("a", block(n))) for n in range(PATIENCE + 2)]
    assert heard[: PATIENCE - 1] == [[]] * (PATIENCE - 1)
    assert heard[PATIENCE - 1] == list(range(PATIENCE))
    assert heard[PATIENCE:] == [[PATIENCE], [PATIENCE + 1]]


def test_what_was_removed_gives_and_delays_nothing() -> None:
    both = gatherer("a", "b")
    both.take("a", block(1))
    both.take("b", block(10))
    both.remove("b")
    assert values(both.take("b", block(5))) == []
    assert values(both.take("a", block(2))) == [2]


def test_loud_streams_do_not_wrap_and_stereo_stays_stereo() -> None:
    both = gatherer("a", "b")
    both.take("a", np.zeros((4, 2), dtype=np.int16))
    both.take("b", np.full((4, 2), -30_000, dtype=np.int16))
    (summed,) = both.take("a", np.full((4, 2), -30_000, dtype=np.int16))
    assert summed.shape == (4, 2) and (summed == -32_768).all()
