"""`meshconf demo`: a real meeting on this machine, with simulated guests in processes of their own.

On a terminal the meeting opens in the face; without one it runs for a while and prints who saw and heard whom, at
what rate and delay. The guests show a moving picture and speak sentences that come with the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from statistics import median
from typing import TYPE_CHECKING, Any

from meshconf.cli.diagnostics import say
from meshconf.config import Options
from meshconf.errors import MeshconfError, NetworkError

if TYPE_CHECKING:
    from meshconf.cli.launcher import Attached

GUESTS = ("Ada", "Grace")
START_WITHIN = 20.0
"""Seconds for a process of the demo to be in the meeting."""


@dataclass
class Attendee:
    """One process of the demo, and what it reported."""

    name: str
    process: Process
    names: dict[str, str] = field(default_factory=dict)
    firsts: dict[tuple[str, str], float] = field(default_factory=dict)
    """Seconds from its start to the first frame, by peer's name and source."""
    readings: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    failure: str = ""

    def note(self, event: dict[str, Any]) -> None:
        """Take one of its events."""
        match event["event"]:
            case "peer":
                self.names[event["peer"]] = event["name"]
            case "first_frame":
                self.firsts[event["name"], event["source"]] = event["t"]
            case "error":
                self.failure = event["message"]
            case "stats":
                for link in event["links"]:
                    for source in link["sources"]:
                        key = (self.names.get(link["peer"], "?"), source["source"])
                        self.readings.setdefault(key, []).append(source)


def demo(*, headless: bool, seconds: float) -> int:
    """Run the demo; exit code 0 when everybody saw and heard everybody."""
    if headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return asyncio.run(_measure(seconds))
    return _with_face()


async def _measure(seconds: float) -> int:
    """Three headless processes; prints the table of who saw and heard whom."""
    say(f"A meeting of three on this machine, for {seconds:.0f} s: real processes, real connections.")
    with tempfile.TemporaryDirectory(prefix="meshconf-demo-") as folder:
        async with contextlib.AsyncExitStack() as stack:
            host = await stack.enter_async_context(_start("You", ["host", "Demo"], folder))
            link = await _invite(host)
            arguments = ["join"]
            guests = [await stack.enter_async_context(_start(name, arguments, folder, invite=link)) for name in GUESTS]
            attendees = [host, *guests]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.gather(*(_listen(attendee) for attendee in attendees))
    return _report(attendees)


@contextlib.asynccontextmanager
async def _start(name: str, what: list[str], folder: str, *, invite: str | None = None) -> AsyncIterator[Attendee]:
    environment = dict(os.environ, MESHCONF_HOME=os.path.join(folder, name))
    if invite is not None:
        environment["MESHCONF_INVITE"] = invite
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "meshconf", *what, "--headless", "--stats", "--no-windows", "--name", name,
        "--camera", "test", "--mic", _speech(name), "--speaker", "null",
        stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment, limit=2**20,
    )  # fmt: skip
    try:
        yield Attendee(name, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            # What is still in the pipe must be read, or a full pipe would keep the process from ending.
            await asyncio.wait_for(process.communicate(), 5.0)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _invite(host: Attendee) -> str:
    try:
        async with asyncio.timeout(START_WITHIN):
            async for event in _events(host):
                if event["event"] == "room":
                    return str(event["link"])
    except TimeoutError:
        raise MeshconfError("the demo's host did not start in time") from None
    raise MeshconfError(f"the demo's host could not start: {host.failure}")


async def _events(attendee: Attendee) -> AsyncIterator[dict[str, Any]]:
    assert attendee.process.stdout is not None
    while line := await attendee.process.stdout.readline():
        event: dict[str, Any] = json.loads(line)
        attendee.note(event)
        yield event


async def _listen(attendee: Attendee) -> None:
    async for _ in _events(attendee):
        pass


def _report(attendees: list[Attendee]) -> int:
    sys.stdout.write(
        f"{'':8}{'from':8}{'picture':>10}{'pictures/s':>12}{'delay ms':>10}{'heard, %':>10}{'first, s':>10}\n"
    )
    whole = True
    for attendee in attendees:
        for other in attendees:
            if other is attendee:
                continue
            pictures = attendee.readings.get((other.name, "camera"), [])[1:]
            sounds = attendee.readings.get((other.name, "mic"), [])[1:]
            first = max(attendee.firsts.get((other.name, source), float("inf")) for source in ("camera", "mic"))
            whole = whole and bool(pictures) and bool(sounds) and first < float("inf")
            size = f"{pictures[-1]['width']}x{pictures[-1]['height']}" if pictures else "none"
            delays = [reading["delay_ms"] for reading in pictures if reading["delay_ms"] is not None]
            sys.stdout.write(
                f"{attendee.name:8}{other.name:8}{size:>10}{_median(pictures, 'fps'):>12}"
                f"{f'{median(delays):.0f}' if delays else '-':>10}{_heard(sounds):>10}{first:>10.2f}\n"
            )
    sys.stdout.write("Everybody saw and heard everybody.\n" if whole else "Somebody did not see or hear somebody.\n")
    for attendee in attendees:
        if attendee.failure:
            say(f"{attendee.name}: {attendee.failure}")
    return 0 if whole else 1


def _heard(readings: list[dict[str, Any]]) -> str:
    """Share of the sound that was played as it came; pauses of a voice are not sent, so packets say nothing."""
    lost = [reading["concealed"] for reading in readings if reading["concealed"] is not None]
    return f"{100 * (1 - sum(lost) / len(lost)):.1f}" if lost else "-"


def _median(readings: list[dict[str, Any]], key: str) -> str:
    values = [reading[key] for reading in readings if reading[key] is not None]
    return f"{median(values):.1f}" if values else "-"


def _with_face() -> int:
    """The person is host; the guests come within a second, and go with the person."""
    from meshconf.cli.launcher import Attached, EngineLauncher
    from meshconf.conference.launch import launch
    from meshconf.headless.options import engine_arguments
    from meshconf.tui.run import run

    options = Options(name="You", title="Demo", camera="test", mic="none", speaker="default", windows=True)

    async def begin() -> tuple[Attached, str]:
        launched = await launch(engine_arguments(options))
        try:
            async for event in launched.client.events():
                if event["event"] == "room":
                    return Attached(launched.path), event["link"]
        finally:
            await launched.client.close()
        raise MeshconfError("the demo's meeting ended before it began")

    say("Opening a meeting with two simulated guests...")
    with tempfile.TemporaryDirectory(prefix="meshconf-demo-") as folder:
        # The guests have new keys each time: who meets them in earnest would be warned.
        os.environ["MESHCONF_HOME"] = os.path.join(folder, "You")
        engine, link = asyncio.run(begin())
        with _guests(link, folder) as guests:
            _end_with_the_terminal([int(engine.path.stem), *guests], folder)
            try:
                return run(EngineLauncher(options), engine=engine)
            finally:
                asyncio.run(_end(engine))


def _end_with_the_terminal(processes: Sequence[int], folder: str) -> None:
    """Whoever closes the window meant all of it: nothing goes on unseen. There is nothing left to draw on, either."""

    def end(*_: object) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(129)

    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, end)


@contextlib.contextmanager
def _guests(link: str, folder: str) -> Iterator[list[int]]:
    """Processes of the simulated people; they go when the block is left."""
    import subprocess

    guests = [
        subprocess.Popen(
            [sys.executable, "-m", "meshconf", "join", "--headless", "--no-windows", f"--name={name}",
             "--camera=test", f"--mic={_speech(name)}", "--speaker=null"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env=dict(os.environ, MESHCONF_HOME=os.path.join(folder, name), MESHCONF_INVITE=link),
        )
        for name in GUESTS
    ]  # fmt: skip
    try:
        yield [guest.pid for guest in guests]
    finally:
        for guest in guests:
            guest.terminate()
        for guest in guests:
            try:
                guest.wait(5)
            except subprocess.TimeoutExpired:
                guest.kill()
                guest.wait()


async def _end(engine: Attached) -> None:
    """The demo's meeting does not outlive it, also when the person only detached."""
    from meshconf.conference.control_socket import EngineClient

    with contextlib.suppress(NetworkError):
        client = await EngineClient.connect(engine.path)
        try:
            await client.send({"do": "leave"})
        finally:
            await client.close()


def _speech(name: str) -> str:
    """The sentences of a simulated guest."""
    return f"file:{resources.files('meshconf.cli') / 'speech' / name.lower()}.ogg"
