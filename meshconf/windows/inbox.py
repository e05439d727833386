"""What the engine tells the window process, read by a second thread and taken by the first, which has the windows.

A third one only sees whether the first still does so.
"""

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
"""Seconds without room for one more, or without a look at what there is, after which the window system hangs."""

LOOKS = 5
"""In so many parts these seconds are counted, so that a process that was stopped has not waited."""

GRACE = 2.0
"""Seconds that a hung window system may keep the process alive after the engine is gone."""


class Inbox:
    """Commands in the order in which they came.

    Args:
        commands: One a line, until the engine is gone.
        give_up: Called in another thread when the first is seen to hang, which nobody but that can end.
        holds: Whether the first thread has something that it must not keep, such as all keys of the display: then it
            hangs also if it takes nothing while there is nothing to take.
    """

    def __init__(
        self,
        commands: BinaryIO,
        give_up: Callable[[], object] = lambda: os._exit(1),
        *,
        holds: Callable[[], bool] = lambda: False,
    ) -> None:
        self.ended = False
        """Whether the engine is gone and all that it said is taken."""
        self._commands = commands
        self._give_up = give_up
        self._holds = holds
        self._waiting: queue.Queue[Command | None] = queue.Queue(WAITING)
        self._taken = False
        """Whether `take` was called since the last look at that."""

    def open(self) -> None:
        """Start reading."""
        threading.Thread(target=self._read, name="commands", daemon=True).start()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def take(self) -> Iterator[Command]:
        """Those that wait now."""
        self._taken = True
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

    def _watch(self) -> None:
        missed = 0
        while missed < LOOKS:
            time.sleep(HANGS_AFTER / LOOKS)
            if self.ended:
                return
            missed = 0 if self._taken or not self._holds() else missed + 1
            self._taken = False
        log.error("the window system hangs, and holds what others need")
        self._give_up()
