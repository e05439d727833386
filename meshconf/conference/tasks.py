"""One owner for the background tasks of an object: started here, awaited here, their failures logged here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("meshconf.conference")


class Tasks:
    """A set of tasks that ends with its owner.

    Unlike `asyncio.TaskGroup`, one failing task does not end its siblings: a peer's trouble stays that peer's.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any] | None:
        """Start work under this owner; once closed, nothing starts any more."""
        if self._closed:
            work.close()
            return None
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    async def close(self) -> None:
        """Cancel everything and wait for its end. May be called by one of the tasks themselves."""
        self._closed = True
        current = asyncio.current_task()
        ours = [task for task in self._running if task is not current]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)
