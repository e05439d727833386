"""Waiting until something is the case: for what tasks, threads and other processes do in their own time.

Whoever knows of an event waits for that; this is for conditions of all other kinds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_PATIENCE_S = 20.0
"""So that a busy machine fails no test; one that passes waits for a fraction of it."""


async def until(true: Callable[[], object], *, within_s: float = _PATIENCE_S, every_s: float = 0.005) -> None:
    """Let the event loop run until something is the case.

    Args:
        true: whether it is.
        within_s: how long it may take, where that matters.
        every_s: the pause between two looks; 0 to look at each turn of the loop, longer where looking takes time from
            what shall come true.

    Raises:
        AssertionError: it never came true.
    """
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(every_s)


def wait_until(true: Callable[[], object], *, within_s: float = _PATIENCE_S, every_s: float = 0.05) -> None:
    """Do nothing until something is the case that other processes bring about; as `until` in all else."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(every_s)
