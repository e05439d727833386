"""Puts the application on a stage of a given size and waits for what a test expects of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from unittest.mock import patch

from textual.pilot import Pilot

from meshconf.tui.app import MeshconfApp
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.fakes import OPTIONS, THREE_PEOPLE, FakeEngine, FakeLauncher

NOON = time.mktime((2026, 1, 5, 12, 0, 0, 0, 0, -1))
"""The present of the stage, here."""


async def until(condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait until `condition` holds, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def start_page(
    launcher: FakeLauncher, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[MeshconfApp, Pilot[int]]]:
    """The start page over `launcher`."""
    app = MeshconfApp(launcher, OPTIONS, clock=lambda: 1000.0)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


@asynccontextmanager
async def meeting(
    engine: FakeEngine | None = None, size: tuple[int, int] = (80, 24), *, pause_s: float = 0.0
) -> AsyncIterator[tuple[MeshconfApp, Pilot[int], FakeEngine]]:
    """The meeting page with three people, or with what `engine` says; letters within `pause_s` are one text."""
    engine = engine or FakeEngine(THREE_PEOPLE)
    app = MeshconfApp(FakeLauncher(), OPTIONS, engine, clock=lambda: 1000.0, wall=lambda: NOON)
    with patch("meshconf.tui.typing.PAUSE_S", pause_s):
        async with app.run_test(size=size, notifications=True) as pilot:
            screen = app.screen
            assert isinstance(screen, MeetingScreen)
            await until(lambda: engine.drained)
            await pilot.pause(0.15)
            yield app, pilot, engine


async def tell(pilot: Pilot[int], engine: FakeEngine, *events: object) -> None:
    """Let events happen, and wait until they are on the screen."""
    engine.tell(*events)
    await until(lambda: engine.drained)
    await pilot.pause(0.15)
