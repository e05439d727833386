"""One owner for the background tasks of an object: started here, awaited here, their failures logged here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

log = logging.getLogger("meshconf.conference")


class Tasks:
    """A set of tasks that ends with its owner.

    Unlike `asyncio.TaskGroup`, one failing task does not end its siblings: a peer's trouble stays that peer's.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def spawn(
        self,
        work: Coroutine[Any, Any, Any],
        name: str,
        *,
        on_failure: Callable[[BaseException], None] | None = None,
    ) -> asyncio.Task[Any] | None:
        """Start work under this owner; once closed, nothing starts any more.

        Args:
            work: what is to be done.
            name: what it is called in the log.
            on_failure: called with what the work raised, after it was logged; not once this is closed.
        """
        if self._closed:
            work.close()
            return None
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(partial(self._finished, on_failure))
        return task

    async def close(self) -> None:
        """Cancel everything and wait for its end. May be called by one of the tasks themselves."""
        self._closed = True
        current = asyncio.current_task()
        ours = [task for task in self._running if task is not current]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)

    def _finished(self, on_failure: Callable[[BaseException], None] | None, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)
            if on_failure is not None and not self._closed:
                on_failure(error)
