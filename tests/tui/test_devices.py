"""Another microphone, speaker or camera is chosen by keys while the meeting goes on."""

from __future__ import annotations

from typing import Any

import pytest

from meshconf.tui.change import Change
from meshconf.tui.model import MeetingModel
from meshconf.tui.screens.devices import DevicesScreen
from meshconf.tui.screens.meeting import MeetingScreen
from tests.tui.golden import assert_golden, screen_text
from tests.tui.stage import meeting, tell, until, until_text

ON_AIR: dict[str, Any] = {"event": "microphone", "muted": False, "open": True, "on_air": True}
DEVICES: dict[str, Any] = {
    "event": "devices",
    "microphones": [{"name": "USB Mic", "default": True}, {"name": "Webcam \x1b[31mmic", "default": False}],
    "speakers": [{"name": "Headset", "default": True}, {"name": "Monitor", "default": False}],
    "cameras": [{"name": "HD Webcam", "default": True}],
    "mic": "USB Mic",
    "speaker": "Headset",
}


@pytest.mark.parametrize("size", [(60, 20), (120, 36)])
async def test_the_page_of_devices(size: tuple[int, int]) -> None:
    async with meeting(size=size) as (app, pilot, engine):
        await pilot.press("a", "d")
        await until(lambda: engine.said() == [{"do": "devices"}])
        await until(lambda: "Looking for devices" in screen_text(app))
        await tell(pilot, engine, ON_AIR, DEVICES)
        await assert_golden(app, f"devices-{size[0]}x{size[1]}")


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["enter"], {"do": "source", "source": "mic", "on": True, "from": "USB Mic"}),
        (["2"], {"do": "source", "source": "mic", "on": True, "from": "Webcam \x1b[31mmic"}),
        (["down", "down", "down", "enter"], {"do": "speaker", "to": "Monitor"}),
        (["5"], {"do": "source", "source": "camera", "on": True, "from": "HD Webcam"}),
    ],
)
async def test_a_key_or_an_arrow_chooses(keys: list[str], command: dict[str, Any]) -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("t", *"/devices", "enter")
        await until(lambda: isinstance(app.screen, DevicesScreen))
        await tell(pilot, engine, ON_AIR, DEVICES)
        await pilot.press(*keys)
        await until(lambda: engine.said() == [{"do": "devices"}, command])
        await tell(pilot, engine, {**DEVICES, "mic": None, "speaker": "Monitor"})
        await until_text(app, lambda text: "Monitor" in next(line for line in text.splitlines() if "in use" in line))
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, MeetingScreen))


async def test_what_else_a_choice_does_is_said_before() -> None:
    async with meeting() as (app, pilot, engine):
        await pilot.press("a", "d")
        camera_off = {"event": "source", "peer": "ada2345abcdefghi", "source": "camera", "state": "off"}
        await tell(pilot, engine, {**DEVICES, "speakers": []}, {**ON_AIR, "on_air": False}, camera_off)
        text = screen_text(app)
        assert "Microphone: to choose one lets you be heard" in text
        assert "Camera: to choose one switches it on" in text and "Speaker: there is none" in text


@pytest.mark.parametrize(
    "event",
    [
        {"event": "devices"},
        {"event": "devices", "microphones": "all", "speakers": [3, {"name": []}], "cameras": [{"default": True}]},
        {"event": "devices", "mic": 4, "speaker": "x" * 1000, "cameras": [{"name": "c"}] * 1000},
    ],
)
def test_the_model_takes_any_event(event: dict[str, Any]) -> None:
    model = MeetingModel()
    assert isinstance(model.apply(event), Change)
    assert model.devices is not None and model.devices.speaker == "" and len(model.devices.cameras) <= 16
