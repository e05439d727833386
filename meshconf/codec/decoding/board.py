"""The board: numbers about every stream that the decoder process writes and the engine reads whenever it likes.

Shared memory of the engine; it survives the process that writes it, and then says what that one was busy with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from meshconf.pictures import memory

ROWS = 256
"""Streams at a time: cameras and screens of 128 people."""

FREEZES, DELAYS = 8, 16
"""Freezes and delays of each stream that are kept, the newest."""

_FINISHED, _BUSY = 0, 1  # words of the head
_HEAD = 64
_ROW = np.dtype(
    [
        ("frames", "u8"),
        ("dropped", "u8"),
        ("errors", "u8"),
        ("width", "u8"),
        ("height", "u8"),
        ("last", "f8"),
        ("frozen", "f8"),
        ("decode_s", "f8"),
        ("bus", "u8"),
        ("former_bus", "u8"),
        ("freezes", "u8"),
        ("delays", "u8"),
        ("freeze_ms", "f4", (FREEZES,)),
        ("delay_ms", "f4", (DELAYS,)),
        ("reserved", "u8", (8,)),  # whole cache lines to a row
    ]
)

Row = Any
"""One record of the board; a field is read and written by its name, such as `row["frames"] += 1`."""


@dataclass(frozen=True, slots=True)
class Series:
    """How many there were of something, and the newest of them."""

    count: int = 0
    newest: tuple[float, ...] = ()
    """The oldest of these first; as many as are kept."""

    def since(self, count: int) -> tuple[float, ...]:
        """Those that came since there were so many, if they are still kept."""
        return self.newest[max(0, len(self.newest) - max(0, self.count - count)) :]


@dataclass(frozen=True, slots=True)
class DecodingCounters:
    """How one stream is doing, since it was opened."""

    width: int = 0
    """Pixels of the newest picture, even; 0 before the first."""
    height: int = 0
    frames: int = 0
    """Pictures decoded and put on the bus."""
    dropped: int = 0
    """Frames that were not decoded: behind, without a keyframe before them, or too large."""
    errors: int = 0
    """Frames that the decoder refused."""
    last: float = 0.0
    """Monotonic seconds of the newest picture; 0 before the first."""
    frozen: float = 0.0
    """Seconds in gaps longer than `stream.FREEZE` between two pictures."""
    freezes: Series = Series()
    """Milliseconds of each of these gaps."""
    delays: Series = Series()
    """Milliseconds from the clock that is painted into a picture until it was on the bus; none without such a clock."""
    decode_s: float = 0.0
    """Seconds that decoding took, all frames together."""


class Board:
    """The numbers; one side makes it, the other attaches.

    Args:
        name: Of an existing board to attach to; a new one without it.

    Raises:
        OSError: No shared memory is left, or there is no board of that name.
    """

    def __init__(self, name: str | None = None) -> None:
        size = _HEAD + ROWS * _ROW.itemsize
        self._owner = name is None
        self._memory = memory.attach(name) if name is not None else memory.create(memory.new_name(), size)
        self._head: npt.NDArray[np.uint64] | None = np.ndarray(_HEAD // 8, np.uint64, self._memory.buf)
        self._rows: npt.NDArray[Any] | None = np.ndarray(ROWS, _ROW, self._memory.buf, _HEAD)

    @property
    def name(self) -> str:
        """What the other side needs to attach."""
        return self._memory.name

    @property
    def finished(self) -> int:
        """Frames that the process has done with, since it started."""
        return int(self._head[_FINISHED]) if self._head is not None else 0

    @finished.setter
    def finished(self, count: int) -> None:
        if self._head is not None:
            self._head[_FINISHED] = count

    @property
    def busy(self) -> int:
        """Number of the stream that is being decoded; 0 for none."""
        return int(self._head[_BUSY]) if self._head is not None else 0

    @busy.setter
    def busy(self, stream: int) -> None:
        if self._head is not None:
            self._head[_BUSY] = stream

    def row(self, number: int) -> Row:
        """The record of that number, to read and write; must be let go before `close`.

        Raises:
            IndexError: There is no such row, or the board is closed.
        """
        if self._rows is None:
            raise IndexError("the board is closed")
        return self._rows[number]

    def clear_row(self, number: int) -> None:
        """A new stream begins there."""
        row = self.row(number)
        for field in _ROW.names or ():
            row[field] = 0

    def counters(self, number: int) -> DecodingCounters:
        """What a row says."""
        row = self.row(number)
        return DecodingCounters(
            width=int(row["width"]),
            height=int(row["height"]),
            frames=int(row["frames"]),
            dropped=int(row["dropped"]),
            errors=int(row["errors"]),
            last=float(row["last"]),
            frozen=float(row["frozen"]),
            freezes=_series(int(row["freezes"]), row["freeze_ms"]),
            delays=_series(int(row["delays"]), row["delay_ms"]),
            decode_s=float(row["decode_s"]),
        )

    def close(self) -> None:
        """Give the memory back, and the name if we made it; idempotent."""
        if self._head is None:
            return
        self._head = self._rows = None
        self._memory.close()
        if self._owner:
            memory.unlink(self._memory)


def note(row: Row, counter: str, ring: str, value: float) -> None:
    """Add a value to one of a row's series; counted last, so that nobody reads what is not there yet."""
    count = int(row[counter])
    row[ring][count % len(row[ring])] = value
    row[counter] = count + 1


def _series(count: int, ring: npt.NDArray[np.float32]) -> Series:
    kept = min(count, len(ring))
    return Series(count, tuple(round(float(ring[at % len(ring)]), 1) for at in range(count - kept, count)))
