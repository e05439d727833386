"""The beat on which everything that is done in turns is done: the processor wakes up once for all of it.

A processor that wakes up for a moment costs more than what it does then. Links send their reports, and read their
sockets while much comes, on the same beat (`rtc/reports.py`, `rtc/poll.py`).
"""

from __future__ import annotations

import asyncio
import time


async def beat(every: float) -> float:
    """Sleep until the next multiple of `every` seconds of the monotonic clock; returns how late that became."""
    now = time.monotonic()
    due = (now // every + 1) * every
    await asyncio.sleep(due - now)
    return time.monotonic() - due
