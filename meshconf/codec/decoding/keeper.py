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

WATCH_EVERY = 0.25
"""Seconds between two looks at a process."""

_READY_WITHIN = 20.0  # seconds; usually it takes 0.2, on a busy small machine several
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
                await self._keep_one()
            except OSError as error:
                log.warning("no decoder process: %s", error)
            except Exception:
                # Without pictures for the rest of a meeting, nobody would know why.
                log.exception("a decoder process could not be kept; the next one is started")
            steady = time.monotonic() - started > _STEADY
            pause = _PAUSE if steady else min(max(2 * pause, _PAUSE), _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _keep_one(self) -> None:
        process = await self._launch()
        try:
            await self._watch(process)
        except Exception:
            log.exception("the decoder process cannot be watched")
        await self._bury(process)

    async def _watch(self, process: DecoderProcess) -> None:
        """Wait for the end of a process, and bring it about when it hangs."""
        finished, unready, stuck = 0, 0, 0
        while True:
            try:
                async with asyncio.timeout(WATCH_EVERY):
                    await process.ended.wait()
                return
            except TimeoutError:
                pass
            # Looks are counted, not seconds: where this loop was held up, the process had no chance to be heard.
            progress = self._progress()
            if progress is None:
                unready += 1
                hangs = unready * WATCH_EVERY > _READY_WITHIN
            else:
                stuck = stuck + 1 if progress[0] == finished and progress[0] != progress[1] else 0
                finished = progress[0]
                hangs = stuck * WATCH_EVERY >= HANG
            if hangs:
                log.warning("the decoder process hangs")
                process.kill()
                return
