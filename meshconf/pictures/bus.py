"""The picture bus: I420 pictures from one process to others by shared memory, newest first, never a torn one.

Three slots are written in turn, each guarded by a sequence number (a seqlock); nobody waits for anybody, and how many
read is no matter to the writer. Who tells readers the name is not decided here. Any thread, one to each object.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from meshconf.pictures import memory
from meshconf.pictures.i420 import Picture, Planes, check_picture, planes_of

MAX_BYTES = 64 * 1024 * 1024
"""Largest picture that is carried, more than 8K; anything larger is a mistake or an attack."""

_MAGIC = 0x4D43_5049_4354_0002
_SLOTS = 3  # one shown, one complete, one being written
_WORDS = 8  # 64-bit words of each header: one cache line
_CAPACITY, _COUNT = 1, 2  # words of the bus header, after the magic
_SEQUENCE, _WIDTH, _HEIGHT, _TIMESTAMP, _CAPTURED, _WRITTEN = range(6)  # words of a slot's header
_ATTEMPTS = 4
_NS = 1e9

_Header = NDArray[np.uint64]

_barrier = threading.Lock()


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What the bus says about a picture besides its pixels."""

    width: int
    height: int
    number: int
    """Pictures written to this bus so far, with this one."""
    timestamp: int
    """RTP time at 90 kHz, unwrapped; 0 where there is none."""
    captured: float
    """Monotonic seconds as `EncodedFrame.captured` has them; 0 where not known."""
    written: float
    """Monotonic seconds at which it was on the bus."""


class PictureWriter:
    """Makes a bus for pictures up to `capacity` bytes each, and writes it.

    Args:
        capacity: Bytes of the largest picture (width * height * 3 / 2).
        name: What the memory is called; a new name without one.
        owner: Whether `close` takes the name away; if not, another process adopts it.

    Raises:
        ValueError: `capacity` is not between 1 and `MAX_BYTES`.
        OSError: No shared memory is left.
    """

    def __init__(self, capacity: int, *, name: str | None = None, owner: bool = True) -> None:
        if not 0 < capacity <= MAX_BYTES:
            raise ValueError(f"a picture of {capacity} bytes does not fit on the bus")
        self.capacity = capacity
        self._owner = owner
        self._memory = memory.create(name or memory.new_name(), _size(capacity), owner=owner)
        self._layout: _Layout | None = _Layout(self._memory, capacity)
        self._layout.header[_CAPACITY] = capacity
        self._layout.header[0] = _MAGIC
        self._count = 0
        self._linked = True

    @property
    def name(self) -> str:
        """What a reader needs to attach."""
        return self._memory.name

    def write(self, picture: Picture, *, timestamp: int = 0, captured: float = 0.0) -> None:
        """Publish a picture; it replaces the one before, read or not.

        Args:
            picture: It is copied.
            timestamp: As in `PictureInfo`.
            captured: As in `PictureInfo`.

        Raises:
            ValueError: The picture is not I420 or larger than `capacity`.
        """
        check_picture(picture)
        self.write_planes(planes_of(picture), timestamp=timestamp, captured=captured)

    def write_planes(self, planes: Planes, *, timestamp: int = 0, captured: float = 0.0) -> None:
        """The same from three planes, with no copy in between.

        Raises:
            ValueError: The planes do not make an I420 picture, or it is larger than `capacity`.
        """
        height, width = planes[0].shape
        size = width * height * 3 // 2
        if size > self.capacity:
            raise ValueError(f"a picture of {size} bytes on a bus for {self.capacity}")
        if self._layout is None:
            raise ValueError("the bus is closed")
        count = self._count + 1
        head, data = self._layout.slots[count % _SLOTS]
        slot = planes_of(data[:size].reshape(-1, width))
        if any(plane.shape != room.shape for plane, room in zip(planes, slot, strict=True)):
            raise ValueError("these planes make no I420 picture of even width and height")
        head[_SEQUENCE] = 2 * count - 1  # odd: not whole
        _fence()
        head[_WIDTH], head[_HEIGHT] = width, height
        head[_TIMESTAMP], head[_CAPTURED] = timestamp % 2**64, round(captured * _NS)
        for plane, room in zip(planes, slot, strict=True):
            np.copyto(room, plane)
        head[_WRITTEN] = time.monotonic_ns()
        _fence()
        head[_SEQUENCE] = 2 * count
        _fence()
        self._layout.header[_COUNT] = self._count = count

    def unlink(self) -> None:
        """Take the name away; who is attached stays attached."""
        if self._linked:
            self._linked = False
            memory.unlink(self._memory, owner=self._owner)

    def close(self) -> None:
        """Give the memory back, and the name if it is ours; readers keep what they have mapped until they close too."""
        if self._owner:
            self.unlink()
        self._layout = None  # its arrays would keep the mapping in use
        self._memory.close()


class PictureReader:
    """Reads the bus of a `PictureWriter`; any number of readers may.

    Raises:
        FileNotFoundError: There is no bus of that name (any more).
        ValueError: The memory of that name is no picture bus.
    """

    def __init__(self, name: str) -> None:
        self._memory = memory.attach(name)
        words = np.ndarray(min(_WORDS, self._memory.size // 8), np.uint64, self._memory.buf)
        whole = words.size == _WORDS
        magic, self._capacity = (int(words[0]), int(words[_CAPACITY])) if whole else (0, 0)
        del words
        if magic != _MAGIC or not 0 < self._capacity <= MAX_BYTES or self._memory.size < _size(self._capacity):
            self._memory.close()
            raise ValueError(f"{name} is not a picture bus")
        self._layout: _Layout | None = _Layout(self._memory, self._capacity)
        self._seen = 0
        self.taken: PictureInfo | None = None
        """What belongs to the picture that `read` gave last."""

    def newest(self) -> PictureInfo | None:
        """What is known of the newest picture without looking at it; None before the first."""
        for _ in range(_ATTEMPTS):
            if self._layout is None or (count := int(self._layout.header[_COUNT])) == 0:
                return None
            _fence()
            head, _ = self._layout.slots[count % _SLOTS]
            info = self._info(head, count)
            _fence()
            if info is not None and int(head[_SEQUENCE]) == 2 * count:
                return info
        return None

    def read(self) -> Picture | None:
        """A copy of the newest picture; None if it was read before, or if the writer is faster than our copying."""
        for _ in range(_ATTEMPTS):
            if self._layout is None or (count := int(self._layout.header[_COUNT])) == self._seen:
                return None
            _fence()
            head, data = self._layout.slots[count % _SLOTS]
            if int(head[_SEQUENCE]) != 2 * count:
                continue  # lapped: a newer one is there or nearly there
            _fence()
            info = self._info(head, count)
            if info is None:
                continue
            copy = data[: info.width * info.height * 3 // 2].copy()
            _fence()
            if int(head[_SEQUENCE]) == 2 * count:
                self._seen, self.taken = count, info
                return copy.reshape(-1, info.width)
        return None

    def close(self) -> None:
        """Unmap the memory."""
        self._layout = None
        self._memory.close()

    def _info(self, head: _Header, count: int) -> PictureInfo | None:
        """A slot's header, or None when it makes no sense: torn, or written by a decoder that somebody took over."""
        width, height = int(head[_WIDTH]), int(head[_HEIGHT])
        if not width or not height or width % 2 or height % 2 or width * height * 3 // 2 > self._capacity:
            return None
        timestamp = int(head[_TIMESTAMP])
        return PictureInfo(
            width=width,
            height=height,
            number=count,
            timestamp=timestamp - 2**64 if timestamp >= 2**63 else timestamp,
            captured=int(head[_CAPTURED]) / _NS,
            written=int(head[_WRITTEN]) / _NS,
        )


class _Layout:
    """Arrays over the shared memory: the bus header, then each slot's header and bytes."""

    def __init__(self, shared: SharedMemory, capacity: int) -> None:
        stride = _stride(capacity)
        self.header: _Header = np.ndarray(_WORDS, np.uint64, shared.buf)
        self.slots: list[tuple[_Header, Picture]] = [
            (
                np.ndarray(_WORDS, np.uint64, shared.buf, start),
                np.ndarray(capacity, np.uint8, shared.buf, start + 8 * _WORDS),
            )
            for start in range(8 * _WORDS, 8 * _WORDS + _SLOTS * stride, stride)
        ]


def _stride(capacity: int) -> int:
    return 8 * _WORDS + -(-capacity // 64) * 64


def _size(capacity: int) -> int:
    return 8 * _WORDS + _SLOTS * _stride(capacity)


def _fence() -> None:
    """Keep the processor from reordering across this line, which ARM does and x86 does not.

    A lock's release followed by its acquisition is a full barrier, and the only one within reach of Python.
    """
    with _barrier:
        pass
    with _barrier:
        pass
