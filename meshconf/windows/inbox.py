"""What the engine tells the window process, read by a second thread and taken by the first, which has the windows."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from meshconf.windows.wire import COMMANDS, MAX_LINE, Command

log = logging.getLogger("meshconf.windows")

WAITING = 256
"""Commands that may wait; with more the pipe fills, and the engine sees that nobody reads."""

HANGS_AFTER = 5.0
"""Seconds without room for one more after which the window system hangs."""

GRACE = 2.0
"""Seconds that a hung window system may keep the process alive after the engine is gone."""


class Inbox:
    """Commands in the order in which they came.

    Args:
        commands: One a line, until the engine is gone.
        give_up: Called in the second thread when the first is seen to hang, which nobody but this thread can end.
    """

    def __init__(self, commands: BinaryIO, give_up: Callable[[], object] = lambda: os._exit(1)) -> None:
        self.ended = False
        """Whether the engine is gone and all that it said is taken."""
        self._commands = commands
        self._give_up = give_up
        self._waiting: queue.Queue[Command | None] = queue.Queue(WAITING)

    def open(self) -> None:
        """Start reading."""
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def take(self) -> Iterator[Command]:
        """Those that wait now."""
        while not self.ended:
            try:
                command = self._waiting.get_nowait()
            except queue.Empty:
                return
            if command is None:
                self.ended = True
            else:
                yield command

    def _read(self) -> None:
        try:
            while line := self._commands.readline(MAX_LINE):
                try:
                    command = COMMANDS.decode(line)
                except msgspec.DecodeError:
                    log.warning("unreadable command of %d bytes", len(line))
                else:
                    self._waiting.put(command, timeout=HANGS_AFTER)
            self._waiting.put(None, timeout=GRACE)
            time.sleep(GRACE)
        except queue.Full:
            log.error("the window system hangs")
        self._give_up()
