"""The keys that freeze or blank the own screen for the others, and what is shown of it."""

from __future__ import annotations

import pytest

from tests.tui.fakes import ADA, FakeEngine
from tests.tui.golden import screen_text
from tests.tui.stage import meeting, until

SHARED = {"event": "source", "peer": ADA, "source": "screen", "state": "on"}


async def told(engine: FakeEngine, showing: str) -> None:
    engine.tell({**SHARED, "showing": showing})
    await until(lambda: engine.drained)


@pytest.mark.parametrize(("key", "command", "showing"), [("z", "freeze", "frozen"), ("x", "blank", "blank")])
async def test_one_key_covers_the_screen_and_the_switch_says_so(key: str, command: str, showing: str) -> None:
    async with meeting() as (app, pilot, engine):
        await told(engine, "live")
        await pilot.press(key)
        assert engine.said() == [{"do": command}]
        await told(engine, showing)
        await until(lambda: f"Screen {showing}" in screen_text(app))
        await told(engine, "live")
        await until(lambda: "Screen on" in screen_text(app))


async def test_what_is_not_shared_is_not_covered() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("z", "x")
        assert engine.said() == []
