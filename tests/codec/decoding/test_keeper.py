"""Whatever fails about one decoder process, it is cleaned up after and the next one is started."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from meshconf.codec.decoding import keeper as keeper_module
from meshconf.codec.decoding.keeper import Keeper


class Processes:
    """Processes that run until they are buried, one of whose steps fails the first time."""

    def __init__(self, broken: str, error: Exception) -> None:
        self._broken: str | None = broken
        self._error = error
        self.launched: list[Any] = []
        self.buried: list[Any] = []
        self.second = asyncio.Event()

    def _step(self, name: str) -> None:
        if name == self._broken:
            self._broken = None
            raise self._error

    async def launch(self) -> Any:
        if self._broken is None:
            self.second.set()
        self._step("launch")
        ended = asyncio.Event()
        if self._broken == "bury":
            ended.set()
        self.launched.append(SimpleNamespace(ended=ended, kill=lambda: None))
        return self.launched[-1]

    async def bury(self, process: Any) -> None:
        self.buried.append(process)
        self._step("bury")

    def progress(self) -> tuple[int, int] | None:
        self._step("watch")
        return 0, 0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "WATCH_EVERY", 0.01)
    monkeypatch.setattr(keeper_module, "_PAUSE", 0.01)


@pytest.mark.parametrize("error", [OSError("no process"), ZeroDivisionError("a mistake")])
@pytest.mark.parametrize("broken", ["launch", "watch", "bury"])
async def test_the_next_process_is_started_whatever_failed(
    broken: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    processes = Processes(broken, error)
    keeper = Keeper(processes.launch, processes.bury, processes.progress)
    keeper.start()
    async with asyncio.timeout(5):
        await processes.second.wait()
    await keeper.close()
    assert len(processes.buried) == (broken != "launch")
    assert str(error) in caplog.text
