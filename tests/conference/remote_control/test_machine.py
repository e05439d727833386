"""The machine that is controlled: whatever becomes of its process, nothing stays down, and none is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from meshconf.conference.remote_control import machine as machine_module
from meshconf.conference.remote_control.machine import Machine
from meshconf.devices.input.wire import News
from meshconf.errors import DeviceError
from meshconf.types import Area

SCREEN = Area(0, 0, 800, 600)


class FakeProcess:
    """One that ends when it is closed, kindly or not."""

    started: list[FakeProcess]
    kind = True
    ready: asyncio.Event

    def __init__(self, after_crash: bool) -> None:
        self.attended = asyncio.Semaphore(0)
        self.after_crash = after_crash
        self.ended = asyncio.Event()
        self.last_words: list[News] = []
        self.gave_way = asyncio.Event()
        """Set to let `close` come to its end."""
        self.gave_way.set()

    @classmethod
    async def start(cls, screen: Area, *, after_crash: bool = False, **_: bool) -> FakeProcess:
        await cls.ready.wait()
        assert screen == SCREEN
        cls.started.append(process := cls(after_crash))
        return process

    def let_go(self) -> None:
        pass

    def attend(self) -> None:
        self.attended.release()

    async def news(self) -> AsyncIterator[News]:
        await self.ended.wait()
        for said in self.last_words:
            yield said

    async def close(self) -> bool:
        await self.gave_way.wait()
        self.ended.set()
        return self.kind or self.after_crash


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[FakeProcess]:
    monkeypatch.setattr(machine_module, "InputProcess", FakeProcess)
    monkeypatch.setattr(FakeProcess, "started", [], raising=False)
    monkeypatch.setattr(FakeProcess, "ready", asyncio.Event(), raising=False)
    FakeProcess.ready.set()
    return FakeProcess.started


def _machine(ends: list[str] | None = None) -> Machine:
    return Machine(on_own_input=lambda: None, on_end=(ends if ends is not None else []).append)


@pytest.mark.parametrize("kind", [True, False])
async def test_what_had_to_be_killed_is_mopped_up_behind(
    started: list[FakeProcess], monkeypatch: pytest.MonkeyPatch, kind: bool
) -> None:
    monkeypatch.setattr(FakeProcess, "kind", kind)
    machine = _machine()
    await machine.open(SCREEN)
    machine.shut()
    await machine.close()
    assert [process.after_crash for process in started] == ([False] if kind else [False, True])
    assert all(process.ended.is_set() for process in started)


async def test_a_crash_is_told_and_mopped_up_though_the_meeting_ends_at_once(
    started: list[FakeProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeProcess, "kind", False)
    ends: list[str] = []
    machine = _machine(ends)
    await machine.open(SCREEN)
    started[0].ended.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ends == ["crash"]
    await machine.close()
    assert [process.after_crash for process in started] == [False, True]


async def test_the_next_begins_when_the_last_one_has_let_go(started: list[FakeProcess]) -> None:
    machine = _machine()
    await machine.open(SCREEN)
    started[0].gave_way.clear()
    again = asyncio.create_task(machine.open(SCREEN))
    await asyncio.sleep(0.01)
    assert len(started) == 1
    started[0].gave_way.set()
    await again
    assert len(started) == 2
    await machine.close()


async def test_one_that_gets_ready_after_the_end_is_ended(started: list[FakeProcess]) -> None:
    FakeProcess.ready.clear()
    machine = _machine()
    opening = asyncio.create_task(machine.open(SCREEN))
    await asyncio.sleep(0)
    await machine.close()
    FakeProcess.ready.set()
    with pytest.raises(DeviceError, match="over"):
        await opening
    assert started[0].ended.is_set()


async def test_the_process_hears_that_we_are_there_until_it_is_let_go(
    started: list[FakeProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_module, "ATTEND_EVERY", 0.001)
    machine = _machine()
    await machine.open(SCREEN)
    async with asyncio.timeout(5):
        for _ in range(3):
            await started[0].attended.acquire()
    started[0].gave_way.clear()
    machine.shut()
    while not started[0].attended.locked():
        await started[0].attended.acquire()
    await asyncio.sleep(0.01)
    assert started[0].attended.locked(), "nothing more was said"
    started[0].gave_way.set()
    await machine.close()
