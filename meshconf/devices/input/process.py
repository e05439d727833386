"""The process that injects, as the engine sees it: started, told, listened to, ended. Runs on the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

import msgspec

from meshconf.child_process import see_off, spawn
from meshconf.devices.input.wire import (
    COMMANDS,
    MAX_LINE,
    NEWS,
    Attend,
    Command,
    Copy,
    Do,
    LetGo,
    News,
    Ready,
    Unavailable,
)
from meshconf.errors import DeviceError
from meshconf.protocol.control.input import Input
from meshconf.types import Area

log = logging.getLogger("meshconf.devices")

_READY_WITHIN = 10.0
_END_WITHIN = 2.0
_MAX_UNREAD = 128 * 1024
"""Bytes of input that may wait in our hands: seconds of typing."""


class InputProcess:
    """A running one; create it with `start`, end it with `close`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self.area = Area(0, 0, 0, 0)
        """What of the display is controlled."""

    @classmethod
    async def start(cls, screen: str | Area, *, clipboard: bool = False, after_crash: bool = False) -> InputProcess:
        """Start it and wait until it can inject.

        Args:
            screen: which part of the display: itself, or what people call it, see `screen_area.area_of`.
            clipboard: whether text is copied, too.
            after_crash: whether an earlier one died and may have left keys down.

        Raises:
            DeviceError: this machine cannot be controlled.
        """
        more = ["clipboard"] * clipboard + ["after-crash"] * after_crash
        name = screen if isinstance(screen, str) else msgspec.json.encode(screen).decode()
        try:
            child = await spawn("meshconf.devices.input", name, *more, log_name="input.log", limit=MAX_LINE)
        except OSError as error:
            raise DeviceError(f"Mouse and keyboard cannot be used: {error}.") from error
        process = cls(child)
        try:
            async with asyncio.timeout(_READY_WITHIN):
                await process._ready()
        except TimeoutError as error:
            await process.close()
            raise DeviceError("Mouse and keyboard of this machine do not answer.") from error
        except BaseException:
            await process.close()
            raise
        return process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def do(self, inputs: Sequence[Input]) -> bool:
        """Inject; never blocks. False when too much waits already, or the process is gone."""
        return self._tell(Do(list(inputs)))

    def copy(self, text: str) -> bool:
        """Put text into the clipboard; False as with `do`."""
        return self._tell(Copy(text))

    def attend(self) -> None:
        """Say that we are there; what is held comes up where that was not said for `wire.ALONE` seconds."""
        self._tell(Attend())

    def let_go(self) -> None:
        """Drop what waits, and let everything come up."""
        if not self._stdin.is_closing():
            self._stdin.write(COMMANDS.encode(LetGo()))

    def news(self) -> AsyncIterator[News]:
        """What it says, until it ends."""
        return NEWS.read(self._stdout, log)

    async def close(self) -> bool:
        """End it, kindly at first: it lets go of everything by itself. Idempotent.

        Returns:
            Whether it did end by itself; else what it held may still be down.
        """
        self._stdin.close()
        await see_off(self._process, _END_WITHIN)
        return self._process.returncode is not None and self._process.returncode >= 0

    def _tell(self, command: Command) -> bool:
        if self._stdin.is_closing() or self._stdin.transport.get_write_buffer_size() > _MAX_UNREAD:
            return False
        self._stdin.write(COMMANDS.encode(command))
        return True

    async def _ready(self) -> None:
        match await anext(self.news(), None):
            case Ready(area):
                self.area = area
            case Unavailable(sentence, fix):
                raise DeviceError(sentence, fix=fix)
            case _:
                raise DeviceError("Mouse and keyboard of this machine cannot be used; see `meshconf doctor`.")
