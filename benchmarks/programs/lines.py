"""Commands as JSON lines on stdin, answers and events as JSON lines on stdout, for programs on asyncio."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

Line = dict[str, Any]
Obey = Callable[[Line], Awaitable[str]]
"""Carries out one command; returns the SDP that answers it, or nothing."""

_LONGEST = 1 << 20
_PROBE = 0.05


async def serve(obey: Obey) -> None:
    """Carry out commands until stdin ends."""
    reader = asyncio.StreamReader(limit=_LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        say({"event": "done", "id": command["id"], "sdp": await obey(command)})


def say(line: Line) -> None:
    """Say a line."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class LoopLag:
    """How late the event loop wakes a sleeper: the worst since the last question. As meshconf's engine measures it."""

    def __init__(self) -> None:
        self._worst = 0.0

    async def run(self) -> None:
        """Probe for ever."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_PROBE)
            self._worst = max(self._worst, time.monotonic() - before - _PROBE)

    def take_ms(self) -> float:
        """The worst since the last call, in milliseconds."""
        worst, self._worst = self._worst, 0.0
        return round(worst * 1000, 2)
