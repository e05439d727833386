"""One `meshconf` command as a process of its own, started in whatever state a careless caller leaves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from tests.support.engine import ROOT


@dataclass(frozen=True)
class Outcome:
    """How it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """What stood on stdout, every line of which must be an object."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def is_clear(self) -> bool:
        """Whether the person was told in one sentence, not with a traceback or a warning."""
        lines = self.stderr.splitlines()
        return len(lines) == 1 and lines[0].startswith("meshconf: ") and len(lines[0]) > 20


def meshconf(
    *arguments: str,
    given: str | bytes = b"",
    stdout: int | IO[bytes] = subprocess.PIPE,
    prepare: Callable[[], None] | None = None,
    seconds: float = 20.0,
    **environment: str | None,
) -> Outcome:
    """Run it to its end.

    Args:
        arguments: the command line.
        given: its stdin.
        stdout: where its output goes; a pipe that is read by default.
        prepare: called in the new process first.
        seconds: after so long it is killed, and `subprocess.TimeoutExpired` raised.
        environment: variables to set, or with None to take away.
    """
    variables = {**os.environ, **environment}
    done = subprocess.run(
        [sys.executable, "-m", "meshconf", *arguments],
        cwd=ROOT,
        env={name: value for name, value in variables.items() if value is not None},
        input=given.encode() if isinstance(given, str) else given,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=seconds,
        preexec_fn=prepare,
    )
    return Outcome(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())
