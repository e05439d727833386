"""The bounded passage from a device's thread or callback to the event loop; what is late throws the oldest out.

`put`, `fail` and `wake` may be called by any thread, also by PortAudio's: they take a lock for a few instructions and
wake the loop. `get` and `wait` belong to one task of one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Doorbell:
    """Lets any thread wake one waiting task; a ring while nobody waits is kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event: asyncio.Event | None = None

    def ring(self) -> None:
        """Wake the task that waits."""
        with self._lock:
            loop, event = self._loop, self._event
        if loop is None or event is None:
            return
        # The loop may close between the look and the call; then nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)

    async def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return as soon as `ready()` holds; it is asked again after each ring."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._loop is not loop or self._event is None:
                self._loop, self._event = loop, asyncio.Event()
            event = self._event
        while not ready():
            event.clear()
            # Asked once more after clearing, so that a ring between the two is not lost.
            if ready():
                return
            await event.wait()


class Handover(Generic[Item]):
    """Items on their way from a device to its reader, newest kept, with the error that ended them."""

    def __init__(self, size: int) -> None:
        """Make an empty passage.

        Args:
            size: most items that wait.
        """
        self._items: deque[Item] = deque(maxlen=size)
        self._bell = Doorbell()
        self._error: Exception | None = None

    def put(self, item: Item) -> None:
        """Hand an item over; the oldest gives way when the passage is full."""
        self._items.append(item)
        self._bell.ring()

    def fail(self, error: Exception) -> None:
        """End the passage: the reader gets what waits, then `error`. Only the first error counts."""
        if self._error is None:
            self._error = error
        self._bell.ring()

    @property
    def ended(self) -> bool:
        """Whether `fail` was called."""
        return self._error is not None

    async def get(self) -> Item:
        """The oldest item that waits.

        Raises:
            Exception: what `fail` was given, once nothing waits.
        """
        await self._bell.wait_until(lambda: bool(self._items) or self._error is not None)
        if self._items:
            return self._items.popleft()
        assert self._error is not None
        # A fresh copy of the traceback each time: the same error may be raised at several readers' calls.
        raise self._error.with_traceback(None)
