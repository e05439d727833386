"""The frame around our own display while somebody controls it; without windows a process of its own shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from meshconf.conference.failure import sentence_in_meeting
from meshconf.errors import DeviceError
from meshconf.windows.host import WindowHost
from meshconf.windows.wire import Framing


class ControlFrame:
    """The frame, by the window process while there is one, or alone.

    Args:
        on_notice: Called with a sentence when there can be none.
    """

    def __init__(self, on_notice: Callable[[str], None]) -> None:
        self._host: WindowHost | None = None
        self._alone = LoneFrame(on_notice)
        self._shown: Framing | None = None

    def set(self, framing: Framing | None) -> None:
        """Show it, or take it away."""
        self._shown = framing
        if self._host is not None:
            self._host.frame(framing)
        if self._host is None or framing is None:
            self._alone.set(framing)

    def opened(self, host: WindowHost) -> None:
        """There are windows; a frame that stands alone still does."""
        self._host = host

    def lost(self) -> None:
        """There are no windows any more, and the frame stands alone."""
        self._host = None
        if self._shown is not None:
            self._alone.set(self._shown)

    async def close(self) -> None:
        """Take it away; idempotent. The window process is its owner's to end."""
        self._host = None
        await self._alone.close()


class LoneFrame:
    """A window process that shows nothing else; shows the frame while it is wanted, and keeps a process only so long.

    Args:
        on_notice: Called with a sentence when there can be none.
    """

    def __init__(self, on_notice: Callable[[str], None]) -> None:
        self._on_notice = on_notice
        self._wanted: Framing | None = None
        self._host: WindowHost | None = None
        self._task: asyncio.Task[None] | None = None

    def set(self, framing: Framing | None) -> None:
        """Show it, or take it away; it takes half a second."""
        self._wanted = framing
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow(), name="frame")

    async def close(self) -> None:
        """Take it away and wait until it is gone; idempotent."""
        self._wanted = None
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        await self._end()

    async def _follow(self) -> None:
        """Do what was wanted last, also if that changes meanwhile."""
        done: object = object()
        while done != self._wanted:
            done = wanted = self._wanted
            if wanted is None:
                await self._end()
                continue
            try:
                await self._begin()
            except DeviceError as error:
                self._on_notice(sentence_in_meeting(error))
                return
            if self._host is not None:
                self._host.frame(wanted)

    async def _begin(self) -> None:
        if self._host is None:
            host = WindowHost(on_lost=self._on_notice, on_unframed=self._on_notice)
            await host.start()
            self._host = host

    async def _end(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            await host.close()
