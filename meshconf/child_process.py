"""Helper processes of our own: started, and ended kindly or not. What they say on stderr is kept in the folder of logs.

Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import meshconf
from meshconf import paths
from meshconf.errors import MeshconfError

log = logging.getLogger("meshconf")

LIMIT = 64 * 1024
"""Bytes of a line on stdout."""


async def spawn(
    module: str,
    *arguments: str,
    log_name: str,
    stdin: int = asyncio.subprocess.PIPE,
    stdout: int = asyncio.subprocess.PIPE,
    limit: int = LIMIT,
    environ: Mapping[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """Start `python -m module arguments` with the same meshconf as ours.

    Args:
        module: A package or module of ours.
        arguments: For it.
        log_name: Name of the file in the folder of logs that takes its stderr.
        stdin: As in `asyncio.create_subprocess_exec`.
        stdout: As there.
        limit: Bytes of the longest line that can be read from its stdout.
        environ: Variables to set in its environment, besides ours.

    Raises:
        OSError: It cannot be started.
    """
    stderr = await asyncio.to_thread(_open_log, log_name)
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # never import from the folder we happen to be in
            "-m",
            module,
            *arguments,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={**_environment(), **(environ or {})},
            limit=limit,
        )
    finally:
        os.close(stderr)


def kill(process: asyncio.subprocess.Process) -> None:
    """End a process at once; nothing if it has ended."""
    if process.returncode is None:
        # Not `process.kill`: it looks first whether the child has ended, and takes the news from asyncio.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


async def see_off(process: asyncio.subprocess.Process, within: float) -> None:
    """Wait until a process that was asked to end has done so; after `within` seconds it is killed."""
    try:
        async with asyncio.timeout(within):
            await process.wait()
    except TimeoutError:
        kill(process)
        await process.wait()


def _environment() -> dict[str, str]:
    """Ours, with the same meshconf from wherever it was imported."""
    home = str(Path(meshconf.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}


def _open_log(name: str) -> int:
    """A file to append to; where there can be none, what is said there is lost."""
    try:
        return paths.open_log(name)
    except (OSError, MeshconfError) as error:
        log.warning("the log %s cannot be written: %s", name, error)
        return os.open(os.devnull, os.O_WRONLY)
