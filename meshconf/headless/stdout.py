"""JSON lines to stdout by a daemon thread: a reader that does not read delays nothing, not even our end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading

from meshconf.conference import events
from meshconf.headless.streams import complain

FLUSH_WITHIN = 1.0
"""Seconds at the end for a slow reader to take the last lines."""
AT_ONCE = 1000
"""Lines that wait for a slow reader; beyond it the oldest are lost, as for any face."""


class Stdout:
    """Whoever makes one closes it."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._gone = False
        self._done = threading.Event()
        threading.Thread(target=self._write, name="stdout", daemon=True).start()

    def put(self, event: events.Event) -> None:
        """Write an event soon; never waits, and never fails: nobody may be reading, or the disk be full."""
        if self.waiting >= AT_ONCE:
            with contextlib.suppress(queue.Empty):
                self._lines.get_nowait()
        if not self._gone:
            self._lines.put(events.line(event))

    @property
    def waiting(self) -> int:
        """Lines that nobody has taken yet."""
        return self._lines.qsize()

    async def close(self) -> None:
        """Wait until all is written, or nobody takes it."""
        self._lines.put(None)
        await asyncio.to_thread(self._done.wait, FLUSH_WITHIN)

    def _write(self) -> None:
        # Not the writer of sys.stdout, whose lock the interpreter wants at its end; descriptor 1 may be gone.
        try:
            while (line := self._lines.get()) is not None:
                while line:
                    line = line[os.write(1, line) :]
        except OSError as error:
            self._gone = True
            if not isinstance(error, BrokenPipeError):
                complain(f"stdout takes no more events: {error.strerror}; the meeting goes on.")
        self._done.set()
