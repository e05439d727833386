"""Puts the application on a stage of a given size and waits for what a test expects of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from unittest.mock import patch

from textual.app import App
from textual.pilot import Pilot

from meshconf.tui.app import MeshconfApp
from meshconf.tui.screens.meeting import MeetingScreen
from tests.support.waiting import until as until
from tests.tui.fakes import OPTIONS, THREE_PEOPLE, FakeEngine, FakeLauncher
from tests.tui.golden import screen_text

NOON = time.mktime((2026, 1, 5, 12, 0, 0, 0, 0, -1))
"""The present of the stage, here."""


async def until_text(app: App[int], condition: Callable[[str], bool], *, seconds: float = 5.0) -> None:
    """Wait until `condition` holds of the text on the screen, or fail and show that text.

    A page settles over several refreshes, and its footer over several more: what is on the screen just after a key
    was pressed says nothing.
    """
    deadline = time.monotonic() + seconds
    while not condition(text := screen_text(app)):
        assert time.monotonic() < deadline, f"the screen never became so:\n{text}"
        await asyncio.sleep(0.01)


async def settled(pilot: Pilot[int], *, seconds: float = 5.0) -> None:
    """Wait until nothing is left to be done and the screen has stayed as it is for some refreshes."""
    app, before, same = pilot.app, "", 0
    deadline = time.monotonic() + seconds
    while same < 4:
        await pilot.pause(0.03)
        busy = any(node.message_queue_size for node in (app, *app.screen.walk_children(with_self=True)))
        text = screen_text(app)
        same = 0 if busy or text != before else same + 1
        before = text
        assert time.monotonic() < deadline, f"the screen never came to rest:\n{text}"


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
            await settled(pilot)
            yield app, pilot, engine


async def tell(pilot: Pilot[int], engine: FakeEngine, *events: object) -> None:
    """Let events happen, and wait until they are on the screen."""
    engine.tell(*events)
    await until(lambda: engine.drained)
    await settled(pilot)
