"""Commands come in turn, and one that takes long holds up none of the others."""

from __future__ import annotations

import asyncio

import pytest

from meshconf.conference import turns as module
from meshconf.conference.turns import MOST, Turns


class Worker:
    """Notes what begins and ends; a line that says `slow` ends when it is told to."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.may_end = asyncio.Event()

    async def obey(self, line: bytes) -> None:
        self.begun.append(line)
        await asyncio.sleep(0)
        if line.startswith(b"slow"):
            await self.may_end.wait()
        self.done.append(line)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is long is short here."""
    monkeypatch.setattr(module, "LONG", 0.01)


async def test_quick_ones_come_one_after_the_other() -> None:
    worker = Worker()
    turns = Turns(worker.obey)
    for line in (b"a", b"b", b"c"):
        await turns.take(line)
        assert worker.done[-1] == line


async def test_a_mute_does_not_wait_for_a_camera() -> None:
    worker = Worker()
    turns = Turns(worker.obey)
    await turns.take(b"slow camera")
    await turns.take(b"mute")
    assert worker.done == [b"mute"]
    worker.may_end.set()
    await turns.finish()
    assert worker.done == [b"mute", b"slow camera"]


async def test_there_is_a_limit_to_what_one_face_has_begun() -> None:
    worker = Worker()
    turns = Turns(worker.obey)
    for _ in range(MOST - 1):
        await turns.take(b"slow")
    last = asyncio.create_task(turns.take(b"slow"))
    await asyncio.wait({last}, timeout=0.05)
    assert not last.done() and len(worker.begun) == MOST
    worker.may_end.set()
    await last
    await turns.close()


async def test_what_has_begun_ends_with_its_face() -> None:
    worker = Worker()
    turns = Turns(worker.obey)
    await turns.take(b"slow")
    await turns.close()
    await turns.take(b"late")
    assert worker.begun == [b"slow"] and worker.done == []
