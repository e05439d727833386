"""Blocks between two clocks."""

from __future__ import annotations

import numpy as np

from meshconf.media.cushion import FEWEST, MOST, Cushion


def block(number: int) -> np.ndarray:
    return np.full(4, number, dtype=np.int16)


def pulled(cushion: Cushion) -> int | None:
    found = cushion.pull()
    return None if found is None else int(found[0])


def test_it_begins_when_enough_wait_and_keeps_the_order() -> None:
    cushion = Cushion()
    for number in range(FEWEST):
        assert pulled(cushion) is None
        cushion.put(block(number))
    assert [pulled(cushion) for _ in range(FEWEST + 1)] == [*range(FEWEST), None]
    cushion.put(block(9))
    assert pulled(cushion) is None, "after a hole it waits for enough again"


def test_of_too_many_the_oldest_give_way() -> None:
    cushion = Cushion()
    for number in range(MOST + 3):
        cushion.put(block(number))
    assert pulled(cushion) == 3
