"""Talking and hearing on the meeting page: keys, what they send, what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.play import PlayScreen
from meshconf.tui.screens.sound import SoundScreen
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE
from tests.tui.golden import assert_golden, screen_text
from tests.tui.stage import meeting, tell, until, until_text

OPEN: dict[str, Any] = {
    "event": "microphone", "muted": True, "open": True, "on_air": False, "push_to_talk": False, "while_muted": "keep",
}  # fmt: skip
MIC_OFF = {"event": "source", "peer": ADA, "source": "mic", "state": "off"}
PLAYING = {
    "event": "playback", "state": "playing", "from": "file:/music/Song of the sea.ogg", "position_s": 62.0,
    "duration_s": 248.0, "repeat": False,
}  # fmt: skip


async def test_m_mutes_at_once_and_says_whether_the_device_is_open() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("m")
        assert engine.said() == [{"do": "mute"}]
        await tell(pilot, engine, MIC_OFF, OPEN)
        await until_text(app, lambda text: "m ◐ Microphone muted" in text)
        await pilot.press("m")
        assert engine.said()[-1] == {"do": "unmute"}
        await tell(pilot, engine, {**OPEN, "open": False}, MIC_OFF)
        await until_text(app, lambda text: "m ○ Microphone off" in text)
        await tell(pilot, engine, {**OPEN, "push_to_talk": True})
        await until_text(app, lambda text: "m ◐ Microphone hold space" in text)


async def test_space_is_down_and_then_up_by_itself() -> None:
    async with meeting() as (app, pilot, engine):
        now = 100.0
        app.screen._talk_key._clock = lambda: now  # type: ignore[attr-defined]
        await pilot.press("space", "space")
        await until(lambda: bool(engine.said()))
        now = 102.0
        await until(lambda: len(engine.said()) > 1)
        assert engine.said() == [{"do": "ptt", "state": "down", "hold_s": 3.0}, {"do": "ptt", "state": "up"}]


@pytest.mark.parametrize(
    ("key", "command", "told", "back"),
    [
        ("h", {"do": "hand", "up": True}, {"event": "hand", "peer": ADA, "up": True}, {"do": "hand", "up": False}),
        ("e", {"do": "deafen", "on": True}, {"event": "volume", "deaf": True}, {"do": "deafen", "on": False}),
        ("n", {"do": "sounds", "on": False}, {"event": "sounds", "on": False}, {"do": "sounds", "on": True}),
    ],
)  # fmt: skip
async def test_a_key_turns_a_thing_over(key: str, command: Any, told: Any, back: Any) -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press(key)
        await tell(pilot, engine, told)
        await pilot.press(key)
        assert engine.said() == [command, back]


async def test_hands_stand_in_line_and_the_longest_waits_first() -> None:
    async with meeting(size=(140, 40)) as (app, pilot, engine):
        await tell(pilot, engine, {"event": "hand", "peer": BOB, "up": True, "t": 100.0, "waited_s": 1.0})
        await tell(pilot, engine, {"event": "hand", "peer": CLEO, "up": True, "t": 101.0, "waited_s": 60.0})
        text = screen_text(app)
        assert "Cleo Nakamura ⇧ hand 1" in text and "⇧ hand 2" in text and "Cleo Nakamura wants to speak" in text
        await tell(pilot, engine, {"event": "hand", "peer": CLEO, "up": False})
        await until_text(app, lambda text: "⇧ hand 1" in text and "⇧ hand 2" not in text)


async def test_who_is_not_heard_and_who_hears_nobody_is_shown() -> None:
    async with meeting(size=(140, 40)) as (app, pilot, engine):
        await tell(
            pilot,
            engine,
            {"event": "volume", "peer": BOB, "gain_db": -6.0, "deaf": True},
            {"event": "volume", "peer": CLEO, "gain_db": -6.0, "deaf": False},
            {"event": "volume", "peer": None, "gain_db": 0.0, "deaf": True},
            {"event": "deafened", "peer": CLEO, "on": True},
        )
        text = screen_text(app)
        assert all(words in text for words in ("not heard here", "-6 dB", "hears nobody", "you hear nobody"))


async def test_a_notice_with_a_code_is_shown_and_not_kept() -> None:
    async with meeting() as (app, pilot, engine):
        sentence = "You are talking, but you are muted."
        await tell(pilot, engine, {"event": "notice", "text": sentence, "code": "talking-while-muted"})
        await until(lambda: "You are talking" in screen_text(app))
        assert not any(line.text == sentence for line in app.screen.model.chat)  # type: ignore[attr-defined]


async def test_the_page_of_sound_looks_as_agreed_and_stays_true() -> None:
    async with meeting(size=(80, 24)) as (app, pilot, engine):
        await tell(pilot, engine, MIC_OFF, OPEN)
        await pilot.press("a")
        assert isinstance(app.screen, SoundScreen)
        await assert_golden(app, "sound-80x24")
        await pilot.press("+", "k")
        assert engine.said() == [{"do": "volume", "gain_db": 3.0}, {"do": "ptt", "state": "on"}]
        await tell(pilot, engine, {**OPEN, "on_air": True, "muted": False})
        await until_text(app, lambda text: "You are heard." in text)


async def test_the_player_looks_as_agreed_and_has_keys() -> None:
    async with meeting(size=(80, 24)) as (app, pilot, engine):
        await tell(pilot, engine, PLAYING, {"event": "source", "peer": ADA, "source": "media", "state": "on"})
        await until_text(app, lambda text: "● File 1:02" in text)
        await pilot.press("f")
        await assert_golden(app, "player-80x24")
        await pilot.press("space", "left", "right", "home", "s")
        assert engine.said() == [
            {"do": "pause"},
            {"do": "seek", "by_s": -10.0},
            {"do": "seek", "by_s": 10.0},
            {"do": "seek", "to_s": 0.0},
            {"do": "stop"},
        ]
        await tell(pilot, engine, {**PLAYING, "state": "paused"})
        await until_text(app, lambda text: "‖ Song of the sea.ogg" in text)
        await pilot.press("space")
        assert engine.said()[-1] == {"do": "resume"}
        await tell(pilot, engine, {"event": "playback", "state": "stopped"})
        assert not isinstance(app.screen, PlayScreen)


async def test_something_else_can_be_played_from_the_player() -> None:
    async with meeting() as (app, pilot, engine):
        await tell(pilot, engine, PLAYING)
        await pilot.press("f", "n", *"https://a.b/s n")
        await tell(pilot, engine, {**PLAYING, "position_s": 63.0})
        await pilot.press("enter")
        await pilot.pause()
        assert engine.said() == [{"do": "play", "from": "https://a.b/s n"}]


def test_who_leaves_leaves_the_line_too() -> None:
    model = MeetingModel("Ada")
    for event in [*THREE_PEOPLE, {"event": "hand", "peer": BOB, "up": True}]:
        model.apply(event)
    model.apply({"event": "peer", "peer": BOB, "state": "left"})
    assert model.talk.hands == {}
