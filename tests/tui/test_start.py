"""The start page: starting, joining, picking, and saying what went wrong."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from textual.widgets import Input, Select

from meshconf.errors import DeviceError, WrongCode
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.fakes import FakeLauncher
from tests.tui.golden import assert_golden, screen_text
from tests.tui.stage import settled, start_page, until, until_text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40)])
async def test_the_page_looks_as_agreed(size: tuple[int, int]) -> None:
    launcher = FakeLauncher()
    launcher.found.put_nowait({"title": "Design review", "key": "k1", "people": 3})
    async with start_page(launcher, size) as (app, pilot):
        await until(launcher.found.empty)
        await settled(pilot)
        await assert_golden(app, f"start-{size[0]}x{size[1]}")


async def test_ctrl_s_starts_a_meeting_with_what_the_fields_say() -> None:
    launcher = FakeLauncher()
    async with start_page(launcher) as (app, pilot):
        app.screen.query_one("#mic", Select).value = "default"
        await pilot.press("ctrl+s")
        await until(lambda: isinstance(app.screen, MeetingScreen))
        await until(lambda: not launcher.looking)
    how, _, options = launcher.asked[0]
    assert (how, options.name, options.title, options.mic) == ("host", "Ada Lovelace", "Weekly planning", "default")


async def test_words_complete_with_tab_and_enter_joins() -> None:
    launcher = FakeLauncher()
    async with start_page(launcher) as (app, pilot):
        field = app.screen.query_one("#invite", Input)
        await pilot.press(*"42-cru")
        await settled(pilot)
        await pilot.press("tab")
        assert field.value == "42-crumb" and field.has_focus
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, MeetingScreen))
    assert launcher.asked[0][:2] == ("join", "42-crumb")


async def test_an_unknown_word_is_told_while_typing() -> None:
    async with start_page(FakeLauncher()) as (app, pilot):
        await pilot.press(*"42-xq")
        await until_text(app, lambda text: "No code has" in text)


async def test_a_meeting_that_is_picked_asks_for_its_code_and_one_that_ended_goes_away() -> None:
    launcher = FakeLauncher()
    async with start_page(launcher) as (app, pilot):
        launcher.found.put_nowait({"title": "Tea", "key": "k1", "people": 1})
        launcher.found.put_nowait({"title": "Design", "key": "k2", "people": 2})
        launcher.found.put_nowait({"title": "Tea", "key": "k1"})
        await until(launcher.found.empty)
        await pilot.press("ctrl+l", "down", "enter")
        await settled(pilot)
        assert app.focused is not None and app.focused.id == "invite"
        await until_text(app, lambda text: "Ask for the code of “Design”." in text and "Tea" not in text)
        await pilot.press(*"42-crumb-ozone-plank", "enter")
        await until(lambda: isinstance(app.screen, MeetingScreen))
    assert [asked[:2] for asked in launcher.asked] == [("join", "42-crumb-ozone-plank")]


async def test_a_network_without_meetings_is_told_of_and_still_searched() -> None:
    launcher = FakeLauncher()
    with patch("meshconf.tui.widgets.room_list._PATIENCE_S", 0.05):
        async with start_page(launcher, (140, 40)) as (app, pilot):
            await until(lambda: "No listed meetings here; join with a code." in screen_text(app))
            launcher.found.put_nowait({"title": "Tea", "key": "k1", "people": 1})
            await until(lambda: "Tea" in screen_text(app))


@pytest.mark.parametrize(
    "error", [WrongCode(), DeviceError("No sound card.", fix="apt install pulseaudio"), OSError(5)]
)
async def test_an_error_is_a_sentence_on_the_page(error: Exception) -> None:
    launcher = FakeLauncher(error=error)
    async with start_page(launcher) as (app, pilot):
        await pilot.press(*"42-crumb-ozone-plank", "enter")
        await settled(pilot)
        text = screen_text(app)
        assert not isinstance(app.screen, MeetingScreen) and "Traceback" not in text
        expected = "failed inside meshconf" if isinstance(error, OSError) else str(error)[:40]
        assert expected in text
        assert "apt install pulseaudio" in text or not isinstance(error, DeviceError)


async def test_escape_gives_up_an_attempt() -> None:
    launcher = FakeLauncher()
    launcher.gate.clear()
    async with start_page(launcher) as (app, pilot):
        await pilot.press("ctrl+s", "escape")
        await until_text(app, lambda text: "Cancelled." in text)
        launcher.gate.set()
        await pilot.press("ctrl+s")
        await until(lambda: isinstance(app.screen, MeetingScreen))
