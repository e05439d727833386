"""A headless engine as a process of its own: commands in, events out, nothing left behind. For scenarios.

Its events are read by a thread, so that its pipe never fills; tests wait for them with a deadline. Its name, home and
identity are its own. It is ended by its pid, also when the test fails.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.lab.network import Host

Event = dict[str, Any]
ROOT = Path(__file__).parents[2]

_LEAVE_S = 8.0


class Engine:
    """One `meshconf host --headless` or `meshconf join --headless`.

    Args:
        name: What the others see.
        arguments: The command line after `meshconf`; `--headless`, `--name` and `--no-windows` are added.
        home: Folder of its keys and sockets.
        where: The lab's machine on which it runs; None for this one.
    """

    PROGRAM = "meshconf"
    """The module that runs."""

    def __init__(self, name: str, *arguments: str, home: Path, where: Host | None = None) -> None:
        self.name = name
        self.home = home
        self.stray_lines: list[bytes] = []
        """What stood on stdout and was no JSON object; must stay empty."""
        self._events: list[Event] = []
        self._news = threading.Condition()
        self._over = False
        self._complaints: list[str] = []
        popen = where.popen if where is not None else subprocess.Popen
        self.process: subprocess.Popen[bytes] = popen(
            [sys.executable, "-m", self.PROGRAM, *arguments, "--headless", f"--name={name}", "--no-windows"],
            cwd=ROOT,
            env={**os.environ, "MESHCONF_HOME": str(home), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None and self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout,), name=f"{name}-events"),
            threading.Thread(target=self._read_complaints, args=(self.process.stderr,), name=f"{name}-stderr"),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What it says.

    @property
    def events(self) -> list[Event]:
        """All events so far."""
        with self._news:
            return list(self._events)

    @property
    def stderr(self) -> str:
        """The text for people; whole once the process has ended and `wait` has returned."""
        return "".join(self._complaints)

    def mark(self) -> int:
        """Where the story stands now; give it to `wait_for` to see only what comes after."""
        with self._news:
            return len(self._events)

    def wait_for(self, wanted: Callable[[Event], bool], seconds: float = 15.0, *, since: int = 0) -> Event:
        """The first event since the mark that is as wanted, be it said already or still to come.

        Raises:
            AssertionError: it did not come in time, or the process ended without it.
        """
        deadline = time.monotonic() + seconds
        seen = since
        with self._news:
            while True:
                for event in self._events[seen:]:
                    if wanted(event):
                        return event
                seen = len(self._events)
                left = deadline - time.monotonic()
                if self._over or left <= 0:
                    break
                self._news.wait(left)
        why = f"{self.name} ended" if self._over else f"not within {seconds} s"
        last = "\n".join(json.dumps(event)[:300] for event in self._events[-12:])
        raise AssertionError(f"{self.name} did not say it ({why}); its last events:\n{last}\n{self.stderr}")

    def wait_for_event(self, kind: str, seconds: float = 15.0, *, since: int = 0, **fields: Any) -> Event:
        """The first event of that kind whose fields have these values."""
        return self.wait_for(
            lambda event: event["event"] == kind and all(event.get(key) == value for key, value in fields.items()),
            seconds,
            since=since,
        )

    @property
    def invite(self) -> str:
        """The newest code that it showed."""
        self.wait_for_event("room")
        return str([event["invite"] for event in self.events if event["event"] == "room"][-1])

    @property
    def link(self) -> str:
        """The newest link that it showed."""
        self.wait_for_event("room")
        return str([event["link"] for event in self.events if event["event"] == "room"][-1])

    @property
    def peer(self) -> str:
        """Its id."""
        return str(self.wait_for(lambda event: event["event"] in ("room", "joined"))["self"])

    def wait_connected(self, *others: Engine, seconds: float = 15.0) -> None:
        """Wait until it is connected with each of the others."""
        for other in others:
            self.wait_for_event("peer", seconds, peer=other.peer, state="connected")

    # What it is told.

    def send(self, command: dict[str, Any]) -> None:
        """Give a command; its answer is an event."""
        self.write(json.dumps(command).encode() + b"\n")

    def write(self, text: bytes) -> None:
        """Put bytes on its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def ask(self, command: dict[str, Any], *, id: int, seconds: float = 5.0) -> Event:
        """Give a command and wait for its answer, ok or error."""
        since = self.mark()
        self.send({**command, "id": id})
        return self.wait_for(
            lambda event: event["event"] in ("ok", "error") and event.get("id") == id, seconds, since=since
        )

    # Its end.

    def wait(self, seconds: float = _LEAVE_S) -> int:
        """Wait for its end; returns the exit code."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(seconds)
        return code

    def leave(self) -> int:
        """Leave as a person does; returns the exit code."""
        self.send({"do": "leave"})
        return self.wait()

    def kill(self) -> None:
        """End it without a word, as a crash would: SIGKILL."""
        self.process.kill()
        self.process.wait()

    @property
    def left_behind(self) -> list[str]:
        """Processes and sockets that outlived it."""
        found = [str(socket) for socket in self.home.rglob("*.sock")]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 0)
            found.append(f"process group {self.process.pid}")
        return found

    def close(self) -> None:
        """End it and all that it started; may be called twice."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_LEAVE_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    # Private: the reading threads.

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            try:
                event = json.loads(line)
                fits = isinstance(event, dict) and isinstance(event["event"], str) and event["t"] >= 0
            except (ValueError, KeyError, TypeError):
                fits = False
            with self._news:
                if fits:
                    self._events.append(event)
                else:
                    self.stray_lines.append(line)
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def _read_complaints(self, stderr: IO[bytes]) -> None:
        for line in stderr:
            self._complaints.append(line.decode(errors="replace"))
