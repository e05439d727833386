"""Numbers that one side writes and the other reads."""

from __future__ import annotations

import pytest

from meshconf.codec.decoding.board import ROWS, Board, StreamCounters


def test_what_the_process_writes_is_read_by_the_engine_also_after_its_death() -> None:
    engine = Board()
    process = Board(engine.name)
    process.finished, process.busy = 12, 7
    engine.clear_row(ROWS - 1)
    row = process.row(ROWS - 1)
    row["frames"] += 3
    row["width"], row["height"], row["last"], row["delay_ms"] = 640, 480, 5.5, 12.0
    del row
    process.close()
    process.close()
    assert (engine.finished, engine.busy) == (12, 7)
    assert engine.counters(ROWS - 1) == StreamCounters(width=640, height=480, frames=3, last=5.5, delay_ms=12.0)
    assert engine.counters(0).frames == 0
    name = engine.name
    engine.close()
    assert (engine.finished, engine.busy) == (0, 0)
    with pytest.raises(FileNotFoundError):
        Board(name)


def test_a_row_begins_at_nothing() -> None:
    board = Board()
    row = board.row(3)
    row["frames"], row["bus"], row["delay_ms"] = 9, 9, 9.0
    board.clear_row(3)
    assert board.counters(3) == StreamCounters()
    assert int(row["bus"]) == 0
    del row
    board.close()
    with pytest.raises(IndexError):
        board.row(0)
