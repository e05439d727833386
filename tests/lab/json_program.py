"""A program that is given and says one JSON object a line, here or on one of the lab's machines.

A thread reads what it says, with the time at which it came, so that its pipe never fills. On a machine of the lab it
must be started by a thread that stays: it dies with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

Line = dict[str, Any]
_LEAVE_S = 8.0


class JsonProgram(ABC):
    """A process of its own; a context manager that leaves nothing behind.

    Args:
        name: For complaints.
        popen: Starts it: `subprocess.Popen`, or that of a `Host`.
        command: What runs.
        folder: Where it runs.
        env: Variables of its environment beside ours.
    """

    def __init__(
        self,
        name: str,
        popen: Callable[..., subprocess.Popen[bytes]],
        command: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str],
    ) -> None:
        self.name = name
        self.stray_lines: list[bytes] = []
        """What stood on stdout and was not as it `_fits`."""
        self._said: list[tuple[float, Line]] = []
        self._news = threading.Condition()
        self._over = False
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.process = popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), name=name, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    @property
    def stderr(self) -> str:
        """Its text for people; until it is closed."""
        # Not through the file's own position, which the program shares.
        size = os.fstat(self._complaints.fileno()).st_size
        return os.pread(self._complaints.fileno(), size, 0).decode(errors="replace")

    def mark(self) -> int:
        """Where the story stands now; give it to `wait_for` to see only what comes after."""
        with self._news:
            return len(self._said)

    def lines(self, since: int = 0) -> list[Line]:
        """All that it said since the mark, so far."""
        with self._news:
            return [line for _, line in self._said[since:]]

    def wait_for(self, wanted: Callable[[Line], bool], seconds: float = 20.0, *, since: int = 0) -> Line:
        """The first line since the mark that is as wanted, be it said already or still to come.

        Raises:
            Exception: what `_failed` makes; it did not come in time, or the process ended without it.
        """
        deadline = time.monotonic() + seconds
        seen = since
        with self._news:
            while True:
                for _, line in self._said[seen:]:
                    if wanted(line):
                        return line
                seen = len(self._said)
                left = deadline - time.monotonic()
                if self._over or left <= 0:
                    break
                self._news.wait(left)
        raise self._failed("ended" if self._over else f"did not say it within {seconds:g} s")

    def send(self, command: Line) -> None:
        """Give a command; `write` says what is raised."""
        self.write(json.dumps(command).encode() + b"\n")

    def write(self, text: bytes) -> None:
        """Put bytes on its stdin.

        Raises:
            Exception: what `_failed` makes; it is gone.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(text)
            self.process.stdin.flush()
        except OSError as error:
            raise self._failed("is gone") from error

    def wait(self, seconds: float = _LEAVE_S) -> int:
        """Wait for its end; returns the exit code."""
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def close(self) -> None:
        """End it and all that it started; may be called twice."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_LEAVE_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()
        for stream in (self.process.stdin, self.process.stdout, self._complaints):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    # For those who inherit.

    def _fits(self, line: Any) -> bool:
        """Whether a line is one that this program may say."""
        return isinstance(line, dict)

    @abstractmethod
    def _failed(self, why: str) -> Exception:
        """What is raised when it does not do as it should; its own words belong to it."""

    # Private: the reading thread.

    def _read(self, stdout: IO[bytes]) -> None:
        with contextlib.suppress(ValueError):  # closed under us
            for text in stdout:
                self._hear(text)
        with self._news:
            self._over = True
            self._news.notify_all()

    def _hear(self, text: bytes) -> None:
        at = time.time()
        try:
            line = json.loads(text)
            fits = self._fits(line)
        except (ValueError, KeyError, TypeError):
            fits = False
        with self._news:
            if fits:
                self._said.append((at, line))
            else:
                self.stray_lines.append(text)
            self._news.notify_all()
