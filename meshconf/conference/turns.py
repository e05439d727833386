"""The commands of one face, each begun when the one before is done, or takes long: opening a camera delays no mute.

What takes long and must not be done twice at once sees to that itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from meshconf.conference.tasks import Tasks

LONG = 0.2
"""Seconds after which the next command is begun all the same."""
MOST = 16
"""Commands of one face that are carried out at one time."""


class Turns:
    """Takes turns.

    Args:
        obey: carries out one line, and answers it.
    """

    def __init__(self, obey: Callable[[bytes], Coroutine[None, None, None]]) -> None:
        self._obey = obey
        self._tasks = Tasks()
        self._running: set[asyncio.Task[None]] = set()

    async def take(self, line: bytes) -> None:
        """Carry out a line; returns when the next one may begin."""
        task = self._tasks.spawn(self._obey(line), "command")
        if task is None:
            return
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.wait({task}, timeout=LONG)
        while len(self._running) >= MOST:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Wait for all that has begun."""
        if self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Give up what has begun."""
        await self._tasks.close()
