"""The lobby from both sides: who waits is shown at once and answered with a key; oneself one can wait or go."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from meshconf.errors import MeshconfError, Refused
from meshconf.tui.app import MeshconfApp
from meshconf.tui.screens.lobby import LobbyScreen
from meshconf.tui.screens.meeting import MeetingScreen
from meshconf.tui.screens.start import StartScreen
from tests.tui.fakes import BOB, OPTIONS, THREE_PEOPLE, FakeEngine, FakeLauncher, FakeLobby, room_state
from tests.tui.golden import assert_golden
from tests.tui.stage import meeting, settled, start_page, tell, until, until_text


def knock(name: str, *, waiting: bool = True, identity: str | None = None) -> dict[str, Any]:
    return {"event": "lobby", "peer": f"{name}-id", "name": name, "waiting": waiting, "identity": identity}


async def test_who_waits_is_shown_with_what_we_know_of_them() -> None:
    async with meeting(size=(60, 20)) as (app, pilot, engine):
        await tell(pilot, engine, knock("Dan", identity="new"), knock("Eve", identity="changed"))
        await assert_golden(app, "lobby-bar-60x20")


@pytest.mark.parametrize(("key", "do"), [("ctrl+y", "admit"), ("ctrl+n", "deny")])
async def test_a_key_answers_who_is_first_also_while_something_is_typed(key: str, do: str) -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t", *"half a li")
        await tell(pilot, engine, knock("Dan"), knock("Eve"))
        await pilot.press(*"ne", key)
        assert engine.said() == [{"do": do, "peer": "Dan-id"}]
        assert isinstance(app.focused, Input) and app.focused.value == "half a line"
        await tell(pilot, engine, knock("Dan", waiting=False))
        await until_text(app, lambda text: "Eve waits" in text)
        await pilot.press(key)
        assert engine.said()[-1] == {"do": do, "peer": "Eve-id"}


async def test_who_gives_up_is_gone_and_the_next_is_not_let_in_by_surprise() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, knock("Dan"), knock("Eve"))
        await tell(pilot, engine, knock("Dan", waiting=False))
        await pilot.press("ctrl+y")
        assert engine.said() == []
        await tell(pilot, engine, knock("Eve", waiting=False))
        await until_text(app, lambda text: "^y" not in text)
        await pilot.press("ctrl+y")
        assert engine.said() == []


async def test_several_who_wait_are_answered_by_name() -> None:
    async with meeting() as (_, pilot, engine):
        await tell(pilot, engine, knock("Dan"), knock("Eve"))
        await pilot.press("t", *"/deny Eve", "enter", *"/admit Dan", "enter")
        await pilot.pause()
        assert engine.said() == [{"do": "deny", "peer": "Eve-id"}, {"do": "admit", "peer": "Dan-id"}]


async def test_whoever_may_let_nobody_in_any_more_is_not_asked() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, knock("Dan"), room_state(host=BOB, admins=[]))
        await until_text(app, lambda text: "Dan waits ·" not in text and "^y" not in text)


async def test_a_former_host_who_is_back_gets_the_role_after_a_question() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, {"event": "host_returned", "peer": BOB, "name": "Bob Kahn"})
        await until_text(app, lambda text: "Bob Kahn, who was host, is back  b gives" in text)
        await pilot.press("b", "y", "enter")
        await pilot.pause()
        assert engine.said() == [{"do": "transfer_host", "peer": BOB}]
        await tell(pilot, engine, room_state(host=BOB, admins=[]))
        await until_text(app, lambda text: "who was host" not in text)
        await pilot.press("b")
        assert len(engine.said()) == 1


def waiting_at(lobby: FakeLobby) -> MeshconfApp:
    return MeshconfApp(FakeLauncher(), OPTIONS, lobby=lobby, clock=lambda: 1000.0)


async def test_the_newcomers_page_is_calm_and_leads_into_the_meeting() -> None:
    lobby = FakeLobby()
    app = waiting_at(lobby)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await assert_golden(app, "lobby-60x20")
        lobby.decision.set_result(FakeEngine(THREE_PEOPLE))
        await until(lambda: isinstance(app.screen, MeetingScreen))
    assert not lobby.given_up


@pytest.mark.parametrize("reason", ["locked", "denied", "removed", "full"])
async def test_whoever_is_not_let_in_is_told_outside_with_the_exit_code_of_a_refusal(reason: str) -> None:
    lobby = FakeLobby()
    app = waiting_at(lobby)
    async with app.run_test(size=(60, 20)):
        lobby.decision.set_exception(Refused("The host did not let you in.", reason=reason))
        await until(lambda: app.return_value is not None)
    assert app.return_value == 4 and str(app.failure) == "The host did not let you in."


async def test_giving_up_ends_what_waits() -> None:
    lobby = FakeLobby()
    app = waiting_at(lobby)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("escape")
        await until(lambda: app.return_value is not None)
    assert app.return_value == 0 and lobby.given_up


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(Refused("The meeting is locked."), "The meeting is locked."), (None, "You gave up waiting.")],
)
async def test_the_start_page_goes_through_the_lobby_and_back(error: MeshconfError | None, sentence: str) -> None:
    lobby = FakeLobby()
    async with start_page(FakeLauncher(lobby)) as (app, pilot):
        await pilot.press(*"42-crumb-ozone-plank", "enter")
        await until(lambda: isinstance(app.screen, LobbyScreen))
        if error is None:
            await pilot.press("escape")
        else:
            lobby.decision.set_exception(error)
        await until(lambda: isinstance(app.screen, StartScreen))
        await until_text(app, lambda text: sentence in text)


async def test_the_start_page_goes_through_the_lobby_into_the_meeting() -> None:
    lobby = FakeLobby()
    async with start_page(FakeLauncher(lobby)) as (app, pilot):
        await pilot.press(*"42-crumb-ozone-plank", "enter")
        await until(lambda: isinstance(app.screen, LobbyScreen))
        lobby.decision.set_result(FakeEngine(THREE_PEOPLE))
        await until(lambda: isinstance(app.screen, MeetingScreen))
