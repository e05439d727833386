"""The control API over a local socket: many faces, one engine; JSON lines both ways, this user only.

A face that is slow, mad or gone harms neither the call nor other faces: its lines are bounded and checked, its
events are dropped oldest first.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshconf import paths
from meshconf.conference import commands, events
from meshconf.conference.bulletin import Subscription
from meshconf.conference.face_commands import FaceCommand, Subscribe, View
from meshconf.conference.failure import event_of
from meshconf.conference.tasks import Tasks
from meshconf.conference.turns import Turns
from meshconf.errors import MeshconfError, NetworkError

if TYPE_CHECKING:  # faces use the client's half alone, and a terminal shows something half a second sooner
    from meshconf.conference.conference import Conference

log = logging.getLogger("meshconf.conference")

LINE = commands.MAX_COMMAND + 1


async def obey(meeting: Conference, line: bytes | str, face: Subscription | None = None) -> events.Event | None:
    """Carry out one line; returns the answer, or None for a blank line. Never raises on bad input.

    Args:
        meeting: who carries it out.
        line: one command.
        face: whose line it is, if it may ask for the frequent events and for pictures as well.
    """
    if not line.strip():
        return None
    number: int | None = None
    try:
        command = commands.parse(line)
        number = command.id
        if face is not None and isinstance(command, FaceCommand):
            _serve(face, command, meeting)
        else:
            await meeting.do(command)
    except MeshconfError as error:
        if isinstance(error, commands.UnreadableCommand):
            number = error.id
        return event_of(error, id=number)
    except Exception:
        log.exception("a command failed")
        return events.Error(code="internal", message="The command failed; the log says why.", id=number)
    return events.Ok(id=number)


def _serve(face: Subscription, command: FaceCommand, meeting: Conference) -> None:
    match command:
        case Subscribe(levels=levels, stats=stats):
            face.levels, face.stats = levels, stats
        case View(peer=peer, source=source, height=height, fps=fps):
            face.view(peer, source, height, fps)
            meeting.views_changed()


class ControlServer:
    """The engine's end of the local socket.

    Raises:
        MeshconfError: there is no folder for it.
    """

    def __init__(self, meeting: Conference, path: Path | None = None) -> None:
        self._meeting = meeting
        self.path = path or paths.runtime_dir() / f"{os.getpid()}.sock"
        self._server: asyncio.Server | None = None
        self._tasks = Tasks()

    async def start(self) -> None:
        """Listen; the socket file is readable by this user alone.

        Raises:
            MeshconfError: the socket cannot be made.
        """
        listening = None
        try:
            self.path.unlink(missing_ok=True)
            listening = _private_socket(self.path)
            # In two steps: whoever is cancelled in the second has a server to close.
            self._server = await asyncio.start_unix_server(
                self._accept, sock=listening, limit=LINE, start_serving=False
            )
            await self._server.start_serving()
        except OSError as error:
            if listening is not None:
                listening.close()
            raise MeshconfError(f"The control socket {self.path} cannot be made: {error.strerror or error}.") from error

    async def close(self) -> None:
        """Let every face go and remove the socket file."""
        if self._server is not None:
            self._server.close()
        await self._tasks.close()
        self.path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.spawn(self._serve(reader, writer), "face")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subscription = self._meeting.events()
        telling = asyncio.create_task(self._tell(subscription, writer))

        async def do(line: bytes) -> None:
            if (answer := await obey(self._meeting, line, subscription)) is not None:
                self._meeting.answer(subscription, answer)

        turns = Turns(do)
        try:
            while line := await reader.readline():
                await turns.take(line)
            await turns.finish()
        except (ValueError, ConnectionError):
            # A line over the limit cannot be resynchronised; the face may come back.
            subscription.put(events.Error(code="usage", message="A command line is too long."))
        finally:
            await turns.close()
            subscription.close()
            with contextlib.suppress(asyncio.TimeoutError, ConnectionError):
                await asyncio.wait_for(telling, 1.0)
            writer.close()

    @staticmethod
    async def _tell(subscription: Subscription, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            async for event in subscription:
                writer.write(events.line(event))
                await writer.drain()
            writer.write_eof()


def _private_socket(path: Path) -> socket.socket:
    """A socket file that this user alone can open.

    The umask is that of the whole process: nothing may be awaited, and so nothing else be made, while it is changed.
    """
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening


class EngineClient:
    """A face's end of the local socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, path: Path) -> EngineClient:
        """Attach to a running engine.

        Raises:
            NetworkError: nothing answers there.
        """
        try:
            return cls(*await asyncio.open_unix_connection(path, limit=2**20))
        except OSError as error:
            raise NetworkError("No meeting runs here (any more).") from error

    async def subscribe(self) -> None:
        """Ask for levels and statistics as well, as a face with meters does."""
        await self.send({"do": "subscribe", "levels": True, "stats": True})

    async def send(self, command: dict[str, Any]) -> None:
        """Give one command; its answer is an event.

        Raises:
            NetworkError: the engine is gone.
        """
        try:
            self._writer.write(json.dumps(command).encode() + b"\n")
            await self._writer.drain()
        except OSError as error:
            raise NetworkError("The meeting's engine is gone.") from error

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """The present as events, then what happens; ends with the engine."""
        with contextlib.suppress(ConnectionError):
            while line := await self._reader.readline():
                yield json.loads(line)

    async def close(self) -> None:
        """Detach; the meeting goes on."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def running() -> list[Path]:
    """Sockets of engines that run for this user, newest first; those of dead ones are removed."""
    found = []
    for path in paths.runtime_dir().glob("*.sock"):
        try:
            os.kill(int(path.stem), 0)
            found.append((path.stat().st_mtime, path))
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except (ValueError, OverflowError, PermissionError, FileNotFoundError):
            continue  # not ours, or just gone
    return [path for _, path in sorted(found, reverse=True)]
