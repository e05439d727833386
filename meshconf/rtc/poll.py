"""When the sockets of all links are read: at once while little comes, all together in short turns while much does.

A processor that wakes up finds its caches cold: reading one packet then costs as much as reading ten at a stretch. So a
link alone waits for nothing, and a meeting's packets wait for each other a few milliseconds, as network cards hold back
their interrupts. The times of arrival are the kernel's, so nothing that is measured knows of it. Linux only.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable

TURN = 0.010
"""Seconds between two turns while much comes; what a picture waits at most, and half of it on average."""

MUCH = 150
"""Buffers read in a second from which on it is much: two people who send sound and pictures stay below."""

MOST_AT_ONCE = 32
"""Buffers that are read before others on the event loop get their time."""

_JUDGE_EVERY = 0.5
"""Seconds over which buffers are counted."""


class SocketPoll:
    """Reads sockets from `add` to `remove`; belongs to one event loop."""

    _by_loop: dict[asyncio.AbstractEventLoop, SocketPoll] = {}

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._much = False
        self._count = 0
        self._since = loop.time()
        loop.add_reader(self._epoll.fileno(), self._ready)

    @classmethod
    def running(cls) -> SocketPoll:
        """The one of the running event loop; it exists while it has sockets."""
        loop = asyncio.get_running_loop()
        if loop not in cls._by_loop:
            cls._by_loop[loop] = cls(loop)
        return cls._by_loop[loop]

    def add(self, own: socket.socket, read: Callable[[], None]) -> None:
        """Call `read`, which takes one buffer from the socket, whenever there is one."""
        self._readers[own.fileno()] = read
        self._epoll.register(own.fileno(), select.EPOLLIN)

    def remove(self, own: socket.socket) -> None:
        """Read it no more; to be called before it is closed."""
        if self._readers.pop(own.fileno(), None) is None:
            return
        self._epoll.unregister(own.fileno())
        if not self._readers:
            if self._timer is not None:
                self._timer.cancel()
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            del self._by_loop[self._loop]

    def _ready(self) -> None:
        self._read()
        if self._much and self._readers:
            self._loop.remove_reader(self._epoll.fileno())
            self._wait()

    def _turn(self) -> None:
        self._timer = None
        some = self._read()
        if not self._readers:
            return
        if some:
            self._wait()
        else:
            self._loop.add_reader(self._epoll.fileno(), self._ready)

    def _wait(self) -> None:
        # On a grid, so that what else is done on it wakes the processor together with this.
        self._timer = self._loop.call_at((self._loop.time() // TURN + 1) * TURN, self._turn)

    def _call(self, read: Callable[[], None]) -> None:
        try:
            read()
        except Exception as error:  # as asyncio has it: what one peer sends may not end the reading of all
            message = "Reading a socket failed"
            self._loop.call_exception_handler({"message": message, "exception": error})

    def _read(self) -> bool:
        """Read what has come; whether there was anything."""
        before = self._count
        while self._count - before < MOST_AT_ONCE and self._readers and (ready := self._epoll.poll(0)):
            for number, _ in ready:
                if (read := self._readers.get(number)) is not None:
                    self._count += 1
                    self._call(read)
        some = self._count > before
        now = self._loop.time()
        if (elapsed := now - self._since) >= _JUDGE_EVERY:
            self._much = self._count > MUCH * elapsed
            self._count, self._since = 0, now
        return some
