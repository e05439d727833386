"""Opening a device off the event loop, so that it is either the caller's or closed, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar


class Closable(Protocol):
    """What holds a device."""

    def close(self) -> None:
        """Release it; see `AudioSource.close`."""


Device = TypeVar("Device", bound=Closable)


async def open_or_release(open_device: Callable[[str], Device], name: str) -> Device:
    """Open a device in a thread.

    A caller that is cancelled does not wait for it: as soon as it is open, a thread closes it.

    Args:
        open_device: opens it by its name; blocks.
        name: passed to `open_device`.

    Raises:
        DeviceError: what `open_device` raises.
    """
    lock = threading.Lock()
    opened: list[Device] = []
    wanted = True

    def work() -> Device:
        device = open_device(name)
        with lock:
            if wanted:
                opened.append(device)
                return device
        device.close()
        return device

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        # The thread cannot be stopped. What it opens now, it closes itself: the loop may be gone by then.
        with lock:
            wanted = False
        for device in opened:
            asyncio.get_running_loop().run_in_executor(None, device.close)
        raise
