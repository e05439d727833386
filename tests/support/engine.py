"""A headless engine as a process of its own: commands in, events out, nothing left behind. For scenarios.

Its name, home and identity are its own. It is ended by its pid, also when the test fails.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.lab.json_program import JsonProgram, Line
from tests.lab.network import Host

Event = Line
ROOT = Path(__file__).parents[2]


class Engine(JsonProgram):
    """One `meshconf host --headless` or `meshconf join --headless`; tests wait for its events with a deadline.

    Args:
        name: What the others see.
        arguments: The command line after `meshconf`; `--headless`, `--name` and `--no-windows` are added.
        home: Folder of its keys and sockets.
        where: The lab's machine on which it runs; None for this one.
    """

    PROGRAM = "meshconf"
    """The module that runs."""

    def __init__(self, name: str, *arguments: str, home: Path, where: Host | None = None) -> None:
        self.home = home
        options = ["--headless", f"--name={name}", "--no-windows"]
        super().__init__(
            name,
            where.popen if where is not None else subprocess.Popen,
            [sys.executable, "-m", self.PROGRAM, *arguments, *options],
            folder=ROOT,
            env={"MESHCONF_HOME": str(home)},
        )

    # What it says.

    @property
    def events(self) -> list[Event]:
        """All events so far."""
        return self.lines()

    def wait_for_event(self, kind: str, seconds: float = 20.0, *, since: int = 0, **fields: Any) -> Event:
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

    def wait_connected(self, *others: Engine, seconds: float = 20.0) -> None:
        """Wait until it is connected with each of the others."""
        for other in others:
            self.wait_for_event("peer", seconds, peer=other.peer, state="connected")

    # What it is told.

    def ask(self, command: dict[str, Any], *, id: int, seconds: float = 5.0) -> Event:
        """Give a command and wait for its answer, ok or error."""
        since = self.mark()
        self.send({**command, "id": id})
        return self.wait_for(
            lambda event: event["event"] in ("ok", "error") and event.get("id") == id, seconds, since=since
        )

    # Its end.

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

    # Private.

    def _fits(self, line: Any) -> bool:
        return isinstance(line, dict) and isinstance(line["event"], str) and bool(line["t"] >= 0)

    def _failed(self, why: str) -> AssertionError:
        last = "\n".join(json.dumps(event)[:300] for event in self.events[-12:])
        return AssertionError(f"{self.name} {why}; its last events:\n{last}\n{self.stderr}")
