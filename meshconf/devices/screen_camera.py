"""A screen in the place of a camera: pictures of the size that was asked for, at a steady rate, changed or not."""

from __future__ import annotations

import asyncio
import time

import av

from meshconf.devices.base import VideoSource
from meshconf.devices.fit import fit


class ScreenCamera:
    """A `VideoSource`.

    Args:
        screen: gives a picture at once, and then when it changes.
        width: pixels of the pictures to give, even.
        height: pixels, even.
        fps: pictures a second.
    """

    def __init__(self, screen: VideoSource, width: int, height: int, fps: int) -> None:
        self._screen = screen
        self._size = (width, height)
        self._interval = 1 / fps
        self._last: av.VideoFrame | None = None
        self._due = 0.0

    async def read(self) -> av.VideoFrame:
        """The screen as it is when the next picture is due; see `VideoSource.read`."""
        now = time.monotonic()
        self._due = max(now, self._due + self._interval)
        await asyncio.sleep(self._due - now)
        try:
            async with asyncio.timeout(0.0 if self._last else None):
                self._last = await self._screen.read()
        except TimeoutError:
            pass
        assert self._last is not None
        return fit(self._last, *self._size, time.monotonic())

    def close(self) -> None:
        """As `VideoSource.close`."""
        self._screen.close()
