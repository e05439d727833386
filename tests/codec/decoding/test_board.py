"""Numbers that one side writes and the other reads."""

from __future__ import annotations

import pytest

from meshconf.codec.decoding.board import FREEZES, ROWS, Board, DecodingCounters, Series, note


def test_what_the_process_writes_is_read_by_the_engine_also_after_its_death() -> None:
    engine = Board()
    process = Board(engine.name)
    process.finished, process.busy = 12, 7
    engine.clear_row(ROWS - 1)
    row = process.row(ROWS - 1)
    row["frames"] += 3
    row["width"], row["height"], row["last"] = 640, 480, 5.5
    note(row, "delays", "delay_ms", 12.0)
    del row
    process.close()
    process.close()
    assert (engine.finished, engine.busy) == (12, 7)
    assert engine.counters(ROWS - 1) == DecodingCounters(
        width=640, height=480, frames=3, last=5.5, delays=Series(1, (12.0,))
    )
    assert engine.counters(0).frames == 0
    name = engine.name
    engine.close()
    assert (engine.finished, engine.busy) == (0, 0)
    with pytest.raises(FileNotFoundError):
        Board(name)


def test_a_row_begins_at_nothing() -> None:
    board = Board()
    row = board.row(3)
    row["frames"] = row["bus"] = 9
    note(row, "delays", "delay_ms", 9.0)
    board.clear_row(3)
    assert board.counters(3) == DecodingCounters()
    assert int(row["bus"]) == 0
    del row
    board.close()
    with pytest.raises(IndexError):
        board.row(0)


def test_of_a_series_the_newest_are_kept_and_what_is_new_is_known() -> None:
    board = Board()
    row = board.row(0)
    for number in range(FREEZES + 3):
        note(row, "freezes", "freeze_ms", 100.0 * number)
    freezes = board.counters(0).freezes
    assert freezes == Series(FREEZES + 3, tuple(100.0 * number for number in range(3, FREEZES + 3)))
    assert freezes.since(FREEZES + 1) == (100.0 * (FREEZES + 1), 100.0 * (FREEZES + 2))
    assert freezes.since(FREEZES + 3) == ()
    assert freezes.since(0) == freezes.newest, "what is not kept any more is not told"
    del row
    board.close()
