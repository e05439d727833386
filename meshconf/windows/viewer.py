"""The window process: follows the engine's commands and keeps the windows up to date.

OpenCV lives on the main thread; a second thread only waits for commands, see `inbox`. Ends when stdin does, so never
outlives the engine. PyAV must not be imported here: beside OpenCV's windows it makes the process hang.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import cv2

from meshconf.errors import MeshconfError
from meshconf.paths import data_dir
from meshconf.pictures.bus import PictureReader
from meshconf.windows.attention import Attention
from meshconf.windows.board import Board
from meshconf.windows.event_queue import keep_events_for_qt
from meshconf.windows.inbox import Inbox
from meshconf.windows.inlet import CallbackInlet, Inlet, XInlet
from meshconf.windows.places import FILE, Places
from meshconf.windows.steering import Steering
from meshconf.windows.wire import (
    NEWS,
    Acted,
    Arrange,
    Blank,
    Closed,
    Command,
    Frame,
    Framing,
    Hide,
    News,
    Pointers,
    Ready,
    Retitle,
    SetMode,
    Show,
    Unavailable,
    Unframed,
    Viewed,
)

if TYPE_CHECKING:
    from meshconf.windows.x11.display import XWindows
    from meshconf.windows.x11.frame import ScreenFrame

log = logging.getLogger("meshconf.windows")

_STEERING_MS, _BUSY_MS, _IDLE_MS = 3, 6, 25
_IDLE_AFTER = 0.5  # seconds without a picture
_LOOK_EVERY, _ASK_EVERY = 0.05, 0.2  # seconds between two looks at our windows, and two questions to the X server
_REMEMBER_EVERY = 2.0  # seconds between two looks at where windows are
_FONT_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu-sans-fonts")
_NO_FRAME = "No frame can be shown around your screen here; the banner in the terminal is all that tells of control."


def serve(commands: BinaryIO, news: BinaryIO) -> None:
    """Show windows until the engine is gone, or not at all where this OpenCV cannot.

    Args:
        commands: What the engine says, one command a line.
        news: What it hears.
    """
    tell = partial(_tell, news)
    trouble = _trouble()
    if trouble is not None:
        tell(trouble)
        return
    keep_events_for_qt()
    _quiet_fonts()
    # Its threads wait for each other by spinning, which costs twice what one does alone.
    cv2.setNumThreads(1)
    system = _system()
    inlet: Inlet = CallbackInlet() if system is None else XInlet(system)
    board = Board(Places(_memory()), system, inlet.attend)
    inbox = Inbox(commands, holds=lambda: system is not None and system.grabbed is not None)
    viewer = Viewer(inbox, inlet, board, system, tell)
    inbox.open()
    tell(Ready())
    viewer.run()
    board.close()
    if system is not None:
        system.close()


class Viewer:
    """All windows, and what the engine hears of them.

    Args:
        inbox: What it says.
        inlet: What happens in the windows.
        board: The pictures in them.
        system: The X server; None where there is none.
        tell: Takes news for the engine.
    """

    def __init__(
        self, inbox: Inbox, inlet: Inlet, board: Board, system: XWindows | None, tell: Callable[[News], None]
    ) -> None:
        self._inbox = inbox
        self._inlet = inlet
        self._board = board
        self._system = system
        self._tell = tell
        self._steering = Steering(board, system, lambda key, act: tell(Acted(key, act)), self._dismiss)
        self._attention = Attention()
        self._minimised: frozenset[str] = frozenset()
        self._frame: ScreenFrame | None = None
        self._next_look = self._next_question = self._next_memory = 0.0

    def run(self) -> None:
        """Do what the engine says and what the person does, until the engine is gone."""
        last_picture = time.monotonic()
        while self._obey():
            now = time.monotonic()
            self._dismiss(self._board.closed())
            for happening in self._inlet.happenings():
                self._steering.happen(happening, now)
            self._steering.turn(now)
            if self._board.refresh(self._minimised, now):
                last_picture = now
            self._look(now)
            if self._frame is not None:
                self._frame.turn(now)
            self._wait(idle=now - last_picture > _IDLE_AFTER)

    def _obey(self) -> bool:
        for command in self._inbox.take():
            self._follow(command, time.monotonic())
        return not self._inbox.ended

    def _follow(self, command: Command, now: float) -> None:
        tiles = self._board.tiles
        match command:
            case Show(key, title, bus, screen):
                self._show(key, title, bus, screen, now)
            case Hide(key) if key in tiles:
                self._close(key)
            case Blank(key, text) if key in tiles:
                tiles[key].blank(text)
            case Retitle(key, title) if key in tiles:
                tiles[key].retitle(title)
            case SetMode(key, mode):
                self._steering.set_mode(key, mode, now)
            case Pointers(key, pointers) if key in tiles:
                tiles[key].pointing.others(pointers, now)
                tiles[key].touch()
            case Arrange(layout):
                self._board.arrange(layout)
            case Frame(framing):
                self._set_frame(framing)

    def _show(self, key: str, title: str, bus: str, screen: bool, now: float) -> None:
        try:
            reader = PictureReader(bus)
        except (OSError, ValueError) as error:
            log.warning("no pictures for a window: %s", error)
            return
        self._board.show(key, title, reader, screen=screen, now=now)

    def _set_frame(self, framing: Framing | None) -> None:
        if self._frame is not None:
            self._frame.close()
            self._frame = None
        if framing is None:
            return
        try:
            self._frame = _frame(self._system, framing)
        except OSError as error:
            log.warning("no frame around the display: %s", error)
            self._tell(Unframed(_NO_FRAME))

    def _dismiss(self, keys: list[str]) -> None:
        """The person has closed the window with these pictures."""
        for key in list(keys):
            self._close(key)
            self._tell(Closed(key))

    def _close(self, key: str) -> None:
        self._steering.forget(key)
        self._board.drop(key)
        self._attention.forget(key)

    def _look(self, now: float) -> None:
        """Tell the engine how much of the pictures is seen, where that has changed and settled."""
        if now < self._next_look or not self._board.tiles:
            return
        self._next_look = now + _LOOK_EVERY
        if now >= self._next_question and self._system is not None:
            self._next_question = now + _ASK_EVERY
            self._minimised = self._system.minimised()
        for key, look in self._board.looks(self._minimised):
            self._attention.notice(key, look, now)
        for key, look in self._attention.settled(now):
            self._tell(Viewed(key, look.height, look.visible))
        if now >= self._next_memory:
            self._next_memory = now + _REMEMBER_EVERY
            self._board.note_places()

    def _wait(self, *, idle: bool) -> None:
        milliseconds = _STEERING_MS if self._steering.busy else _IDLE_MS if idle else _BUSY_MS
        if self._board.has_windows:
            self._inlet.wait(milliseconds)
        else:
            time.sleep(milliseconds / 1000)  # without a window waitKey returns at once


def _tell(pipe: BinaryIO, news: News) -> None:
    try:
        pipe.write(NEWS.encode(news))
        pipe.flush()
    except OSError:  # the engine is going; the end of stdin follows
        log.debug("nobody hears news of windows")


def _memory() -> Path | None:
    """Where the places of windows are remembered; nowhere if this person has no home."""
    try:
        return data_dir() / FILE
    except MeshconfError:
        return None


def _system() -> XWindows | None:
    """The X server, where there is one that we can ask."""
    if sys.platform != "linux":
        return None
    try:
        from meshconf.windows.x11.display import XWindows

        return XWindows()
    except (OSError, ImportError) as error:
        log.info("windows are known by OpenCV only: %s", error)
        return None


def _frame(system: XWindows | None, framing: Framing) -> ScreenFrame:
    """Raises OSError where there can be none."""
    if system is None:
        raise OSError("there is no X server")
    from meshconf.windows.x11.frame import ScreenFrame

    return ScreenFrame(system.display, *framing)


def _trouble() -> Unavailable | None:
    """Whether this OpenCV can show windows and write names, as the message to send if it cannot."""
    framework = getattr(cv2, "currentUIFramework", str)()
    if not framework or not hasattr(cv2, "FontFace"):
        lack = "no windows (opencv-python-headless?)" if not framework else "no TrueType text (older than 5)"
        return Unavailable(
            f"This OpenCV has {lack}; windows stay off.",
            "pip uninstall -y opencv-python-headless && pip install --force-reinstall 'opencv-python>=5'",
        )
    return None


def _quiet_fonts() -> None:
    """Point Qt to fonts: the wheel names a folder that it does not bring, which Qt deplores for every window."""
    for folder in _FONT_FOLDERS:
        if Path(folder).is_dir():
            os.environ["QT_QPA_FONTDIR"] = folder
            return
