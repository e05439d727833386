"""What this machine has to meet with: for `meshconf devices`, for the pickers of the TUI, and for the doctor.

Looks without opening anything: no light goes on. Blocks for up to a second, so the event loop calls it in a thread.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from meshconf.devices.camera import cameras
from meshconf.devices.screen import monitors
from meshconf.devices.sound import sound_devices
from meshconf.devices.sound_devices import Way
from meshconf.errors import DeviceError, DeviceKind, Remedy


@dataclass(frozen=True)
class Device:
    """One device that can be chosen."""

    name: str
    """As people choose it."""
    detail: str = ""
    """More for people: a size, a path."""
    default: bool = False
    """Whether `default` means this one."""


@dataclass(frozen=True)
class Problem:
    """Something that is missing."""

    kind: str
    """`microphone`, `speaker`, `camera` or `screen`."""
    error: DeviceError
    """What is the matter, and what mends it."""


@dataclass(frozen=True)
class Inventory:
    """Everything that was found."""

    microphones: tuple[Device, ...]
    """What can hear."""
    speakers: tuple[Device, ...]
    """What can play."""
    cameras: tuple[Device, ...]
    """What can see; the system tells only on Linux."""
    screens: tuple[Device, ...]
    """Monitors that can be shared."""
    display: str | None
    """Where windows would open: the X display, `wayland-0`, `native` on other systems, or None."""
    problems: tuple[Problem, ...]
    """What is missing, and what mends it."""


def inventory() -> Inventory:
    """Look at everything. Never raises for a missing part: that becomes a `Problem`."""
    problems: list[Problem] = []

    def ask(kind: str, question: Callable[[], list[Device]], missing: DeviceError | None) -> tuple[Device, ...]:
        try:
            devices = question()
        except DeviceError as error:
            problems.append(Problem(kind, error))
            return ()
        if not devices and missing is not None:
            problems.append(Problem(kind, missing))
        return tuple(devices)

    return Inventory(
        microphones=ask(
            "microphone",
            lambda: _sound("input"),
            DeviceError(
                "This machine has no microphone.",
                fix="plug in a microphone",
                kind=DeviceKind.MIC,
                remedy=Remedy.SEND_TEST_TONE,
            ),
        ),
        speakers=ask(
            "speaker",
            lambda: _sound("output"),
            DeviceError(
                "This machine has no speaker.",
                fix="plug in a speaker",
                kind=DeviceKind.SPEAKER,
                remedy=Remedy.PLAY_NOWHERE,
            ),
        ),
        cameras=ask(
            "camera",
            lambda: [Device(name, f"/dev/video{index}", place == 0) for place, (index, name) in enumerate(cameras())],
            DeviceError(
                "This machine has no camera.",
                fix="plug in a camera",
                kind=DeviceKind.CAMERA,
                remedy=Remedy.SHOW_TEST_PICTURE,
            )
            if sys.platform == "linux"
            else None,
        ),
        screens=ask("screen", _screens, DeviceError("The display has no screen.", fix="switch a monitor on")),
        display=_display(),
        problems=tuple(problems),
    )


def _sound(way: Way) -> list[Device]:
    # Where a name is not the system's own, that one fits the option as well.
    return [
        Device(device.name, device.key if device.key != device.name else "", device.default)
        for device in sound_devices().of(way)
    ]


def _screens() -> list[Device]:
    return [Device(str(one.number), f"{one.width}x{one.height}", one.number == 1) for one in monitors()]


def _display() -> str | None:
    if sys.platform != "linux":
        return "native"
    return os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or None
