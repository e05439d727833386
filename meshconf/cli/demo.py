"""`meshconf demo`: a real meeting on this machine, with simulated guests in processes of their own.

On a terminal the meeting opens in the face; without one it runs for a while and prints who saw and heard whom. The
guests show a moving picture and speak sentences that come with the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from meshconf.cli.demo_report import Attendee, everybody_met, print_report
from meshconf.cli.diagnostics import say
from meshconf.config import Options
from meshconf.errors import MeshconfError, NetworkError

if TYPE_CHECKING:
    from meshconf.cli.launcher import Attached

GUESTS = ("Ada", "Grace")
START_WITHIN = 20.0
"""Seconds for a process of the demo to be in the meeting."""
_END_WITHIN = 5.0
"""Seconds for it to leave; then it is killed."""


@dataclass(frozen=True)
class _Watched:
    """A process of the demo whose events are read, and who it is."""

    attendee: Attendee
    process: Process

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What it tells, noted."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            event: dict[str, Any] = json.loads(line)
            self.attendee.note(event)
            yield event

    async def listen(self) -> None:
        """Note all that it tells, to its end."""
        async for _ in self.events():
            pass


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
            host = await stack.enter_async_context(_start(["host", "Demo"], "You", folder))
            link = await _invite(host)
            watched = [host]
            for name in GUESTS:
                watched.append(await stack.enter_async_context(_start(["join"], name, folder, invite=link)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.gather(*(one.listen() for one in watched))
    attendees = [one.attendee for one in watched]
    print_report(attendees)
    return 0 if everybody_met(attendees) else 1


@contextlib.asynccontextmanager
async def _start(what: list[str], name: str, folder: str, *, invite: str | None = None) -> AsyncIterator[_Watched]:
    process = await asyncio.create_subprocess_exec(
        *_command(*what, "--stats", name=name),
        stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=_environment(name, folder, invite), limit=2**20,
    )  # fmt: skip
    try:
        yield _Watched(Attendee(name), process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            # What is still in the pipe must be read, or a full pipe would keep the process from ending.
            await asyncio.wait_for(process.communicate(), _END_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _invite(host: _Watched) -> str:
    try:
        async with asyncio.timeout(START_WITHIN):
            async for event in host.events():
                if event["event"] == "room":
                    return str(event["link"])
    except TimeoutError:
        raise MeshconfError("The demo's host did not start in time.") from None
    raise MeshconfError(f"The demo's host could not start: {host.attendee.failure}")


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
        raise MeshconfError("The demo's meeting ended before it began.")

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
    guests = [
        subprocess.Popen(
            _command("join", name=name),
            stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env=_environment(name, folder, link), start_new_session=True,
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
                guest.wait(_END_WITHIN)
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


def _command(*what: str, name: str) -> list[str]:
    """How a simulated person is started."""
    speech = resources.files("meshconf.cli") / "speech" / f"{name.lower()}.ogg"
    devices = ["--no-windows", "--camera", "test", "--mic", f"file:{speech}", "--speaker", "null"]
    return [sys.executable, "-m", "meshconf", *what, "--headless", "--name", name, *devices]


def _environment(name: str, folder: str, invite: str | None) -> dict[str, str]:
    """Ours, with a home of its own for each. The invite is here: in argv every user of the machine could read it."""
    invitation = {} if invite is None else {"MESHCONF_INVITE": invite}
    return dict(os.environ, MESHCONF_HOME=os.path.join(folder, name), **invitation)
