"""A program of ours that speaks JSON lines on stdin and stdout, running on one of the lab's hosts.

A thread reads what it says, with the time at which it came. It must be started by a thread that stays: it dies with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import IO, Any, Self

from tests.lab.network import Host
from tests.support.engine import ROOT

Line = dict[str, Any]
_LEAVE_S = 5.0


class ProgramFailed(Exception):
    """It ended, refused, or did not answer in time."""


class Program:
    """One `python -m MODULE ARGUMENTS`; a context manager.

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
        self.name = name
        self._said: list[tuple[float, Line]] = []
        self._news = threading.Condition()
        self._over = False
        self._asked = 0
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process: subprocess.Popen[bytes] = host.popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), name=name, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def said(self, kind: str, since: float = 0.0) -> list[tuple[float, Line]]:
        """All lines of a kind that came after a Unix time, with the time at which each came."""
        with self._news:
            return [(at, line) for at, line in self._said if at >= since and line.get("event") == kind]

    def wait_for(self, wanted: Callable[[Line], bool], seconds: float = 20.0) -> Line:
        """The first line, said already or still to come, that is as wanted.

        Raises:
            ProgramFailed: it did not come in time, or the program ended.
        """
        deadline = time.monotonic() + seconds
        seen = 0
        with self._news:
            while True:
                for _, line in self._said[seen:]:
                    if wanted(line):
                        return line
                seen = len(self._said)
                left = deadline - time.monotonic()
                if self._over or left <= 0:
                    raise ProgramFailed(f"{self.name} {'ended' if self._over else 'is silent'}: {self._last_words()}")
                self._news.wait(left)

    def send(self, command: Line) -> None:
        """Give a command.

        Raises:
            ProgramFailed: it is gone.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ProgramFailed(f"{self.name} is gone: {self._last_words()}") from error

    def ask(self, command: Line, seconds: float = 20.0) -> Line:
        """Give a command and wait for the line with the same `id`."""
        self._asked += 1
        number = self._asked
        self.send({**command, "id": number})
        return self.wait_for(lambda line: line.get("id") == number, seconds)

    def close(self) -> None:
        """End it and all that it started; may be called twice."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LEAVE_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(_LEAVE_S)
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _read(self, stdout: IO[bytes]) -> None:
        with contextlib.suppress(ValueError):  # closed under us
            for text in stdout:
                with contextlib.suppress(ValueError):
                    line = json.loads(text)
                    with self._news:
                        self._said.append((time.time(), line))
                        self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def _last_words(self) -> str:
        # Not through the file's own position, which the program shares.
        size = os.fstat(self._complaints.fileno()).st_size
        return os.pread(self._complaints.fileno(), 2000, max(0, size - 2000)).decode(errors="replace").strip()
