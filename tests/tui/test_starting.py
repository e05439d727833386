"""The page of a meeting whose engine is still coming up: one may wait, or go; what fails is told outside."""

from __future__ import annotations

import pytest

from meshconf.errors import MeshconfError, NetworkError
from meshconf.tui.app import MeshconfApp
from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.fakes import OPTIONS, THREE_PEOPLE, FakeEngine, FakeLauncher
from tests.tui.stage import meeting, tell, until, until_text


async def test_the_page_says_so_until_the_engine_speaks() -> None:
    async with meeting(FakeEngine()) as (app, pilot, engine):
        await until_text(app, lambda text: "Starting..." in text)
        await tell(pilot, engine, *THREE_PEOPLE)
        await until_text(app, lambda text: "Starting..." not in text)
        await until_text(app, lambda text: "Bob Kahn" in text)


@pytest.mark.parametrize("key", ["l", "ctrl+q"])
async def test_one_may_go_without_a_question(key: str) -> None:
    async with meeting(FakeEngine()) as (app, pilot, engine):
        await pilot.press(key)
        await until(lambda: app.return_value is not None)
        assert app.return_value == 0 and engine.closed and engine.commands == []


async def test_there_is_nothing_to_detach_from_yet() -> None:
    async with meeting(FakeEngine()) as (app, pilot, engine):
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(app.screen, MeetingScreen) and not engine.closed


async def test_what_cannot_start_ends_the_face_with_its_reason() -> None:
    engine, failure = FakeEngine(), NetworkError("The meeting did not start within 30 s.")
    app = MeshconfApp(FakeLauncher(), OPTIONS, engine, clock=lambda: 1000.0)
    async with app.run_test() as pilot:
        engine.tell(failure)
        await until(lambda: app.failure is not None)
        await pilot.pause()
    assert app.failure is failure and app.return_value == NetworkError.exit_code
    assert engine.closed


async def test_an_engine_that_fails_later_is_told_on_the_page() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, MeshconfError("The engine broke."))
        await until_text(app, lambda text: isinstance(app.screen, EndedScreen) and "The engine broke." in text)
        assert app.failure is None
