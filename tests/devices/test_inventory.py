import pytest

from meshconf.devices import inventory as module
from meshconf.devices.inventory import Device, inventory
from meshconf.devices.screen import Monitor
from meshconf.errors import DeviceError


def no_library() -> None:
    raise DeviceError("Sound needs the PortAudio library.", fix="sudo apt install libportaudio2")


def test_what_is_missing_becomes_a_problem_with_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "sound_devices", no_library)
    monkeypatch.setattr(module, "cameras", lambda: [(2, "Desk Cam")])
    monkeypatch.setattr(module, "monitors", lambda: [Monitor(1, 1280, 720), Monitor(2, 800, 600)])
    found = inventory()
    assert found.microphones == found.speakers == ()
    assert found.cameras == (Device("Desk Cam", "/dev/video2", True),)
    assert found.screens == (Device("1", "1280x720", True), Device("2", "800x600"))
    assert [(problem.kind, problem.error.fix) for problem in found.problems] == [
        ("microphone", "sudo apt install libportaudio2"),
        ("speaker", "sudo apt install libportaudio2"),
    ]
