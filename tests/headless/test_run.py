"""What the engine does around the meeting: the control socket, and its own end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator

import pytest

from meshconf.conference import events
from meshconf.conference.control_socket import running
from meshconf.config import Options
from meshconf.errors import MeshconfError
from meshconf.headless import run as run_module
from meshconf.headless.run import run
from meshconf.headless.stdout import Stdout
from tests.scenarios.conftest import Start as Start
from tests.scenarios.conftest import start as start


@pytest.fixture
async def signals_as_before() -> AsyncIterator[None]:
    """Takes back the handlers that an engine sets for its process."""
    yield
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)


class Witness(Stdout):
    """Notes, for each event on its way to stdout, whether somebody could attach."""

    seen: list[tuple[str, bool]]

    def __init__(self) -> None:
        self.seen = []
        Witness.last = self

    last: Witness

    def put(self, event: events.Event) -> None:
        self.seen.append((type(event).__name__, bool(running())))

    async def close(self) -> None:
        pass


@pytest.mark.usefixtures("signals_as_before")
async def test_the_control_socket_is_there_before_the_meeting_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "Stdout", Witness)

    assert await run(Options(lan=False, windows=False), None, seconds=0.0) == 0

    seen = dict(Witness.last.seen)
    assert seen["Room"]
    assert seen["Left"]
    assert running() == [], "and gone after it"


@pytest.mark.usefixtures("signals_as_before")
async def test_a_socket_that_cannot_be_made_ends_the_meeting_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[socket.socket] = []

    async def full(*_: object, sock: socket.socket, **__: object) -> None:
        bound.append(sock)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(asyncio, "start_unix_server", full)
    with pytest.raises(MeshconfError, match="No space left on device"):
        await run(Options(lan=False, windows=False), None, seconds=5.0, stdio=False)
    assert bound[0].fileno() == -1, "and is not left open"


@pytest.mark.parametrize("stdio", [True, False])
async def test_pictures_that_nobody_sees_are_for_scripts_only(monkeypatch: pytest.MonkeyPatch, stdio: bool) -> None:
    asked: list[Options] = []

    def refuse(options: Options, *_: object) -> None:
        asked.append(options)
        raise MeshconfError("no meeting today")

    monkeypatch.setattr(run_module, "Conference", refuse)
    with pytest.raises(MeshconfError):
        await run(Options(), None, seconds=None, stdio=stdio)
    assert asked[0].unseen_pictures is stdio


@pytest.mark.lab
def test_a_script_can_attach_as_soon_as_it_reads_the_invite(start: Start) -> None:
    alice = start("alice", "host", "--no-lan", "--mic", "test", "--camera", "test")
    alice.wait_for_event("room")
    with socket.socket(socket.AF_UNIX) as face:
        face.connect(str(alice.home / "run" / f"{alice.process.pid}.sock"))
