"""The window process: follows the engine's commands and keeps the windows up to date.

OpenCV lives on the main thread; a second thread only waits for commands. Ends when stdin does, so never outlives the
engine. PyAV must not be imported here: beside OpenCV's windows it makes the process hang.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import threading
import time
from functools import partial
from pathlib import Path
from typing import BinaryIO

import cv2
import msgspec

from meshconf.pictures.bus import PictureReader
from meshconf.windows.attention import Attention, Look
from meshconf.windows.control import (
    MAX_LINE,
    Blank,
    Closed,
    Command,
    Hide,
    News,
    Ready,
    Retitle,
    Show,
    Unavailable,
    Viewed,
    decode_command,
    encode,
)
from meshconf.windows.event_queue import keep_events_for_qt
from meshconf.windows.minimised import MinimisedWindows
from meshconf.windows.window import Window

log = logging.getLogger("meshconf.windows")

_CLOSING_KEYS = (27, ord("q"), ord("Q"))  # 27 is Esc
_BUSY_MS, _IDLE_MS = 6, 25
_IDLE_AFTER = 0.5  # seconds without a picture
_LOOK_EVERY, _ASK_EVERY = 0.05, 0.2  # seconds between two looks at our windows, and two questions to the X server
_GRACE = 2.0  # seconds that a hung window system may keep the process alive
_FONT_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu-sans-fonts")


class Viewer:
    """All windows, driven by the lines of `commands` and answering on `news`."""

    def __init__(self, commands: BinaryIO, news: BinaryIO) -> None:
        self._commands = commands
        self._news = news
        self._inbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._windows: dict[str, Window] = {}
        self._places: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._under_pointer: str | None = None
        self._attention = Attention()
        self._minimised: frozenset[str] = frozenset()
        self._next_look = self._next_question = 0.0

    def run(self) -> None:
        """Serve until `commands` ends."""
        trouble = _trouble()
        if trouble is not None:
            self._tell(trouble)
            return
        keep_events_for_qt()
        _quiet_fonts()
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        self._tell(Ready())
        minimised = MinimisedWindows()
        last_picture = time.monotonic()
        while self._obey():
            self._notice_closed()
            # Nothing is drawn that nobody sees; the newest picture comes when the window does.
            if any([window.refresh() for window in self._windows.values() if window.title not in self._minimised]):
                last_picture = time.monotonic()
            self._look(minimised, time.monotonic())
            idle = time.monotonic() - last_picture > _IDLE_AFTER
            self._sleep(_IDLE_MS if idle else _BUSY_MS)
        for window in self._windows.values():
            window.close()
        minimised.close()

    def _listen(self) -> None:
        """Second thread: commands into the inbox, and None when the engine is gone."""
        while line := self._commands.readline(MAX_LINE):
            try:
                self._inbox.put(decode_command(line))
            except msgspec.DecodeError:
                log.warning("unreadable command of %d bytes", len(line))
        self._inbox.put(None)
        time.sleep(_GRACE)
        os._exit(0)  # the main thread hangs in the window system; the engine is gone, nobody else would end us

    def _obey(self) -> bool:
        while True:
            try:
                command = self._inbox.get_nowait()
            except queue.Empty:
                return True
            if command is None:
                return False
            self._follow(command)

    def _follow(self, command: Command) -> None:
        match command:
            case Show(key, title, bus):
                self._show(key, title, bus)
            case Hide(key):
                if key in self._windows:
                    self._close(key)
            case Blank(key, text):
                if key in self._windows:
                    self._windows[key].blank(text)
            case Retitle(key, title):
                if key in self._windows:
                    self._windows[key].retitle(title)

    def _show(self, key: str, title: str, bus: str) -> None:
        try:
            reader = PictureReader(bus)
        except (OSError, ValueError) as error:
            log.warning("no pictures for a window: %s", error)
            return
        if key not in self._windows:
            name = f"meshconf {next(self._numbers)}"
            self._windows[key] = Window(name, title, self._place(key), partial(self._pointed, key))
        self._windows[key].attach(reader)

    def _place(self, key: str) -> int:
        """The place that `key` had before, so that a window comes back where it was, or the first free one."""
        taken = {self._places[other] for other in self._windows}
        if key not in self._places or self._places[key] in taken:
            self._places[key] = next(place for place in itertools.count() if place not in taken)
        return self._places[key]

    def _notice_closed(self) -> None:
        for key in [key for key, window in self._windows.items() if not window.is_open()]:
            self._dismiss(key)

    def _dismiss(self, key: str) -> None:
        self._close(key)
        self._tell(Closed(key))

    def _close(self, key: str) -> None:
        self._windows.pop(key).close()
        self._attention.forget(key)

    def _look(self, minimised: MinimisedWindows, now: float) -> None:
        """Tell the engine how much of the pictures is seen, where that has changed and settled."""
        if now < self._next_look or not self._windows:
            return
        self._next_look = now + _LOOK_EVERY
        if now >= self._next_question:
            self._next_question = now + _ASK_EVERY
            self._minimised = minimised.titles()
        for key, window in self._windows.items():
            if (height := window.height()) is not None:
                self._attention.notice(key, Look(height, window.title not in self._minimised), now)
        for key, look in self._attention.settled(now):
            self._tell(Viewed(key, look.height, look.visible))

    def _pointed(self, key: str) -> None:
        self._under_pointer = key

    def _sleep(self, milliseconds: int) -> None:
        if not self._windows:
            time.sleep(milliseconds / 1000)  # without a window waitKey returns at once
            return
        pressed = cv2.waitKey(milliseconds)
        if pressed & 0xFF in _CLOSING_KEYS and pressed != -1:
            # OpenCV does not say which window the key was for: with several, it is the one the pointer was in last.
            key = self._under_pointer if len(self._windows) > 1 else next(iter(self._windows))
            if key is not None and key in self._windows:
                self._dismiss(key)

    def _tell(self, news: News) -> None:
        try:
            self._news.write(encode(news))
            self._news.flush()
        except OSError:  # the engine is going; the end of stdin follows
            log.debug("nobody hears news of windows")


def _trouble() -> Unavailable | None:
    """Whether this OpenCV can show windows and write names, as the message to send if it cannot."""
    framework = getattr(cv2, "currentUIFramework", str)()
    if not framework or not hasattr(cv2, "FontFace"):
        lack = "no windows (opencv-python-headless?)" if not framework else "no TrueType text (older than 5)"
        return Unavailable(
            f"this OpenCV has {lack}; windows stay off",
            "pip uninstall -y opencv-python-headless && pip install --force-reinstall 'opencv-python>=5'",
        )
    return None


def _quiet_fonts() -> None:
    """Point Qt to fonts: the wheel names a folder that it does not bring, which Qt deplores for every window."""
    for folder in _FONT_FOLDERS:
        if Path(folder).is_dir():
            os.environ["QT_QPA_FONTDIR"] = folder
            return
