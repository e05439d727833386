"""The window process as the engine sees it: started, told, listened to, ended. Runs on the event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator

from meshconf.child_process import kill, see_off, spawn
from meshconf.errors import DeviceError
from meshconf.windows.wire import COMMANDS, MAX_LINE, NEWS, Command, News, Ready, Unavailable

log = logging.getLogger("meshconf.windows")

_READY_WITHIN = 20.0  # seconds; loading OpenCV takes half a second, on a busy small machine several
_END_WITHIN = 2.0  # seconds from the end of its stdin until it is killed
_MAX_UNREAD = 256 * 1024  # bytes of commands that a hung process may leave in our hands


class WindowsUnavailable(DeviceError):
    """Windows cannot be shown here; the call goes on without."""

    code = "windows"


class ViewerProcess:
    """A running window process; create it with `start`, end it with `close`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout

    @classmethod
    async def start(cls) -> ViewerProcess:
        """Start it and wait until it is ready.

        Raises:
            WindowsUnavailable: It cannot be started or cannot show windows here.
        """
        try:
            process = await spawn("meshconf.windows", log_name="windows.log", limit=MAX_LINE, environ=_environment())
        except OSError as error:
            raise WindowsUnavailable(f"The window process cannot be started: {error}.") from error
        viewer = cls(process)
        try:
            async with asyncio.timeout(_READY_WITHIN):
                await viewer._ready()
        except TimeoutError as error:
            await viewer.close()
            raise WindowsUnavailable("The window process does not get ready; windows stay off.") from error
        except BaseException:
            await viewer.close()
            raise
        return viewer

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def tell(self, command: Command) -> None:
        """Send a command; never blocks. A process that has stopped reading is killed, which ends `news`."""
        if self._stdin.is_closing():
            return
        if self._stdin.transport.get_write_buffer_size() > _MAX_UNREAD:
            log.warning("the window process hangs")
            kill(self._process)
            return
        self._stdin.write(COMMANDS.encode(command))

    def news(self) -> AsyncIterator[News]:
        """What it says, until it ends."""
        return NEWS.read(self._stdout, log)

    async def close(self) -> None:
        """End it, kindly at first; idempotent."""
        self._stdin.close()
        await see_off(self._process, _END_WITHIN)

    async def _ready(self) -> None:
        match await anext(self.news(), None):
            case Ready():
                pass
            case Unavailable(sentence, fix):
                raise WindowsUnavailable(sentence, fix=fix)
            case _:
                raise WindowsUnavailable(
                    "The window process ended at once; windows stay off.",
                    fix="pip install --force-reinstall opencv-python",
                )


def _environment() -> dict[str, str]:
    """What keeps Qt and OpenCV quiet, unless the person says otherwise."""
    wanted = {"QT_LOGGING_RULES": "*.debug=false;qt.qpa.*=false", "OPENCV_LOG_LEVEL": "ERROR"}
    # The wheel's Qt speaks X11 only; on Wayland it would try, complain and then do the same through XWayland.
    if sys.platform == "linux":
        wanted["QT_QPA_PLATFORM"] = "xcb"
    return {name: value for name, value in wanted.items() if name not in os.environ}
