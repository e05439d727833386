"""Starts engines as processes of their own, for faces: a face that crashes or detaches ends no call.

The invite travels in the environment, never in argv, where every user of the machine could read it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from meshconf import errors, paths
from meshconf.conference.control_socket import EngineClient
from meshconf.errors import MeshconfError

READY_WITHIN = 30.0
"""Seconds until a new engine must answer: a join over a slow network is part of it. The lobby has no limit."""
_LOOK_EVERY = 0.01
_LOOK_EVERY_IN_THE_LOBBY = 0.1
"""Seconds between two looks whether faces can attach."""
_LOG = "engine.log"


@dataclass(frozen=True, slots=True)
class Launched:
    """A running engine and our end of its socket."""

    client: EngineClient
    path: Path
    """Where other faces attach."""


class _Said(msgspec.Struct):
    """A line that an engine says before faces can attach: an error, or a notice while it waits in the lobby."""

    event: str
    code: str | None = None
    message: str = ""


async def launch(arguments: Sequence[str], *, invite: str | None = None) -> Launched:
    """Start an engine and attach to it, however long it waits in the lobby.

    Args:
        arguments: options as of `meshconf host` and `meshconf join`.
        invite: what to join; None starts a meeting.

    Raises:
        MeshconfError: the engine's own reason why it did not start.
    """
    launching = await Launching.begin(arguments, invite=invite)
    launched = await launching.outcome() or await launching.outcome()
    assert launched is not None, "the lobby is told once"
    return launched


class Launching:
    """An engine on its way into a meeting. Belongs to no event loop: one may see it begin and another see it end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._process = process
        self.path = paths.runtime_dir() / f"{process.pid}.sock"
        """Where faces attach once it is in."""
        self._said = b""
        self._in_lobby = False
        self._failure: _Said | None = None

    @classmethod
    async def begin(cls, arguments: Sequence[str], *, invite: str | None) -> Self:
        """Start the process; see `launch`."""
        environment = dict(os.environ)
        environment.pop("MESHCONF_INVITE", None)
        if invite is not None:
            environment["MESHCONF_INVITE"] = invite
        return cls(await asyncio.to_thread(_spawn, ["host" if invite is None else "join", *arguments], environment))

    async def outcome(self) -> Launched | None:
        """Wait until the engine is in; None, once, as soon as somebody there has to let us in first.

        Raises:
            MeshconfError: the engine's own reason why it did not start. If this is cancelled, the engine ends too.
        """
        try:
            return await self._outcome()
        except BaseException:
            self.give_up()
            raise

    def give_up(self) -> None:
        """End the engine; nobody in the meeting needs to know."""
        self._process.terminate()

    async def _outcome(self) -> Launched | None:
        was_waiting = self._in_lobby
        deadline = time.monotonic() + READY_WITHIN
        while was_waiting or time.monotonic() < deadline:
            if (code := self._process.poll()) is not None:
                raise self._reason(code)
            with contextlib.suppress(errors.NetworkError):
                return Launched(await EngineClient.connect(self.path), self.path)
            self._listen()
            if self._in_lobby and not was_waiting:
                return None
            await asyncio.sleep(_LOOK_EVERY_IN_THE_LOBBY if was_waiting else _LOOK_EVERY)
        raise errors.NetworkError(f"The meeting did not start within {READY_WITHIN:.0f} s; {_log()} may say why.")

    def _listen(self) -> None:
        """Read what the engine has said up to now."""
        assert self._process.stdout is not None
        self._said += self._process.stdout.read() or b""
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            with contextlib.suppress(msgspec.DecodeError):
                match msgspec.json.decode(line, type=_Said):
                    case _Said(event="notice", code="in-the-lobby"):
                        self._in_lobby = True
                    case _Said(event="error") as failure:
                        self._failure = failure

    def _reason(self, code: int) -> MeshconfError:
        """Why an engine ended that never got to its socket: its last words on stdout."""
        self._listen()
        failure = self._failure
        if failure is None:
            return MeshconfError(f"The meeting's engine ended with code {code}; {_log()} may say why.")
        for kind in (kind for kind in vars(errors).values() if isinstance(kind, type)):
            if issubclass(kind, MeshconfError) and kind.code == failure.code:
                return kind(failure.message)
        return MeshconfError(failure.message)


def _spawn(arguments: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the process, in a session of its own. Not asyncio's: it outlives the event loop of the face."""
    log = paths.open_log(_LOG)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "meshconf.headless", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    finally:
        os.close(log)


def _log() -> Path:
    """Where the last words of engines go."""
    return paths.log_dir() / _LOG
