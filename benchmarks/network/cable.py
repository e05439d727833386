"""Our end of the wire program: makes the cable of one of the lab's hosts a bad one for a while.

Only UDP is held back and lost, so that signaling over TCP sees a good network. Up is what the host sends.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Self

from benchmarks.network.impairment import Impairment
from tests.lab.network import Host
from tests.support.engine import ROOT


def missing() -> str | None:
    """Why no cable can be impaired here, or None when one can."""
    return None if shutil.which("iptables") else "iptables is not installed (sudo apt install iptables)"


@dataclass(frozen=True)
class Counters:
    """Packets of one direction, since the cable was laid."""

    passed: int
    lost: int
    overflowed: int


class Cable:
    """The impaired cable of a host; a context manager. Without an impairment it costs a few microseconds a packet."""

    def __init__(self, host: Host) -> None:
        """Describe it: whose."""
        self._host = host
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.network.wire"]
        self._process = self._host.popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stdout is not None:
            process.stdin.close()
            process.wait(5)
            process.stdout.close()

    def impair(self, *, up: Impairment | None = None, down: Impairment | None = None) -> dict[str, Counters]:
        """Change one direction or both from now on; returns the counters up to now, by direction."""
        given = {"up": up, "down": down}
        return self._ask({way: asdict(what) for way, what in given.items() if what is not None})

    def clear(self) -> dict[str, Counters]:
        """Make it a good cable again."""
        return self.impair(up=Impairment(), down=Impairment())

    def _ask(self, command: dict[str, dict[str, object]]) -> dict[str, Counters]:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return {way: Counters(*numbers) for way, numbers in self._answer().items()}

    def _answer(self) -> dict[str, list[int]]:
        assert self._process is not None and self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the program that impairs the cable has ended")
        answer: dict[str, list[int]] = json.loads(line)
        return answer
