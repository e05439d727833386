"""The engine's side of the windows: copies pictures onto buses and keeps the window process alive.

Everything here runs on the event loop and blocks for no longer than copying one picture. Imports no cv2.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

from meshconf.errors import DeviceError
from meshconf.windows.bus import Picture, PictureWriter, check_picture
from meshconf.windows.control import Attached, Blank, Closed, Hide, Retitle, Show
from meshconf.windows.display import missing_display
from meshconf.windows.names import clean
from meshconf.windows.process import Gone, ViewerProcess

log = logging.getLogger("meshconf.windows")

_RESTARTS = 3
_PAUSE = 1.0  # seconds between two starts, at least
_STEADY = 60.0  # seconds after which a viewer's crash is a new story


class WindowsUnavailable(DeviceError):
    """Windows cannot be shown here; pictures stay off and the call goes on."""

    code = "windows"


@dataclass(slots=True)
class _Shown:
    """A window as it should be, whatever becomes of the process that shows it."""

    title: str
    writer: PictureWriter
    blank: str | None = None


class WindowHost:
    """Shows pictures in windows, one for each key.

    A crashed window process is started again and shows the same windows; after three crashes the windows stay off.
    Until `start`, after `close` and without a window process, every method is harmless and does nothing.

    Args:
        on_closed: Called with the key when the person closes a window; `reopen` lets it come back.
        on_lost: Called with a sentence when the windows stay off from now on, in the middle of a call.
        log_file: Where the window process's stderr goes; nowhere without one.
    """

    def __init__(
        self,
        on_closed: Callable[[str], None] | None = None,
        on_lost: Callable[[str], None] | None = None,
        *,
        log_file: Path | None = None,
    ) -> None:
        self.on_closed = on_closed
        self.on_lost = on_lost
        self._log_file = log_file
        self._shown: dict[str, _Shown] = {}
        self._dismissed: set[str] = set()
        self._process: ViewerProcess | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether there is a window process, or will be one again in a moment."""
        return self._keeper is not None and not self._keeper.done()

    @property
    def pid(self) -> int | None:
        """The window process's id while there is one."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the window process and wait until it can show windows (about half a second).

        Raises:
            WindowsUnavailable: No display, or an OpenCV without windows; says what to do in `fix`.
        """
        if self.running:
            return
        missing = await asyncio.to_thread(missing_display, os.environ)
        if missing is not None:
            raise WindowsUnavailable(missing[0], fix=missing[1])
        # The first shared memory starts Python's tracker process, which is too slow for the event loop.
        await asyncio.to_thread(resource_tracker.ensure_running)
        try:
            self._process = await ViewerProcess.start(self._log_file)
        except Gone as error:
            raise WindowsUnavailable(error.sentence, fix=error.fix) from error
        self._keeper = asyncio.create_task(self._keep(), name="windows")

    def show(self, key: str, title: str, frame: Picture) -> None:
        """Show a picture, opening the window if need be; nothing happens while the person has closed it.

        Args:
            key: Which window, the same for all pictures of one source.
            title: The participant; cleaned and cut before it is shown.
            frame: I420, (height * 3 / 2, width) uint8; it is copied.

        Raises:
            ValueError: `frame` is no such picture, or larger than `bus.MAX_BYTES`.
        """
        if not self.running or key in self._dismissed:
            return
        check_picture(frame)
        shown = self._shown.get(key)
        if shown is not None and frame.size <= shown.writer.capacity:
            shown.blank = None
            shown.writer.write(frame)
            self.retitle(key, title)
            return
        writer = self._new_writer(key, frame.size)
        if writer is not None:
            writer.write(frame)
            if shown is not None:
                shown.writer.close()
            self._shown[key] = _Shown(clean(title), writer)
            self._announce(key)

    def blank(self, key: str, text: str = "camera off") -> None:
        """Put a placeholder with the person's initials and `text` in place of the picture, until the next `show`."""
        shown = self._shown.get(key)
        if shown is not None:
            shown.blank = clean(text)
            self._tell(Blank(key, shown.blank))

    def retitle(self, key: str, title: str) -> None:
        """Give a window another name; cheap if it is the same."""
        shown = self._shown.get(key)
        if shown is not None and shown.title != (title := clean(title)):
            shown.title = title
            self._tell(Retitle(key, title))

    def hide(self, key: str) -> None:
        """Close the window, and forget that the person closed it."""
        self._dismissed.discard(key)
        self._drop(key)

    def reopen(self, key: str) -> None:
        """Let a window that the person closed come back with the next picture."""
        self._dismissed.discard(key)

    async def close(self) -> None:
        """Close all windows and end the window process; idempotent."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        if self._process is not None:
            await self._process.close()
            self._process = None
        self._forget_all()
        self._dismissed.clear()

    async def _keep(self) -> None:
        """Pass on the process's news; when it dies, start it again and show everything again."""
        loop = asyncio.get_running_loop()
        crashes, process = 0, self._process
        while True:
            started = loop.time()
            if process is not None:
                await self._pass_on_news(process)
                await process.close()
                self._process = process = None
            crashes = crashes + 1 if loop.time() - started < _STEADY else 1
            missing = await asyncio.to_thread(missing_display, os.environ)
            if missing is not None or crashes > _RESTARTS:
                self._give_up(missing[0] if missing else f"the window process died {crashes} times; pictures stay off")
                return
            log.warning("the window process died; starting it again")
            await asyncio.sleep(max(0.0, started + _PAUSE - loop.time()))
            try:
                self._process = process = await ViewerProcess.start(self._log_file)
            except Gone as error:
                log.warning("no window process: %s", error.sentence)
            else:
                self._show_again()

    async def _pass_on_news(self, process: ViewerProcess) -> None:
        async for news in process.news():
            match news:
                case Attached(key, bus):
                    shown = self._shown.get(key)
                    if shown is not None and shown.writer.name == bus:
                        shown.writer.unlink()
                case Closed(key) if key in self._shown:
                    self._dismissed.add(key)
                    # A larger bus may have been announced meanwhile and have opened the window again.
                    self._drop(key)
                    if self.on_closed is not None:
                        # Called by the loop, so that an error in there does not end the windows.
                        asyncio.get_running_loop().call_soon(self.on_closed, key)

    def _show_again(self) -> None:
        for key, shown in list(self._shown.items()):
            # The old bus lost its name as soon as the old process had attached.
            newest, old = shown.writer.newest(), shown.writer
            writer = self._new_writer(key, old.capacity)
            if writer is not None:
                shown.writer = writer
                old.close()
                if newest is not None:
                    writer.write(newest)
                self._announce(key)

    def _new_writer(self, key: str, capacity: int) -> PictureWriter | None:
        """A bus, or None without memory for it: that window then stays closed until `reopen` or `hide`."""
        try:
            return PictureWriter(capacity)
        except OSError as error:
            log.warning("no shared memory for a window: %s", error)
            self._dismissed.add(key)
            self._drop(key)
            return None

    def _announce(self, key: str) -> None:
        shown = self._shown[key]
        self._tell(Show(key, shown.title, shown.writer.name))
        if shown.blank is not None:
            self._tell(Blank(key, shown.blank))

    def _drop(self, key: str) -> None:
        shown = self._shown.pop(key, None)
        if shown is not None:
            shown.writer.close()
            self._tell(Hide(key))

    def _forget_all(self) -> None:
        for shown in self._shown.values():
            shown.writer.close()
        self._shown.clear()

    def _give_up(self, sentence: str) -> None:
        log.warning("%s", sentence)
        self._forget_all()
        if self.on_lost is not None:
            asyncio.get_running_loop().call_soon(self.on_lost, sentence)

    def _tell(self, command: Show | Blank | Retitle | Hide) -> None:
        if self._process is not None:
            self._process.tell(command)
