"""Closing many things, whatever one of them fails at."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

log = logging.getLogger("meshconf.conference")

Close = Callable[[], Awaitable[None]]


async def close_all(*closings: Close) -> None:
    """Call all, in this order. What one fails at is logged.

    To be cancelled ends the one that is under way; the others are called nevertheless.
    """
    async with AsyncExitStack() as stack:
        for close in reversed(closings):
            stack.push_async_callback(_attempt, close)


async def _attempt(close: Close) -> None:
    try:
        await close()
    except Exception:
        log.exception("%s failed", getattr(close, "__qualname__", close))
