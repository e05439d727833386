"""`meshconf devices` names what there is, and what is missing with its remedy."""

from __future__ import annotations

import json

import pytest

from meshconf.cli.main import main
from meshconf.devices import inventory as module
from meshconf.devices.inventory import Device, Inventory, Problem
from meshconf.errors import DeviceError

_FOUND = Inventory(
    microphones=(Device("Desk\x1b[31m Mic", default=True), Device("Headset")),
    speakers=(),
    cameras=(),
    screens=(Device("1", "1920x1080", True),),
    display=":0",
    problems=(Problem("speaker", DeviceError("This machine has no speaker.", fix="plug one in")),),
)


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "inventory", lambda: _FOUND)


def test_devices_stand_under_the_option_that_takes_their_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    out = capsys.readouterr().out
    microphones, speakers, cameras, screens, windows = out.split("\n\n")
    assert microphones.splitlines()[0] == "Microphones (--mic NAME)"
    assert "default" in microphones.splitlines()[1] and "default" not in microphones.splitlines()[2]
    assert speakers.splitlines()[1:] == ["  This machine has no speaker.", "    plug one in"]
    assert "`default` may work" in cameras
    assert screens.splitlines()[0] == "Screens (--screen NUMBER)"
    assert screens.splitlines()[1].split() == ["1", "1920x1080", "default"]
    assert windows == "Windows open on the display :0\n"
    assert "\x1b" not in out


def test_programs_get_everything_as_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [device["name"] for device in said["microphones"]] == ["Desk\x1b[31m Mic", "Headset"]
    assert said["problems"] == [{"kind": "speaker", "sentence": "This machine has no speaker.", "fix": "plug one in"}]
    assert said["display"] == ":0"
