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

import msgspec

from meshconf import errors, paths
from meshconf.conference.control import EngineClient
from meshconf.errors import MeshconfError

READY_WITHIN = 30.0
"""Seconds until a new engine must answer: a join over a slow network is part of it."""


@dataclass(frozen=True, slots=True)
class Launched:
    """A running engine and our end of its socket."""

    client: EngineClient
    path: Path
    """Where other faces attach."""


class _Failure(msgspec.Struct):
    code: str
    message: str


async def launch(arguments: Sequence[str], *, invite: str | None = None) -> Launched:
    """Start an engine and attach to it.

    Args:
        arguments: options as of `meshconf host` and `meshconf join`.
        invite: what to join; None starts a meeting.

    Raises:
        MeshconfError: the engine's own reason why it did not start.
    """
    environment = dict(os.environ)
    environment.pop("MESHCONF_INVITE", None)
    if invite is not None:
        environment["MESHCONF_INVITE"] = invite
    process = await asyncio.to_thread(_spawn, ["host" if invite is None else "join", *arguments], environment)
    path = paths.runtime_dir() / f"{process.pid}.sock"
    try:
        return Launched(await _attach(process, path), path)
    except BaseException:
        process.terminate()
        raise


def _spawn(arguments: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the process, in a session of its own. Not asyncio's: it outlives the event loop of the face."""
    log = _log()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "meshconf.headless", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=sink,
            env=environment,
            start_new_session=True,
        )


def _log() -> Path:
    """Where the last words of engines go."""
    return paths.log_dir() / "engine.log"


async def _attach(process: subprocess.Popen[bytes], path: Path) -> EngineClient:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _reason(process)
        with contextlib.suppress(errors.NetworkError):
            return await EngineClient.connect(path)
        await asyncio.sleep(0.01)
    raise errors.NetworkError(f"The meeting did not start within {READY_WITHIN:.0f} s; {_log()} may say why.")


def _reason(process: subprocess.Popen[bytes]) -> MeshconfError:
    """Why an engine ended that never got to its socket: its one line on stdout."""
    assert process.stdout is not None
    line = process.stdout.read()
    try:
        failure = msgspec.json.decode(line, type=_Failure)
    except msgspec.DecodeError:
        return MeshconfError(f"The meeting's engine ended with code {process.returncode}; {_log()} may say why.")
    for kind in (kind for kind in vars(errors).values() if isinstance(kind, type)):
        if issubclass(kind, MeshconfError) and kind.code == failure.code:
            return kind(failure.message)
    return MeshconfError(failure.message)
