"""Runs one meeting for scripts and bots, and as the engine under other faces: an exit code comes out.

Nothing but JSON lines goes to stdout. End of input does not leave the meeting; SIGINT and SIGTERM leave it cleanly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import sys
import threading

from meshconf.conference import events
from meshconf.conference.bulletin import Subscription
from meshconf.conference.conference import Conference
from meshconf.conference.control import LINE, ControlServer, obey
from meshconf.conference.keystore import KeyStore
from meshconf.config import Options
from meshconf.errors import DeviceError, MeshconfError

INTERRUPTED = 130
FLUSH_WITHIN = 1.0
"""Seconds at the end for a slow reader of stdout to take the last lines."""


async def run(options: Options, invite: str | None, *, seconds: float | None, stdio: bool = True) -> int:
    """Hold a meeting until it is over.

    Args:
        options: of the meeting.
        invite: code or link to join by; None starts a meeting.
        seconds: leave after so long.
        stdio: whether commands are read from stdin and events written to stdout for the whole meeting; else only
            a failure to start is.

    Returns:
        The exit code of the contract.
    """
    with KeyStore().identity() as identity:
        settings = {name: getattr(options, name) for name in options.__dataclass_fields__}
        try:
            meeting = (
                Conference.host(identity=identity, **settings)
                if invite is None
                else Conference.join(invite, identity=identity, **settings)
            )
            return await _hold(meeting, seconds, stdio)
        except MeshconfError as error:
            _fail(error)
            return error.exit_code


async def _hold(meeting: Conference, seconds: float | None, stdio: bool) -> int:
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()
    assert me is not None
    started = False

    def interrupted() -> None:
        if started:
            meeting.finish("interrupted")
        else:
            me.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    subscription = meeting.events()
    telling = asyncio.create_task(_Stdout().tell(subscription)) if stdio else None
    control = ControlServer(meeting)
    try:
        async with meeting:
            started = True
            await control.start()
            reading = asyncio.create_task(_obey_stdin(meeting, subscription)) if stdio else None
            try:
                if meeting.missing and stdio:
                    meeting.finish("device")
                async with asyncio.timeout(seconds):
                    reason = await meeting.over()
            except TimeoutError:
                reason = "left"
            finally:
                if reading is not None:
                    reading.cancel()
    except asyncio.CancelledError:
        reason = "interrupted"
    finally:
        await control.close()
        subscription.close()
        if telling is not None:
            await telling
    if reason == "device":
        return DeviceError.exit_code
    return INTERRUPTED if reason == "interrupted" else 0


class _Stdout:
    """Lines to stdout by a daemon thread: a reader that does not read delays nothing, not even our end."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._done = threading.Event()
        threading.Thread(target=self._write, name="stdout", daemon=True).start()

    async def tell(self, subscription: Subscription) -> None:
        """Write every event until the last."""
        async for event in subscription:
            self._lines.put(events.line(event))
        self._lines.put(None)
        await asyncio.to_thread(self._done.wait, FLUSH_WITHIN)

    def _write(self) -> None:
        # Not the writer of sys.stdout, whose lock the interpreter wants at its end; descriptor 1 may be closed.
        with contextlib.suppress(OSError):
            while (line := self._lines.get()) is not None:
                while line:
                    line = line[os.write(1, line) :]
        self._done.set()


async def _obey_stdin(meeting: Conference, subscription: Subscription) -> None:
    """Lines from stdin, read by a daemon thread: stdin may be a file, a pipe, a terminal, or closed."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue(100)

    def read() -> None:
        if sys.stdin is None:
            return  # started without one: descriptor 0 may be anything
        # Not the reader of sys.stdin: the interpreter closes that at its end, and aborts while a thread waits in it.
        with contextlib.suppress(OSError, ValueError, RuntimeError), open(0, "rb", closefd=False) as stdin:
            while line := stdin.readline(LINE):
                asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    threading.Thread(target=read, name="stdin", daemon=True).start()
    while True:
        answer = await obey(meeting, await lines.get())
        if answer is not None:
            meeting.answer(subscription, answer)


def _fail(error: MeshconfError) -> None:
    sentence = f"{error} {getattr(error, 'fix', '')}".strip()
    with contextlib.suppress(OSError):
        os.write(1, events.line(events.Error(code=error.code, message=sentence)))
    sys.stderr.write(f"meshconf: {sentence}\n")
