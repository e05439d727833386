from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meshconf import paths
from meshconf.conference import control_socket
from meshconf.conference.bulletin import VIEWS, Bulletin, Subscription
from meshconf.conference.commands import parse
from meshconf.conference.conference import Conference
from meshconf.conference.control_socket import ControlServer, obey, running
from meshconf.conference.events import Error, Ok
from meshconf.errors import MeshconfError, UsageError
from meshconf.types import PeerId, SourceKind

DEAD = 2**22 + 1
"""Beyond the highest number that a process can have."""
ANN, CAMERA = PeerId("ann"), SourceKind.CAMERA


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Conference:
    """A meeting that has begun, as far as views are concerned."""
    meeting = Conference.host(lan=False, windows=False)
    monkeypatch.setattr(meeting, "_inside", SimpleNamespace(pictures=SimpleNamespace(turn=lambda: None)))
    return meeting


def test_engines_that_run_are_found_and_sockets_of_dead_ones_removed() -> None:
    folder = paths.runtime_dir()
    for name in (str(os.getpid()), str(DEAD), "not-a-number", "9" * 30):
        (folder / f"{name}.sock").touch()

    assert running() == [folder / f"{os.getpid()}.sock"]
    assert not (folder / f"{DEAD}.sock").exists()


def test_an_engine_that_ends_while_we_look_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    socket = paths.runtime_dir() / f"{os.getpid()}.sock"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([socket]))
    assert running() == []


async def test_the_socket_is_ours_alone_and_what_is_made_meanwhile_is_made_as_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, folder = asyncio.start_unix_server, tmp_path / "made-meanwhile"

    async def meanwhile(*arguments: Any, **named: Any) -> asyncio.Server:
        folder.mkdir()
        return await start(*arguments, **named)

    monkeypatch.setattr(asyncio, "start_unix_server", meanwhile)
    server = ControlServer(Conference.host(lan=False, windows=False), tmp_path / "1.sock")
    await server.start()
    try:
        assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
        assert folder.stat().st_mode & stat.S_IXUSR, "a folder of another thread, which must be entered"
    finally:
        await server.close()
    assert not server.path.exists()


async def test_who_is_cancelled_while_it_is_made_leaves_no_socket_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []
    bound = asyncio.Event()
    make = control_socket._private_socket

    def remembered(path: Path) -> socket.socket:
        made.append(make(path))
        bound.set()
        return made[0]

    monkeypatch.setattr(control_socket, "_private_socket", remembered)
    server = ControlServer(Conference.host(lan=False, windows=False), tmp_path / "1.sock")
    starting = asyncio.create_task(server.start())
    await bound.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await server.close()
    assert made[0].fileno() == -1


async def test_a_socket_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    server = ControlServer(Conference.host(lan=False, windows=False), tmp_path / "no-such-folder" / "1.sock")
    with pytest.raises(MeshconfError, match=r"The control socket .* cannot be made"):
        await server.start()


async def test_only_the_face_that_subscribes_gets_the_frequent_events() -> None:
    meeting = Conference.host(lan=False, windows=False)
    bulletin = Bulletin()
    asking, other = bulletin.subscribe(), bulletin.subscribe()

    answer = await obey(meeting, b'{"do":"subscribe","stats":false,"id":1}', asking)

    assert isinstance(answer, Ok) and answer.id == 1
    assert (asking.levels, asking.stats) == (True, False)
    assert not other.levels and bulletin.levels_wanted and not bulletin.stats_wanted


async def test_what_a_face_shows_counts_until_it_says_otherwise_or_goes(meeting: Conference) -> None:
    bulletin = Bulletin()
    here, there = bulletin.subscribe(), bulletin.subscribe()

    async def view(face: Subscription, **size: int) -> None:
        line = json.dumps({"do": "view", "peer": "ann", "source": "camera", **size})
        assert isinstance(await obey(meeting, line, face), Ok)

    assert bulletin.viewed(ANN, CAMERA) == (0, 0)
    await view(here, height=60, fps=10)
    await view(there, height=40, fps=15)
    assert bulletin.viewed(ANN, CAMERA) == (60, 15), "the largest counts"
    assert bulletin.viewed(ANN, SourceKind.SCREEN) == bulletin.viewed(PeerId("ben"), CAMERA) == (0, 0)
    here.close()
    assert bulletin.viewed(ANN, CAMERA) == (40, 15)
    await view(there)
    assert bulletin.viewed(ANN, CAMERA) == (0, 0) and not there.views


async def test_a_face_shows_only_so_many_pictures(meeting: Conference) -> None:
    face = Bulletin().subscribe()
    for number in range(VIEWS + 1):
        line = f'{{"do":"view","peer":"{number}","source":"camera","height":9,"fps":9,"id":{number}}}'
        answer = await obey(meeting, line, face)
    assert isinstance(answer, Error) and answer.id == VIEWS and len(face.views) == VIEWS
    line = '{"do":"view","peer":"3","source":"camera","height":18,"fps":9}'
    assert isinstance(await obey(meeting, line, face), Ok), "another size of one that is shown"


@pytest.mark.parametrize(
    "line", ['{"do":"view","peer":"ann","source":"camera","height":9,"fps":9}', '{"do":"subscribe"}']
)
async def test_who_is_no_face_is_told_so(line: str, meeting: Conference) -> None:
    answer = await obey(meeting, line)
    assert isinstance(answer, Error) and answer.code == "usage" and "want" in answer.message
    with pytest.raises(UsageError, match="attached face"):
        await meeting.do(parse(line))


async def test_a_line_that_is_no_command_is_answered_under_its_id() -> None:
    meeting = Conference.host(lan=False, windows=False)
    face = Bulletin().subscribe()

    answer = await obey(meeting, b'{"do":"subscribe","levels":"all","id":2}', face)

    assert isinstance(answer, Error) and (answer.code, answer.id) == ("usage", 2)
    assert not face.levels
    assert await obey(meeting, b" \n", face) is None
