"""One stream of the decoder process, without the process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from meshconf.codec.decoding.board import Board, Series
from meshconf.codec.decoding.decoder import Undecodable
from meshconf.codec.decoding.lane import Job
from meshconf.codec.decoding.stream import Stream
from meshconf.pictures import memory
from meshconf.pictures.bus import PictureReader, PictureWriter
from tests.codec.decoding.clips import clip
from tests.codec.decoding.viewing import names


class Studio:
    """Makes buses, or is out of memory."""

    def __init__(self) -> None:
        self.prefix = f"{memory.new_name()}-"
        self.full = False
        self.tries = 0
        self.row_at_birth: list[tuple[int, int]] = []
        self.row: Any = None

    def bus(self, number: int, capacity: int) -> PictureWriter:
        """Make one."""
        self.tries += 1
        self.row_at_birth.append((int(self.row["bus"]), int(self.row["former_bus"])))
        if self.full:
            raise OSError("No space left on device")
        return PictureWriter(capacity, name=f"{self.prefix}{number}")


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    board.clear_row(0)
    yield board
    board.close()


def made(board: Board) -> tuple[Stream, Studio]:
    studio, count = Studio(), itertools.count(1)
    studio.row = board.row(0)
    return Stream("VP8", studio.row, studio.bus, lambda: next(count)), studio


def job(width: int, height: int, number: int) -> Job:
    frame = clip("VP8", width, height, 20)[number]
    return Job(frame.data, frame.keyframe, frame.timestamp, 0.0, 0.0)


def test_the_board_knows_a_bus_before_it_is_there(board: Board) -> None:
    stream, studio = made(board)
    assert stream.show(job(160, 120, 0)) == (1, 160, 120)
    assert stream.show(job(160, 120, 1)) is None
    assert stream.show(job(320, 240, 0)) == (2, 320, 240)
    assert studio.row_at_birth == [(1, 0), (2, 1)]
    reader = PictureReader(f"{studio.prefix}2")
    assert reader.read() is not None
    reader.close()
    stream.close()
    studio.row = None


def test_without_memory_it_goes_on_decoding_and_tries_again_later(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, studio = made(board)
    studio.full = True
    for number in range(5):
        assert stream.show(job(160, 120, number)) is None
    assert studio.tries == 1
    assert board.counters(0).frames == 0 and int(studio.row["bus"]) == 0
    studio.full = False
    monkeypatch.setattr("meshconf.codec.decoding.stream._ROOM_EVERY", 0.0)
    stream._no_room_until = 0.0
    assert stream.show(job(160, 120, 5)) == (2, 160, 120), "without a keyframe"
    stream.close()
    studio.row = None


def test_what_the_decoder_kept_is_forgotten_with_an_error(board: Board) -> None:
    stream, studio = made(board)
    stream.show(job(160, 120, 0))
    with pytest.raises(Undecodable):
        stream.show(Job(b"\x00nonsense", True, 0, 0.0, 0.0))
    with pytest.raises(Undecodable):
        stream.show(job(160, 120, 1))
    stream.show(job(160, 120, 0))
    assert board.counters(0).errors == 2
    stream.close(unlink=True)
    studio.row = None
    assert not any(name.startswith(studio.prefix) for name in names())


def test_freezes_are_told_one_by_one(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    stream, studio = made(board)
    now = 100.0

    class Clock:
        time = staticmethod(lambda: 0.0)
        monotonic = staticmethod(lambda: now)

    monkeypatch.setattr("meshconf.codec.decoding.stream.time", Clock)
    for number, gap in enumerate([0.0, 0.033, 0.5, 0.1, 0.25, 0.033]):
        now += gap
        stream.show(job(160, 120, number))
    counters = board.counters(0)
    assert counters.freezes == Series(2, (500.0, 250.0))
    assert counters.frozen == pytest.approx(0.75)
    stream.close()
    studio.row = None


def test_the_clock_in_a_picture_is_read_ten_times_a_second_once_it_was_found(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, studio = made(board)
    now = 0.0
    stamps: list[int | None] = []

    class Clock:
        time = staticmethod(lambda: 1_000.0 + now)
        monotonic = staticmethod(lambda: now)

    def read(luma: object) -> int | None:
        stamps.append(None if now < 2.5 else int(1_000_000 + now * 1000 - 20))
        return stamps[-1]

    monkeypatch.setattr("meshconf.codec.decoding.stream.time", Clock)
    monkeypatch.setattr("meshconf.codec.decoding.stream.read_stamp", read)
    for number in range(100):
        now = number * 0.05
        stream.show(job(160, 120, number % 20))
    assert stamps[:3] == [None] * 3 and None not in stamps[3:], "once a second until there is one"
    delays = board.counters(0).delays
    assert 15 <= delays.count <= 20
    assert set(delays.newest) <= {20.0, 20.1, 21.0}
    stream.close()
    studio.row = None
