"""The engine's side of the windows: says which picture bus each one shows, and keeps the window process alive.

Pictures do not pass through here. Everything runs on the event loop and never blocks. Imports no cv2.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from meshconf.protocol.control.held import Held
from meshconf.protocol.control.input import Input, Point
from meshconf.windows.display import missing_display
from meshconf.windows.names import clean
from meshconf.windows.process import ViewerProcess, WindowsUnavailable
from meshconf.windows.wire import (
    MAX_POINTERS,
    Acted,
    Arrange,
    Blank,
    Closed,
    Command,
    Frame,
    Framing,
    Hide,
    Layout,
    Mode,
    Pointer,
    Pointers,
    Retitle,
    SetMode,
    Show,
    Unframed,
    Viewed,
)

log = logging.getLogger("meshconf.windows")

_RESTARTS = 3
_PAUSE = 1.0  # seconds between two starts, at least
_STEADY = 60.0  # seconds after which a viewer's crash is a new story


@dataclass(slots=True)
class _Shown:
    """A window as it should be, whatever becomes of the process that shows it."""

    title: str
    bus: str
    screen: bool
    blank: str | None = None
    dismissed: bool = False
    """Whether the person closed it."""


class WindowHost:
    """Shows pictures in windows, one for each key.

    A crashed window process is started again and shows the same windows; after three crashes the windows stay off.
    Until `start`, after `close` and without a window process, every method is harmless and does nothing.

    Args:
        on_closed: Called with the key when the person closes a window; `reopen` lets it come back.
        on_viewed: Called with the key, the height in pixels at which the picture is on the screen, and whether it can
            be seen (False: minimised), when a window opened and whenever that has changed and settled.
        on_lost: Called with a sentence when the windows stay off from now on, in the middle of a call.
        on_input: Called with the key and what the person did over that picture, in the mode that it has.
        on_unframed: Called with a sentence when there can be no frame.
    """

    def __init__(
        self,
        on_closed: Callable[[str], None] | None = None,
        on_lost: Callable[[str], None] | None = None,
        on_viewed: Callable[[str, int, bool], None] | None = None,
        *,
        on_input: Callable[[str, Input | Point], None] | None = None,
        on_unframed: Callable[[str], None] | None = None,
    ) -> None:
        self.on_closed = on_closed
        self.on_lost = on_lost
        self.on_viewed = on_viewed
        self.on_input = on_input
        self.on_unframed = on_unframed
        self._shown: dict[str, _Shown] = {}
        self._modes: dict[str, Mode] = {}
        self._pointers: dict[str, list[Pointer]] = {}
        self._held: dict[str, Held] = {}
        """What is held over each picture, for the day on which the window process dies."""
        self._framing: Framing | None = None
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
        self._process = await ViewerProcess.start()
        self._keeper = asyncio.create_task(self._keep(), name="windows")

    def show(self, key: str, title: str, bus: str, *, screen: bool = False) -> None:
        """Show the pictures of a bus, opening the window with the first of them; cheap if they are shown already.

        While the person has closed the window, only `reopen` opens it again.

        Args:
            key: Which window, the same for all pictures of one source.
            title: The participant; cleaned and cut before it is shown.
            bus: Name of the picture bus; it must stay until another takes its place here, or `hide` is called.
            screen: Whether it is somebody's screen, which is large and sharp, rather than a face.
        """
        if not self.running:
            return
        shown = self._shown.get(key)
        if shown is not None and shown.bus == bus:
            shown.blank = None
            self.retitle(key, title)
            return
        dismissed = shown is not None and shown.dismissed
        self._shown[key] = _Shown(clean(title), bus, screen, dismissed=dismissed)
        self._announce(key)

    def blank(self, key: str, text: str = "camera off") -> None:
        """Put a placeholder with the person's initials and `text` in place of the picture, until the next picture."""
        shown = self._shown.get(key)
        if shown is not None:
            shown.blank = clean(text)
            if not shown.dismissed:
                self._tell(Blank(key, shown.blank))

    def retitle(self, key: str, title: str) -> None:
        """Give a window another name; cheap if it is the same."""
        shown = self._shown.get(key)
        if shown is not None and shown.title != (title := clean(title)):
            shown.title = title
            if not shown.dismissed:
                self._tell(Retitle(key, title))

    def hide(self, key: str) -> None:
        """Close the window, and forget that the person closed it."""
        if self._shown.pop(key, None) is not None:
            self._tell(Hide(key))

    def reopen(self, key: str) -> None:
        """Bring back a window that the person closed."""
        shown = self._shown.get(key)
        if shown is not None and shown.dismissed:
            shown.dismissed = False
            self._announce(key)

    def set_mode(self, key: str, mode: Mode) -> None:
        """What mouse and keys over a picture do from now on, also in a window that opens later."""
        if self._modes.get(key, "watch") == mode:
            return
        if mode == "watch":
            del self._modes[key]
        else:
            self._modes[key] = mode
        if key in self._shown:
            self._tell(SetMode(key, mode))

    def show_pointers(self, key: str, pointers: Sequence[Pointer]) -> None:
        """Show where the others point over a picture, in place of what was shown before; their names are cleaned.

        Also in a window that opens later.
        """
        shown = [msgspec.structs.replace(pointer, name=clean(pointer.name)) for pointer in pointers[:MAX_POINTERS]]
        if shown:
            self._pointers[key] = shown
        else:
            self._pointers.pop(key, None)
        if key in self._shown:
            self._tell(Pointers(key, shown))

    def arrange(self, layout: Layout) -> None:
        """Share windows in another way."""
        self._tell(Arrange(layout))

    def frame(self, framing: Framing | None) -> None:
        """Show the frame around our own display while somebody controls it, or take it away."""
        if framing is not None:
            framing = framing._replace(text=clean(framing.text, longest=120))
        if framing != self._framing:
            self._framing = framing
            self._tell(Frame(framing))

    async def close(self) -> None:
        """Close all windows and end the window process; idempotent."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        if self._process is not None:
            await self._process.close()
            self._process = None
        self._shown.clear()

    async def _keep(self) -> None:
        """Pass on the process's news; when it dies, start it again and show everything again."""
        loop = asyncio.get_running_loop()
        crashes, process = 0, self._process
        while True:
            started = loop.time()
            if process is not None:
                await self._pass_on_news(process)
                self._release()
                await process.close()
                self._process = process = None
            crashes = crashes + 1 if loop.time() - started < _STEADY else 1
            missing = await asyncio.to_thread(missing_display, os.environ)
            if missing is not None or crashes > _RESTARTS:
                self._give_up(missing[0] if missing else f"The window process died {crashes} times; windows stay off.")
                return
            log.warning("the window process died; starting it again")
            await asyncio.sleep(max(0.0, started + _PAUSE - loop.time()))
            try:
                self._process = process = await ViewerProcess.start()
            except WindowsUnavailable as error:
                log.warning("no window process: %s", error)
            else:
                for key in self._shown:
                    self._announce(key)
                # The new process remembers the layout itself, but not why there was a frame.
                if self._framing is not None:
                    self._tell(Frame(self._framing))

    async def _pass_on_news(self, process: ViewerProcess) -> None:
        # Listeners are called by the loop, so that an error in there does not end the windows.
        loop = asyncio.get_running_loop()
        async for news in process.news():
            match news:
                case Closed(key) if key in self._shown:
                    self._shown[key].dismissed = True
                    # Another bus may have been announced meanwhile and have opened the window again.
                    self._tell(Hide(key))
                    if self.on_closed is not None:
                        loop.call_soon(self.on_closed, key)
                case Viewed(key, height, visible) if key in self._shown and self.on_viewed is not None:
                    loop.call_soon(self.on_viewed, key, height, visible)
                case Acted(key, act) if self.on_input is not None:
                    if not isinstance(act, Point):
                        self._held.setdefault(key, Held()).take(act)
                    loop.call_soon(self.on_input, key, act)
                case Unframed(sentence) if self.on_unframed is not None:
                    loop.call_soon(self.on_unframed, sentence)

    def _release(self) -> None:
        """Bring up what was held in a window process that is gone."""
        held, self._held = self._held, {}
        for key, holding in held.items():
            for act in holding.releases():
                if self.on_input is not None:
                    asyncio.get_running_loop().call_soon(self.on_input, key, act)

    def _announce(self, key: str) -> None:
        shown = self._shown[key]
        if shown.dismissed:
            return
        self._tell(Show(key, shown.title, shown.bus, shown.screen))
        if key in self._modes:
            self._tell(SetMode(key, self._modes[key]))
        if key in self._pointers:
            self._tell(Pointers(key, self._pointers[key]))
        if shown.blank is not None:
            self._tell(Blank(key, shown.blank))

    def _give_up(self, sentence: str) -> None:
        log.warning("%s", sentence)
        self._shown.clear()
        if self.on_lost is not None:
            asyncio.get_running_loop().call_soon(self.on_lost, sentence)

    def _tell(self, command: Command) -> None:
        if self._process is not None:
            self._process.tell(command)
