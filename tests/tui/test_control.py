"""Remote control at the keyboard: a request is a dialog, a grant a banner, and one key ends it."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from meshconf.tui.app import MeshconfApp
from meshconf.tui.change import Change
from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.control import ControlScreen
from meshconf.tui.screens.help import HelpScreen
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE, FakeEngine, room_state
from tests.tui.golden import assert_golden, screen_text
from tests.tui.stage import meeting, tell, until, until_text


def control(state: str, role: str = "controlled", peer: str = BOB, **more: Any) -> dict[str, Any]:
    """An event about Bob, or somebody else."""
    return {"event": "control", "t": 754.0, "peer": peer, "name": "Bob Kahn", "role": role, "state": state, **more}


OFFER = "Bob Kahn copied text on the screen that you control; c takes it into your clipboard"


def model_of(app: MeshconfApp) -> MeetingModel:
    """What the page knows."""
    assert isinstance(app.screen, MeetingScreen)
    return app.screen.model


def grant(minutes: int, *, clipboard: bool = False) -> dict[str, Any]:
    """The command that gives Bob control."""
    return {"do": "control_grant", "peer": BOB, "minutes": minutes, "clipboard": clipboard}


def copied(text: str, peer: str = BOB) -> dict[str, Any]:
    """An event: the owner of a screen copied text there."""
    return {"event": "copied", "t": 755.0, "peer": peer, "name": "Bob Kahn", "text": text}


REQUEST = control("requested", identity="known")


async def test_a_request_is_a_dialog_and_enter_alone_says_no() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, REQUEST)
        assert isinstance(app.screen, ControlScreen)
        await assert_golden(app, "control-request")
        await pilot.press("enter")
        await until(lambda: engine.said() == [{"do": "control_deny", "peer": BOB}])
        assert isinstance(app.screen, MeetingScreen)


@pytest.mark.parametrize(("key", "minutes"), [("1", 5), ("2", 15), ("3", 60), ("4", 0)])
async def test_a_number_chooses_and_enter_grants(key: str, minutes: int) -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, REQUEST)
        await pilot.press(key)
        await pilot.pause()
        assert engine.said() == [] and isinstance(app.screen, ControlScreen), "the number alone grants nothing"
        await pilot.press("enter")
        await until(lambda: engine.said() == [grant(minutes)])


async def test_arrows_and_enter_that_were_meant_for_the_page_below_grant_nothing() -> None:
    async with meeting() as (app, pilot, engine):
        with patch("meshconf.tui.typing.PAUSE_S", 60.0):
            await tell(pilot, engine, REQUEST)
            await pilot.press("up", "enter")
            await pilot.pause()
            assert engine.said() == [] and isinstance(app.screen, ControlScreen)
        await until(lambda: not app.screen.query(".-active"))  # a button that blinks takes no enter
        await pilot.press("enter")
        await until(lambda: engine.said() == [grant(0)])


async def test_the_clipboard_is_given_by_a_choice_of_its_own() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, REQUEST)
        await pilot.press("c")
        await until_text(app, lambda text: "Clipboard: kept apart" in text)  # the letter alone gives nothing
        await pilot.press("enter")
        await until(lambda: "Clipboard: shared both ways" in screen_text(app))
        await until(lambda: not app.screen.query(".-active"))
        await pilot.press("2", "enter")
        await until(lambda: engine.said() == [grant(15, clipboard=True)])
        await tell(pilot, engine, control("granted", seconds=900.0, clipboard=True))
        await until_text(app, lambda text: "Bob Kahn controls your screen and clipboard" in text)


async def test_a_letter_of_the_page_below_shares_no_clipboard() -> None:
    async with meeting() as (app, pilot, engine):
        with patch("meshconf.tui.typing.PAUSE_S", 60.0):
            await tell(pilot, engine, REQUEST)
            await pilot.press("c", "enter")
            await pilot.pause()
        await until_text(app, lambda text: "Clipboard: kept apart" in text)


async def test_what_an_owner_copies_reaches_our_clipboard_by_a_key_only() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, copied("before any control"), control("granted", "controller"))
        await pilot.press("c")
        await until_text(app, lambda text: app.clipboard == "" and "Nothing was copied" in text)
        await tell(pilot, engine, copied("first"), copied("rm -rf \x1b[201~/\n"))
        await until_text(app, lambda text: app.clipboard == "" and "⎘ Bob Kahn copied “rm -rf [201~/”" in text)
        assert [line.text for line in model_of(app).chat if "copied text" in line.text] == [OFFER], "said once"
        await pilot.press("c")
        assert app.clipboard == "rm -rf [201~/"
        await until_text(app, lambda text: "⎘" not in text)  # taken once
        await pilot.press("c")
        assert app.clipboard == "rm -rf [201~/"


async def test_what_was_copied_is_not_offered_after_the_end() -> None:
    async with meeting() as (app, pilot, engine):
        granted, ended = control("granted", "controller"), control("ended", "controller", reason="released")
        await tell(pilot, engine, granted, copied("late"), ended)
        await pilot.press("c")
        assert app.clipboard == ""


async def test_who_points_at_our_screen_is_named_while_they_do() -> None:
    pointing = {"event": "pointing", "peer": BOB, "name": "Bob Kahn", "owner": ADA, "on": True}
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, {**pointing, "peer": CLEO, "owner": BOB}, pointing)
        await until_text(app, lambda text: "Bob Kahn points at your screen" in text)
        await tell(pilot, engine, {**pointing, "peer": CLEO})
        await until_text(app, lambda text: "Bob Kahn, Cleo Nakamura point at your screen" in text)
        gone = {"event": "peer", "peer": CLEO, "name": "Cleo Nakamura", "state": "left"}
        await tell(pilot, engine, {**pointing, "on": False}, gone)
        await until_text(app, lambda text: "your screen" not in text)


async def test_a_request_that_is_withdrawn_closes_its_dialog_unanswered() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, REQUEST, control("ended", reason="released"))
        await until(lambda: isinstance(app.screen, MeetingScreen))
        assert engine.said() == []


async def test_a_request_waits_behind_another_dialog() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await tell(pilot, engine, REQUEST)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, ControlScreen))


async def test_a_banner_says_who_controls_for_how_long_and_one_key_ends_it_also_in_a_dialog() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, control("granted", seconds=300.0))
        await until_text(app, lambda text: "Bob Kahn controls your screen · 5:00" in text)
        await pilot.press("question_mark", "ctrl+r")
        await until(lambda: engine.said() == [{"do": "control_revoke", "peer": BOB}])
        await pilot.press("escape")
        await tell(pilot, engine, control("ended", reason="revoked"))
        await until_text(app, lambda text: "controls your screen ·" not in text)


@pytest.mark.parametrize(
    ("showing", "why"), [("live", "paused by your own hands"), ("blank", "paused while your screen is blank")]
)
async def test_the_banner_says_why_control_is_paused(showing: str, why: str) -> None:
    async with meeting() as (app, pilot, engine):
        await tell(
            pilot,
            engine,
            control("granted", seconds=300.0),
            {"event": "source", "peer": ADA, "source": "screen", "state": "on", "showing": showing},
            {"event": "control_paused", "peer": BOB, "name": "Bob Kahn", "role": "controlled", "paused": True},
        )
        await until_text(app, lambda text: f"· {why}" in text)


async def test_the_key_ends_control_also_while_it_is_only_being_given() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, REQUEST)
        await pilot.press("1", "enter")
        await until(lambda: engine.said() == [grant(5)])
        await pilot.press("ctrl+r")
        await until(lambda: engine.said() == [grant(5), {"do": "control_revoke", "peer": BOB}])
        await tell(pilot, engine, control("denied", reason="revoked"))
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert len(engine.said()) == 2, "it is over"


async def test_what_we_control_has_a_banner_and_the_same_key() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(
            pilot,
            engine,
            control("granted", "controller"),
            {"event": "control_paused", "peer": BOB, "name": "Bob Kahn", "role": "controller", "paused": True},
        )
        text = screen_text(app)
        assert "You control the screen of Bob Kahn · until ended" in text and "paused" in text
        await pilot.press("t", "ctrl+r")
        await until(lambda: engine.said() == [{"do": "control_release", "peer": BOB}])


async def test_a_persons_page_offers_to_ask_for_the_screen_that_they_share() -> None:
    screen = {"event": "source", "peer": BOB, "source": "screen"}
    async with meeting() as (app, pilot, engine):
        await pilot.press("down", "down", "enter")
        await tell(pilot, engine, {**screen, "state": "off"})
        await until_text(app, lambda text: "Ask for control" not in text)
        await tell(pilot, engine, {**screen, "state": "on"})
        await until_text(app, lambda text: "Ask for control" in text)
        await pilot.press("c")
        await until(lambda: engine.said()[-1] == {"do": "control_request", "peer": BOB})
        await tell(pilot, engine, control("requested", "controller"))
        await until_text(app, lambda text: "Ask no more" in text)


@pytest.mark.parametrize(("role", "who"), [("controlled", "you pressed"), ("controller", "Bob Kahn pressed")])
def test_the_sentence_about_the_end_says_whose_hands_ended_it(role: str, who: str) -> None:
    model = MeetingModel()
    model.apply(control("granted", role))
    model.apply(control("ended", role, reason="panic"))
    assert f"{who} Esc three times" in model.chat[-1].text


async def test_who_may_not_control_is_not_offered_to_ask() -> None:
    forbidden = room_state(host=BOB, admins=[], forbidden={"control": [ADA]})
    screen = {"event": "source", "peer": CLEO, "source": "screen", "state": "on"}
    async with meeting(FakeEngine([*THREE_PEOPLE, forbidden, screen])) as (app, pilot, engine):
        await pilot.press("down", "down", "down", "enter")
        await pilot.pause()
        await until_text(app, lambda text: "Ask for control" not in text)


@pytest.mark.parametrize(
    "event",
    [
        {"event": "control"},
        {"event": "control", "peer": BOB, "role": 7, "state": []},
        control("granted", seconds="soon"),
        control("ended", name="\x1b[31mBob"),
        {"event": "control_paused", "peer": 9, "paused": "yes"},
        {"event": "copied", "peer": BOB, "text": 7},
        {"event": "pointing", "peer": [], "owner": None, "on": True},
    ],
)
def test_the_model_takes_any_event(event: dict[str, Any]) -> None:
    model = MeetingModel()
    assert isinstance(model.apply(event), Change)
    assert all("\x1b" not in line.text for line in model.chat)
