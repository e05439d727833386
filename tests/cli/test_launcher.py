"""The engine of a new meeting, which comes up while its face is shown already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from meshconf.cli.launcher import Starting
from meshconf.conference.launch import Launched, Launching
from meshconf.errors import MeshconfError, NetworkError


class Client:
    """The face's end of the socket."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    async def subscribe(self) -> None:
        self.said.append("subscribe")

    async def send(self, command: dict[str, Any]) -> None:
        self.said.append(command)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        yield {"event": "room"}

    async def close(self) -> None:
        self.said.append("close")


class Engine:
    """An engine on its way."""

    def __init__(self) -> None:
        self.path = Path("/run/4711.sock")
        self.came: asyncio.Future[Launched] = asyncio.get_running_loop().create_future()
        self.given_up = False

    async def outcome(self) -> Launched:
        return await self.came

    def give_up(self) -> None:
        self.given_up = True


def starting() -> tuple[Starting, Engine]:
    engine = Engine()
    return Starting(cast(Launching, engine)), engine


async def test_once_it_runs_it_is_spoken_to_as_any_other() -> None:
    face, engine = starting()
    client = Client()
    engine.came.set_result(Launched(cast(Any, client), engine.path))
    assert [event async for event in face.events()] == [{"event": "room"}]
    await face.send({"do": "leave"})
    await face.close()
    assert client.said == ["subscribe", {"do": "leave"}, "close"]
    assert not engine.given_up


async def test_before_there_is_nothing_to_command() -> None:
    face, _ = starting()
    with pytest.raises(NetworkError, match="still starting"):
        await face.send({"do": "leave"})


async def test_whoever_goes_before_gives_it_up() -> None:
    face, engine = starting()
    await face.close()
    assert engine.given_up


async def test_why_it_does_not_start_is_told() -> None:
    face, engine = starting()
    engine.came.set_exception(MeshconfError("No room on this disk."))
    with pytest.raises(MeshconfError, match="No room"):
        async for _ in face.events():
            raise AssertionError
