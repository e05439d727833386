"""A program of ours that speaks JSON lines on stdin and stdout, running on one of the lab's hosts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.lab.json_program import JsonProgram, Line
from tests.lab.network import Host
from tests.support.engine import ROOT

_LAST_WORDS = 2000


class ProgramFailed(Exception):
    """It ended, refused, or did not answer in time."""


class Program(JsonProgram):
    """One `python -m MODULE ARGUMENTS`; what it does not do raises `ProgramFailed`.

    Args:
        name: for complaints.
        module: what runs.
        arguments: its command line.
        host: where it runs.
        env: further variables of its environment.
    """

    def __init__(
        self, name: str, module: str, arguments: Sequence[str], *, host: Host, env: dict[str, str] | None = None
    ) -> None:
        self._asked = 0
        super().__init__(name, host.popen, [sys.executable, "-m", module, *arguments], folder=ROOT, env=env or {})

    def said(self, kind: str, since: float = 0.0) -> list[tuple[float, Line]]:
        """All lines of a kind that came after a Unix time, with the time at which each came."""
        with self._news:
            return [(at, line) for at, line in self._said if at >= since and line.get("event") == kind]

    def ask(self, command: Line, seconds: float = 20.0) -> Line:
        """Give a command and wait for the line with the same `id`."""
        self._asked += 1
        number = self._asked
        self.send({**command, "id": number})
        return self.wait_for(lambda line: line.get("id") == number, seconds)

    def _failed(self, why: str) -> ProgramFailed:
        return ProgramFailed(f"{self.name} {why}: {self.stderr[-_LAST_WORDS:].strip()}")
