"""Keeps a decoder process alive: starts it, notices that it hangs, and starts it again whatever became of it.

Runs on the event loop. What a process is told, and what is to be cleaned up after it, is its owner's business.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from meshconf.codec.decoding.process import DecoderProcess

log = logging.getLogger("meshconf.codec")

HANG = 1.0
"""Seconds without progress after which a process is killed; one that computes too long ends itself before."""

_READY_WITHIN = 20.0  # seconds; usually it takes 0.2, on a busy small machine several
_WATCH_EVERY = 0.25
_PAUSE, _LONGEST_PAUSE = 0.05, 5.0  # seconds before the next start, doubled for each process that ended early
_STEADY = 10.0  # seconds after which an end is a new story


class Keeper:
    """One process after the other, from `start` to `close`.

    Args:
        launch: Starts a process; raises OSError when that is impossible.
        bury: Called with a process that has ended, and must end what is left of it.
        progress: Frames that the present process has finished, and was given; None until it is ready.
    """

    def __init__(
        self,
        launch: Callable[[], Awaitable[DecoderProcess]],
        bury: Callable[[DecoderProcess], Awaitable[None]],
        progress: Callable[[], tuple[int, int] | None],
    ) -> None:
        self._launch = launch
        self._bury = bury
        self._progress = progress
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="decoder")

    async def close(self) -> None:
        """Start no process any more; idempotent. The present one is its owner's to end."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        pause = 0.0
        while True:
            started = time.monotonic()
            try:
                process = await self._launch()
            except OSError as error:
                log.warning("no decoder process: %s", error)
            else:
                await self._watch(process)
                await self._bury(process)
            steady = time.monotonic() - started > _STEADY
            pause = _PAUSE if steady else min(max(2 * pause, _PAUSE), _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _watch(self, process: DecoderProcess) -> None:
        """Wait for the end of a process, and bring it about when it hangs."""
        before, moved = None, time.monotonic()
        while True:
            try:
                async with asyncio.timeout(_WATCH_EVERY):
                    await process.ended.wait()
                return
            except TimeoutError:
                pass
            now, progress = time.monotonic(), self._progress()
            idle = progress is not None and progress[0] == progress[1]
            if idle or (progress is not None and (before is None or progress[0] != before[0])):
                moved = now
            elif now - moved > (HANG if progress is not None else _READY_WITHIN):
                log.warning("the decoder process hangs")
                process.kill()
                moved = now
            before = progress
