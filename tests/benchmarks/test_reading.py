"""Figures that follow from what viewers say once a second."""

from __future__ import annotations

import pytest

from benchmarks.reading import (
    FreezeMeter,
    Second,
    concealed,
    delays,
    freezes,
    frozen_share,
    percentile,
    second_of,
    shown,
)


def seconds(*shown_and_frozen: tuple[float, float]) -> list[Second]:
    return [Second(at=float(n), fps=fps, frozen_ms=frozen) for n, (fps, frozen) in enumerate(shown_and_frozen)]


def test_an_entry_of_the_engine_is_read() -> None:
    link = {
        "peer": "a", "down_bps": 900_000, "sources": [
            {"source": "mic", "concealed": 0.02, "fps": 50.0},
            {"source": "camera", "width": 640, "height": 480, "fps": 29.9, "delay_ms": 7.0, "delays_ms": [6.5, 7.0],
             "frozen_ms": 0.0, "freezes_ms": []},
        ],
    }  # fmt: skip
    second = second_of(link, at=12.0)
    assert second == Second(12.0, 29.9, 480, 900_000, 0.0, (), (6.5, 7.0), 0.02)


def test_what_an_engine_does_not_know_yet_is_null() -> None:
    second = second_of({"sources": [{"source": "camera", "fps": 0.0, "delays_ms": None, "freezes_ms": None}]}, at=1.0)
    assert (second.delays_ms, second.freezes_ms) == ((), None)


def test_an_entry_with_every_picture_is_read() -> None:
    camera = {"source": "camera", "fps": 2.0, "delays_ms": [5, 6], "freezes_ms": [300], "frozen_ms": 300}
    second = second_of({"sources": [camera]}, at=1.0)
    assert (second.delays_ms, second.freezes_ms, second.concealed) == ((5, 6), (300,), None)


def test_a_source_that_is_off_shows_nothing() -> None:
    assert second_of({"down_bps": 0, "sources": []}, at=1.0) == Second(at=1.0)


def test_shares_of_pictures_are_of_what_was_taken_and_never_more_than_all() -> None:
    assert shown(seconds((30, 0), (15, 0)), 30) == 0.75
    assert shown(seconds((31, 0)), 30) == 1.0
    assert shown([], 30) == 0.0


def test_frozen_time_is_a_share_or_unknown() -> None:
    assert frozen_share(seconds((20, 300), (30, 0))) == pytest.approx(0.15)
    assert frozen_share([Second(at=0.0)]) is None


def test_freezes_are_those_that_ended() -> None:
    looked = [Second(0.0, 20, freezes_ms=(250.0, 300.0)), Second(1.0, 30, freezes_ms=())]
    assert freezes(looked) == [250.0, 300.0]


def test_a_freeze_of_many_seconds_is_one() -> None:
    silent = [Second(at, 0, frozen_ms=1000.0, freezes_ms=()) for at in (1.0, 2.0)]
    assert freezes([Second(0.0, 30), *silent, Second(3.0, 10, frozen_ms=600.0, freezes_ms=(2600.0,))]) == [2600.0]


def test_a_freeze_that_has_not_ended_counts() -> None:
    looked = [Second(0.0, 30, frozen_ms=0.0, freezes_ms=()), Second(1.0, 0, frozen_ms=900.0, freezes_ms=None)]
    assert freezes(looked) == [900.0]


def test_what_nobody_knows_is_left_out_of_means() -> None:
    looked = [Second(0.0, concealed=0.1), Second(1.0, concealed=None), Second(2.0, concealed=0.3, delays_ms=(4.0,))]
    assert concealed(looked) == pytest.approx(0.2)
    assert concealed([]) is None
    assert delays(looked) == [4.0]


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([3, 1, 2, 4], 0.5) == 3
    assert percentile(list(range(100)), 0.95) == 95
    assert percentile([7], 0.99) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_the_meter_finds_gaps_and_counts_each_millisecond_once() -> None:
    meter = FreezeMeter()
    for now in (0.0, 0.1, 0.2):
        meter.picture(now)
    assert meter.take(0.3) == (0.0, [])
    # A gap from 0.2 to 2.5: seen open at 1.0 and 2.0, ended before 3.0.
    assert meter.take(1.0) == (800.0, [])
    assert meter.take(2.0) == (1000.0, [])
    meter.picture(2.5)
    assert meter.take(2.6) == (500.0, [2300.0])
    assert meter.take(2.65) == (0.0, [])
