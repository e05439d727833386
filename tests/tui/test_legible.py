"""What people have to read is whole in a small terminal, and visible in one without colours."""

from __future__ import annotations

import pytest
from textual.app import App

from meshconf.tui.actions import for_sound
from meshconf.tui.model import MeetingModel
from tests.tui.fakes import THREE_PEOPLE, FakeEngine, FakeLauncher
from tests.tui.golden import screen_text
from tests.tui.stage import meeting, settled, start_page, until, until_text

LONG_CODE = "240-rudder-tonic-cider"
LONGEST_CODE = "2400-notebook-revolver-standard"


def reversed_text(app: App[int]) -> str:
    """All on the screen that is shown the other way round."""
    strips = app.screen._compositor.render_strips()
    shown = [one for strip in strips for one in strip if one.style is not None and one.style.reverse]
    return " ".join(one.text for one in shown).strip()


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_the_chosen_person_is_marked_without_a_colour(theme: str) -> None:
    async with meeting() as (app, pilot, _):
        if theme == "light":
            await pilot.press("ctrl+t")
        assert reversed_text(app) == ""
        await pilot.press("down", "down")
        await until(lambda: reversed_text(app) == "Bob Kahn")
        await pilot.press("down")
        await until(lambda: reversed_text(app) == "Cleo Nakamura")
        await pilot.press("escape")
        await until(lambda: reversed_text(app) == "")


@pytest.mark.parametrize(("code", "whole"), [(LONG_CODE, True), (LONGEST_CODE, False)])
async def test_a_code_is_whole_in_the_invite_or_only_spelled(code: str, whole: bool) -> None:
    room = {**THREE_PEOPLE[0], "invite": code}
    async with meeting(FakeEngine([room, *THREE_PEOPLE[1:]]), (60, 20)) as (app, pilot, _):
        await pilot.press("i")
        await settled(pilot)
        text = screen_text(app)
        typed = [line for line in text.splitlines() if f"{code.rpartition('-')[0]}" in line]
        assert all(code in line for line in typed) and bool(typed) is whole
        for word in code.split("-"):
            assert f" {word} " in text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30)])
async def test_the_footer_cuts_no_key_while_a_person_is_chosen(size: tuple[int, int]) -> None:
    async with meeting(size=size) as (app, pilot, _):
        await pilot.press("down", "down")
        await until_text(app, lambda text: "enter Person" in text)
        await settled(pilot)
        footer = screen_text(app).splitlines()[-1].rstrip()
        assert footer.startswith(" enter Person + - Volume esc Back") and footer.endswith(("? Help", "^q Quit"))
        assert {"Chat", "Help", "Leave", "Volume"} <= set(footer.split())


async def test_the_start_page_asks_for_a_code_in_a_whole_sentence() -> None:
    launcher = FakeLauncher()
    async with start_page(launcher) as (app, pilot):
        launcher.found.put_nowait({"title": "Cyds meeting with others", "key": "k1", "people": 1})
        await until(launcher.found.empty)
        await pilot.press("ctrl+l", "down", "enter")
        await until_text(app, lambda text: "Ask for the code of “Cyds" in text and "others”." in text)


def test_the_page_of_sound_tells_apart_what_is_so_and_what_a_key_does() -> None:
    model = MeetingModel()
    for on in (True, False):
        model.apply({"event": "sounds", "on": on})
        states = {action.label: action.state for action in for_sound(model) if action.state}
        assert all(state.startswith("now ") for state in states.values())
        assert states["Stop small sounds" if on else "Play small sounds"] == ("now on" if on else "now off")
