"""Who controlled this machine when, and how much: kinds and counts, never keys or text. One JSON object a line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec

from meshconf import paths
from meshconf.errors import MeshconfError

log = logging.getLogger("meshconf.conference")

NAME = "control.log"


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
    """The file in the folder of logs, readable by this user alone."""

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="control-journal")

    def put(self, entry: Entry) -> None:
        """Add a line, in a thread and in order; where that fails, the meeting goes on."""
        self._writer.submit(self._append, msgspec.json.encode(entry) + b"\n")

    async def close(self) -> None:
        """Wait until all is written."""
        await asyncio.to_thread(self._writer.shutdown)

    def _append(self, line: bytes) -> None:
        try:
            with open(paths.open_log(NAME), "ab") as file:
                file.write(line)
        except (OSError, MeshconfError) as error:
            log.warning("the log of remote control cannot be written: %s", error)


def moment() -> str:
    """Now, as it stands in the file."""
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
