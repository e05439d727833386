"""The picture bus: I420 pictures from one process to another by shared memory, newest first, never a torn one.

Three slots are written in turn, each guarded by a sequence number (a seqlock); nobody waits for anybody. Who tells the
other process the name of the memory is not decided here. Both sides may run in any thread, one thread each.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""One picture as I420: (height * 3 / 2, width) bytes, width and height even."""

MAX_BYTES = 64 * 1024 * 1024
"""Largest picture that is carried, more than 8K; anything larger is a mistake or an attack."""

_MAGIC = 0x4D43_5049_4354_0001
_SLOTS = 3  # one shown, one complete, one being written
_WORDS = 8  # 64-bit words of each header: one cache line
_CAPACITY, _COUNT = 1, 2  # words of the bus header, after the magic
_SEQUENCE, _WIDTH, _ROWS = 0, 1, 2  # words of a slot's header
_ATTEMPTS = 4

_Header = NDArray[np.uint64]

_barrier = threading.Lock()


class PictureWriter:
    """Owns a bus of pictures up to `capacity` bytes each.

    Args:
        capacity: Bytes of the largest picture (width * height * 3 / 2).

    Raises:
        ValueError: `capacity` is not between 1 and `MAX_BYTES`.
        OSError: No shared memory is left.
    """

    def __init__(self, capacity: int) -> None:
        if not 0 < capacity <= MAX_BYTES:
            raise ValueError(f"a picture of {capacity} bytes does not fit on the bus")
        self.capacity = capacity
        # A short name, since macOS allows 31 characters.
        self._memory = _create(f"meshconf-{os.getpid()}-{secrets.token_hex(6)}", _size(capacity))
        self._layout: _Layout | None = _Layout(self._memory, capacity)
        self._layout.header[_CAPACITY] = capacity
        self._layout.header[0] = _MAGIC
        self._count = 0
        self._linked = True

    @property
    def name(self) -> str:
        """What a reader needs to attach."""
        return self._memory.name

    def write(self, picture: Picture) -> None:
        """Publish a picture; it replaces the one before, read or not.

        Raises:
            ValueError: The picture is not I420 or larger than `capacity`.
        """
        check_picture(picture)
        if picture.size > self.capacity:
            raise ValueError(f"a picture of {picture.size} bytes on a bus for {self.capacity}")
        if self._layout is None:
            raise ValueError("the bus is closed")
        count = self._count + 1
        head, data = self._layout.slots[count % _SLOTS]
        head[_SEQUENCE] = 2 * count - 1  # odd: not whole
        _fence()
        head[_ROWS], head[_WIDTH] = picture.shape
        np.copyto(data[: picture.size].reshape(picture.shape), picture)
        _fence()
        head[_SEQUENCE] = 2 * count
        _fence()
        self._layout.header[_COUNT] = self._count = count

    def newest(self) -> Picture | None:
        """A copy of the picture written last."""
        if self._layout is None or self._count == 0:
            return None
        head, data = self._layout.slots[self._count % _SLOTS]
        rows, width = int(head[_ROWS]), int(head[_WIDTH])
        return data[: rows * width].reshape(rows, width).copy()

    def unlink(self) -> None:
        """Take the name away; who is attached stays attached, and no way of dying leaves anything behind."""
        if self._linked:
            self._linked = False
            self._memory.unlink()

    def close(self) -> None:
        """Give the memory back; readers keep what they have mapped until they close too."""
        self.unlink()
        self._layout = None  # its arrays would keep the mapping in use
        self._memory.close()


class PictureReader:
    """Reads the bus that a `PictureWriter` owns.

    Raises:
        FileNotFoundError: There is no bus of that name (any more).
        ValueError: The memory of that name is no picture bus.
    """

    def __init__(self, name: str) -> None:
        self._memory = _attach(name)
        words = np.ndarray(_WORDS, np.uint64, self._memory.buf)
        magic, capacity = int(words[0]), int(words[_CAPACITY])
        del words
        if magic != _MAGIC or self._memory.size < _size(capacity):
            self._memory.close()
            raise ValueError(f"{name} is not a picture bus")
        self._layout: _Layout | None = _Layout(self._memory, capacity)
        self._seen = 0

    def read(self) -> Picture | None:
        """A copy of the newest picture; None if it was read before, or if the writer is faster than our copying."""
        if self._layout is None:
            return None
        for _ in range(_ATTEMPTS):
            count = int(self._layout.header[_COUNT])
            if count == self._seen:
                return None
            _fence()
            head, data = self._layout.slots[count % _SLOTS]
            if int(head[_SEQUENCE]) != 2 * count:
                continue  # lapped: a newer one is there or nearly there
            _fence()
            rows, width = int(head[_ROWS]), int(head[_WIDTH])
            copy = data[: rows * width].copy()
            _fence()
            if int(head[_SEQUENCE]) == 2 * count:
                self._seen = count
                return copy.reshape(rows, width)
        return None

    def close(self) -> None:
        """Unmap the memory."""
        self._layout = None
        self._memory.close()


def check_picture(picture: Picture) -> None:
    """Raise ValueError unless `picture` is a whole I420 picture of even width and height."""
    if picture.dtype != np.uint8 or picture.ndim != 2:
        raise ValueError(f"a picture is two-dimensional uint8, not {picture.ndim}-dimensional {picture.dtype}")
    rows, width = picture.shape
    if rows == 0 or width == 0 or rows % 3 or width % 2:
        raise ValueError(f"{width}x{rows} bytes are no I420 picture of even width and height")


class _Layout:
    """Arrays over the shared memory: the bus header, then each slot's header and bytes."""

    def __init__(self, memory: SharedMemory, capacity: int) -> None:
        stride = _stride(capacity)
        self.header: _Header = np.ndarray(_WORDS, np.uint64, memory.buf)
        self.slots: list[tuple[_Header, Picture]] = [
            (
                np.ndarray(_WORDS, np.uint64, memory.buf, start),
                np.ndarray(capacity, np.uint8, memory.buf, start + 8 * _WORDS),
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


def _create(name: str, size: int) -> SharedMemory:
    memory = SharedMemory(name, create=True, size=size)
    if sys.platform == "linux":
        # Linux promises memory that it may not have, and kills whoever touches it; /dev/shm is small in containers.
        try:
            with open(f"/dev/shm/{name}", "r+b") as file:  # noqa: S108 - where Linux keeps it
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            memory.close()
            memory.unlink()
            raise
    return memory


def _attach(name: str) -> SharedMemory:
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    # Before 3.13 whoever attaches is registered as an owner too, and its end would take the memory from the writer.
    register = resource_tracker.register
    resource_tracker.register = lambda name, rtype: None
    try:
        return SharedMemory(name)
    finally:
        resource_tracker.register = register
