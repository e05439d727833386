"""Who controlled this machine when, and how much: kinds and counts, never keys or text. One JSON object a line."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from meshconf import paths
from meshconf.errors import MeshconfError

log = logging.getLogger("meshconf.conference")

NAME = "control.log"
LARGEST = 1_000_000
"""Bytes after which the file is put aside, in place of the one that was put aside before."""


class Entry(msgspec.Struct, omit_defaults=True):
    """One line."""

    at: str
    peer: str
    name: str
    identity: str | None
    state: str
    reason: str = ""
    seconds: float | None = None
    """Of a grant: for how long."""
    lasted: float = 0.0
    counts: Mapping[str, int] = {}


class Journal:
    """The file in the folder of logs, readable by this user alone.

    Args:
        path: another file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="control-journal")

    def put(self, entry: Entry) -> None:
        """Add a line, in a thread and in order; where that fails, the meeting goes on."""
        self._writer.submit(self._append, msgspec.json.encode(entry) + b"\n")

    async def close(self) -> None:
        """Wait until all is written."""
        await asyncio.to_thread(self._writer.shutdown)

    def _append(self, line: bytes) -> None:
        try:
            path = self._path or paths.log_dir() / NAME
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size > LARGEST:
                path.replace(path.with_suffix(".old.log"))
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(descriptor, "ab") as file:
                file.write(line)
        except (OSError, MeshconfError) as error:
            log.warning("the log of remote control cannot be written: %s", error)


def moment() -> str:
    """Now, as it stands in the file."""
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
