"""Runs one meeting for scripts and bots, and as the engine under other faces: an exit code comes out.

Nothing but JSON lines goes to stdout. End of input does not leave the meeting; SIGINT and SIGTERM leave it cleanly.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from dataclasses import replace
from typing import Any

from meshconf.conference import events
from meshconf.conference.bulletin import Subscription
from meshconf.conference.conference import Conference
from meshconf.conference.control_socket import LINE, ControlServer, obey
from meshconf.conference.endings import exit_code
from meshconf.conference.failure import sentence_of
from meshconf.conference.keystore import KeyStore
from meshconf.conference.talk.preferences import PreferenceFile
from meshconf.conference.turns import Turns
from meshconf.config import Options
from meshconf.errors import MeshconfError
from meshconf.headless.stdout import Stdout
from meshconf.headless.streams import complain, stdout_is_deserted
from meshconf.protocol.invite import parse_invite
from meshconf.types import Ending

LOOK_EVERY = 1.0
"""Seconds between two looks whether the face that started us is still there."""


async def run(options: Options, invite: str | None, *, seconds: float | None, stdio: bool = True) -> int:
    """Hold a meeting until it is over.

    Args:
        options: of the meeting.
        invite: code or link to join by; None starts a meeting.
        seconds: leave after so long.
        stdio: whether commands are read from stdin and events written to stdout; else stdout says only what comes
            before faces can attach, and nobody wants pictures that neither a window nor a face shows.

    Returns:
        The exit code of the contract.

    Raises:
        MeshconfError: the meeting could not begin; nothing is left running then.
    """
    known = KeyStore()
    with known.identity() as identity:
        options = options if stdio else replace(options, unseen_pictures=False)
        parsed = None if invite is None else parse_invite(invite)
        meeting = Conference(options, identity, parsed, known, PreferenceFile())
        return await _hold(meeting, seconds, stdio)


async def _hold(meeting: Conference, seconds: float | None, stdio: bool) -> int:
    begun = asyncio.Event()
    _leave_on_signals(meeting, begun)
    control = ControlServer(meeting)
    subscription = meeting.events()
    minding = None if stdio else asyncio.create_task(_mind_the_face(_this_task()))
    following = asyncio.create_task(_follow(meeting, subscription, control, Stdout(), whole=stdio))
    try:
        async with meeting:
            begun.set()
            if minding is not None:
                minding.cancel()
            if meeting.missing and stdio:
                meeting.finish(Ending.DEVICE)
            reason = await _until_over(meeting, subscription if stdio else None, seconds)
    except asyncio.CancelledError:
        reason = Ending.INTERRUPTED
    finally:
        if minding is not None:
            minding.cancel()
        subscription.close()
        try:
            await following
        finally:
            await control.close()
    if reason is Ending.DEVICE:
        for error in meeting.missing:
            complain(sentence_of(error))
    return exit_code(reason)


def _leave_on_signals(meeting: Conference, begun: asyncio.Event) -> None:
    """Leave a meeting that has begun; else give up whatever we wait for."""
    waiting = _this_task()

    def interrupted() -> None:
        if begun.is_set():
            meeting.finish(Ending.INTERRUPTED)
        else:
            waiting.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted)


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


async def _until_over(meeting: Conference, commands_for: Subscription | None, seconds: float | None) -> Ending:
    """Obey stdin, where it has commands for that subscription, until the end; returns the reason."""
    reading = None if commands_for is None else asyncio.create_task(_obey_stdin(meeting, commands_for))
    try:
        async with asyncio.timeout(seconds):
            return await meeting.over()
    except TimeoutError:
        return Ending.LEFT
    finally:
        if reading is not None:
            reading.cancel()


async def _mind_the_face(me: asyncio.Task[object]) -> None:
    """Give up when the face that started us dies: until there is a socket, say in the lobby, nobody else finds us."""
    while not stdout_is_deserted():  # noqa: ASYNC110 - no event tells it
        await asyncio.sleep(LOOK_EVERY)
    me.cancel()


async def _follow(
    meeting: Conference, subscription: Subscription, control: ControlServer, stdout: Stdout, *, whole: bool
) -> None:
    """Hand every event on. Scripts use the control socket at once, so it is there before the meeting is announced.

    An engine under another face says on stdout only what comes before there is a socket (not `whole`): that it waits
    in the lobby. Whoever never was in the meeting is not told to have left it: the error says all.
    """
    announced = False
    try:
        async for event in subscription:
            if not announced and isinstance(event, events.Room | events.Joined):
                await control.start()
                announced = True
            if whole if announced else not isinstance(event, events.Left):
                stdout.put(event)
    except MeshconfError:
        meeting.finish(Ending.LEFT)
        raise
    finally:
        await stdout.close()


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

    async def do(line: bytes) -> None:
        if (answer := await obey(meeting, line)) is not None:
            meeting.answer(subscription, answer)

    turns = Turns(do)
    try:
        while True:
            await turns.take(await lines.get())
    finally:
        await turns.close()
