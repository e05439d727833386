"""PortAudio through sounddevice: the lazy import, and finding a device by name.

The library is loaded by the first microphone or speaker, since it takes a moment and may be missing.
"""

from __future__ import annotations

import time
from typing import Any, Literal

from meshconf.errors import DeviceError

Way = Literal["input", "output"]

LATENCY = 0.04
"""Seconds of buffering asked of PortAudio: the least that ran without underruns beside other load."""

_LONGEST_LATENCY = 1.0
"""Seconds; what a callback says beyond it, or below zero, its sound system does not know."""

_WORDS: dict[Way, tuple[str, str]] = {"input": ("microphone", "--mic"), "output": ("speaker", "--speaker")}


def library() -> Any:
    """The sounddevice module.

    Raises:
        DeviceError: PortAudio is not installed.
    """
    try:
        return _import()
    except OSError as error:
        raise DeviceError(
            "Sound needs the PortAudio library, which is not installed.", fix="sudo apt install libportaudio2"
        ) from error


def names(way: Way) -> list[str]:
    """Names of all devices that can do `way`, as PortAudio lists them."""
    return [device["name"] for device in library().query_devices() if device[f"max_{way}_channels"] > 0]


def default_name(way: Way) -> str | None:
    """Name of the system's default device, or None where there is none."""
    sounddevice = library()
    try:
        return str(sounddevice.query_devices(kind=way)["name"])
    except (sounddevice.PortAudioError, ValueError):
        return None


def find(name: str, way: Way) -> int | None:
    """PortAudio's index of a device; None means the system's default.

    Args:
        name: `default`, a device's name, or a part of it in any case.
        way: whether it is to hear or to play.

    Raises:
        DeviceError: there is no such device, or none at all.
    """
    noun, option = _WORDS[way]
    sounddevice = library()
    if name == "default":
        if default_name(way) is None:
            raise DeviceError(
                f"This machine has no {noun}.", fix=f"plug in a {noun} or choose another with {option} NAME"
            )
        return None
    wanted = name.casefold()
    partial: int | None = None
    for index, device in enumerate(sounddevice.query_devices()):
        if device[f"max_{way}_channels"] < 1:
            continue
        if device["name"] == name:
            return index
        if partial is None and wanted in device["name"].casefold():
            partial = index
    if partial is None:
        raise DeviceError(
            f"There is no {noun} named {name!r}.", fix=f"`meshconf devices` lists them; choose one with {option} NAME"
        )
    return partial


def refused(way: Way, error: Exception) -> DeviceError:
    """What to tell the person when PortAudio finds the device but cannot open it."""
    noun, option = _WORDS[way]
    return DeviceError(
        f"The {noun} does not open: {error}.",
        fix=f"close the program that uses it, allow this terminal to use it, or choose another with {option} NAME",
    )


def captured_at(when: Any, latency: float) -> float:
    """Monotonic time at which the first sample of a callback's block was heard.

    Args:
        when: the callback's times, in seconds of PortAudio's own clock.
        latency: of the stream, for sound systems that do not fill them in.
    """
    age = when.currentTime - when.inputBufferAdcTime
    return time.monotonic() - (age if 0.0 < age < _LONGEST_LATENCY else latency)


def sounds_at(when: Any, latency: float) -> float:
    """Monotonic time at which the first sample of a callback's block will sound; arguments as for `captured_at`."""
    ahead = when.outputBufferDacTime - when.currentTime
    return time.monotonic() + (ahead if 0.0 < ahead < _LONGEST_LATENCY else latency)


def _import() -> Any:
    import sounddevice  # type: ignore[import-untyped]

    return sounddevice
