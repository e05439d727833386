"""Which microphones and speakers there are: names, and who is meant by one. Touches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from meshconf.errors import DeviceError, DeviceKind, Remedy

Way = Literal["input", "output"]

NOUNS: dict[Way, str] = {"input": "microphone", "output": "speaker"}
"""What people call it."""

KINDS = {"input": DeviceKind.MIC, "output": DeviceKind.SPEAKER}


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """One microphone or speaker."""

    name: str
    """As people choose it."""
    key: str
    """As the system names it."""
    default: bool = False
    """Whether `default` means this one."""


@dataclass(frozen=True, slots=True)
class SoundDevices:
    """All that there are."""

    microphones: tuple[SoundDevice, ...] = ()
    speakers: tuple[SoundDevice, ...] = ()

    def of(self, way: Way) -> tuple[SoundDevice, ...]:
        """Those that hear, or those that play."""
        return self.microphones if way == "input" else self.speakers

    def find(self, name: str, way: Way) -> SoundDevice | None:
        """The device meant by `default`, a name, a key, or a part of a name in any case."""
        devices = self.of(way)
        if name == "default":
            return next((device for device in devices if device.default), None)
        exact = next((device for device in devices if name in (device.name, device.key)), None)
        wanted = name.casefold()
        return exact or next((device for device in devices if wanted in device.name.casefold()), None)


def missing(way: Way, name: str = "default") -> DeviceError:
    """What to tell the person when there is no such device, or none at all."""
    noun, kind = NOUNS[way], KINDS[way]
    if name == "default":
        return DeviceError(
            f"This machine has no {noun}.", fix=f"plug in a {noun}", kind=kind, remedy=Remedy.CHOOSE_ANOTHER
        )
    return DeviceError(f"There is no {noun} named {name!r}.", kind=kind, remedy=Remedy.CHOOSE_LISTED)
