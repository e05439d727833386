"""This machine's mouse and keyboard, while somebody controls it: keeps the process that injects.

Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from meshconf.conference.tasks import Tasks
from meshconf.devices.input.process import InputProcess
from meshconf.devices.input.wire import ATTEND_EVERY, Copied, OwnInput, Panic
from meshconf.errors import DeviceError
from meshconf.protocol.control.events import Reason
from meshconf.protocol.control.input import Input
from meshconf.types import Area

log = logging.getLogger("meshconf.conference")


class Machine:
    """Closed, or open for one grant.

    Args:
        on_own_input: called when the person at this machine uses mouse or keyboard.
        on_copied: called with the text that the person copied, where the grant has the clipboard in it.
        on_end: called with the reason when control has to end.
    """

    def __init__(
        self,
        *,
        on_own_input: Callable[[], None],
        on_end: Callable[[Reason], None],
        on_copied: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._on_own_input = on_own_input
        self._on_copied = on_copied
        self._on_end = on_end
        self._process: InputProcess | None = None
        self._screen: Area | None = None
        self._tasks = Tasks()
        self._ending: set[asyncio.Task[None]] = set()
        """Processes on their way out; nobody may cut that short, or keys stay down."""
        self._closed = False

    async def open(self, screen: Area, *, clipboard: bool = False) -> None:
        """Get ready to inject.

        Args:
            screen: which part of the display is shared.
            clipboard: whether text is copied, too.

        Raises:
            DeviceError: this machine cannot be controlled.
        """
        self.shut()
        while self._ending:  # what mops up behind an earlier one would let go of this one's keys as well
            await asyncio.wait(self._ending)
        self._screen = screen
        process = await InputProcess.start(screen, clipboard=clipboard)
        if self._closed:
            await process.close()
            raise DeviceError("The meeting is over.")
        self._process = process
        self._tasks.spawn(self._listen(process), "own-input")
        self._tasks.spawn(self._attend(process), "attend-input")

    def do(self, inputs: Sequence[Input]) -> bool:
        """Inject; False where that cannot be."""
        return self._process is not None and self._process.do(inputs)

    def copy(self, text: str) -> None:
        """Put text into this machine's clipboard."""
        if self._process is not None:
            self._process.copy(text)

    def shut(self) -> None:
        """Let go of everything at once; the process ends in its own time."""
        process, self._process = self._process, None
        if process is not None:
            process.let_go()
            self._end(process)

    async def close(self) -> None:
        """Let go, and wait until the process has ended."""
        self._closed = True
        self.shut()
        while self._ending:
            await asyncio.wait(self._ending)
        await self._tasks.close()

    async def _listen(self, process: InputProcess) -> None:
        async for news in process.news():
            if process is not self._process:
                continue
            if isinstance(news, OwnInput):
                self._on_own_input()
            elif isinstance(news, Copied):
                self._on_copied(news.text)
            elif isinstance(news, Panic):
                self._on_end(Reason.PANIC)
        if process is self._process:
            log.warning("the process that injects has died")
            self._process = None
            self._end(process)
            self._on_end(Reason.CRASH)

    async def _attend(self, process: InputProcess) -> None:
        """Say that we are there, as long as we are and run: else what is held comes up."""
        while process is self._process:
            process.attend()
            await asyncio.sleep(ATTEND_EVERY)

    def _end(self, process: InputProcess) -> None:
        task = asyncio.create_task(self._see_off(process), name="end-input")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _see_off(self, process: InputProcess) -> None:
        """Where it dies or must be killed, what it held is still down on some systems, until another releases it."""
        if await process.close():
            return
        assert self._screen is not None, "there was a process"
        try:
            await (await InputProcess.start(self._screen, after_crash=True)).close()
        except DeviceError as error:
            log.warning("what was held cannot be released: %s", error)
