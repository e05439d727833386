"""Every key at any moment, in a storm of events: the face may be wrong for a moment, it never falls."""

from __future__ import annotations

import random
from typing import Any

import pytest
from textual.widgets import Input

from meshconf.tui.screens.ended import EndedScreen
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.fakes import ADA, BOB, CLEO, LINK, THREE_PEOPLE, FakeEngine
from tests.tui.stage import meeting, until

KEYS = (
    *"mvsftpir?cy+-", "enter", "escape", "up", "down", "left", "right", "tab", "shift+tab", "space", "pageup", "ctrl+t",
)  # fmt: skip
WAYS_OUT = ("d", "l", "q", "e", "ctrl+c", "ctrl+q", "escape")
SIZES = ((60, 20), (80, 24), (120, 36), (20, 5))


def weather(chance: random.Random) -> dict[str, Any]:
    """Any event, about anybody, in any order."""
    who = chance.choice([ADA, BOB, CLEO, *(f"guest{number}" for number in range(8))])
    source = chance.choice(["mic", "camera", "screen", "media"])
    return chance.choice(
        [
            {"event": "peer", "peer": who, "name": who[:4], "state": chance.choice(["connected", "left"])},
            {"event": "peer", "peer": who, "name": who[:4], "state": "reconnecting", "path": "relay"},
            {"event": "room", "self": ADA, "invite": f"{chance.randrange(99)}-ozone-plank", "link": LINK},
            {"event": "room_state", "host": who, "admins": [BOB]},
            {"event": "source", "peer": who, "source": source, "state": chance.choice(["on", "off", "forbidden"])},
            {"event": "picture", "peer": who, "source": source, "bus": chance.choice([None, "meshconf-none"])},
            {"event": "windows", "open": chance.random() < 0.2},
            {"event": "levels", "levels": {who: {"db": -20.0, "speaking": chance.random() < 0.5}}},
            {"event": "chat", "peer": who, "text": "word " * chance.randrange(30)},
            {"event": "error", "message": "No camera is plugged in."},
        ]
    )


@pytest.mark.parametrize("seed", range(2))
async def test_no_key_in_no_weather_takes_the_face_down(seed: int) -> None:
    chance = random.Random(seed)
    engine = FakeEngine(THREE_PEOPLE)
    async with meeting(engine) as (app, pilot, _):
        app.animation_level = "none"
        for step in range(20):
            engine.tell(*(weather(chance) for _ in range(5)))
            await pilot.press(chance.choice(KEYS))
            if step % 10 == 9:
                await pilot.resize_terminal(*chance.choice(SIZES))
        assert app.is_running and app.return_value is None
        while app.return_value is None:
            engine.tell(*(weather(chance) for _ in range(5)))
            await pilot.press("escape" if isinstance(app.focused, Input) else chance.choice(WAYS_OUT))
    assert app.return_value == 0 and app.return_code in (None, 0)


@pytest.mark.parametrize("key", ["i", "l", "f", "question_mark"])
async def test_an_engine_that_ends_under_a_dialog_is_told_instead(key: str) -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press(key)
        await pilot.resize_terminal(40, 12)
        engine.tell({"event": "left", "reason": "ended"}, None)
        await until(lambda: isinstance(app.screen, EndedScreen))
        assert [type(screen) for screen in app.screen_stack[1:]] == [MeetingScreen, EndedScreen]
        await pilot.press("escape", "escape")
        await until(lambda: app.return_value == 0)


async def test_all_events_in_the_turn_in_which_the_page_opens_and_closes_do_no_harm() -> None:
    chance = random.Random(7)
    engine = FakeEngine([weather(chance) for _ in range(300)])
    async with meeting(engine) as (app, pilot, _):
        page = app.screen
        assert isinstance(page, MeetingScreen)
        engine.tell(*(weather(chance) for _ in range(300)))
        await pilot.press("d")
        engine.tell(*(weather(chance) for _ in range(300)), None)
        await until(lambda: app.return_value == 0)
    assert app.return_code in (None, 0)


@pytest.mark.parametrize("size", [(1, 1), (5, 5), (200, 1)])
async def test_no_terminal_is_too_small_for_a_list_of_things_to_do(size: tuple[int, int]) -> None:
    async with meeting() as (app, pilot, _):
        await pilot.resize_terminal(*size)
        await pilot.press("r")
        await pilot.resize_terminal(80, 24)
        await until(lambda: app.screen.query("ActionList").first().size.width > 20)
