"""PortAudio through sounddevice: the lazy import, devices by name, and a format that a device agrees to.

The library is loaded by the first microphone or speaker that needs it, since it takes a moment and may be missing. It
looks for devices only when it is initialised; looking again ends all its streams, so these are told beforehand.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from typing import Any, NamedTuple, Protocol

from meshconf.devices.sound_devices import NOUNS, SoundDevice, SoundDevices, Way, missing
from meshconf.errors import DeviceError
from meshconf.types import SAMPLE_RATE

LATENCY = 0.04
"""Seconds of buffering asked of PortAudio: the least that ran without underruns beside other load."""

_LONGEST_LATENCY = 1.0
"""Seconds; what a callback says beyond it, or below zero, its sound system does not know."""

_RATES = (44_100, 96_000, 192_000, 88_200, 32_000, 24_000, 16_000, 8_000)
"""Hz to ask for where a device refuses 48 kHz and what it calls its default."""

log = logging.getLogger("meshconf.devices")

guard = threading.RLock()
"""Held while a stream is opened or closed, and while PortAudio looks for devices."""


class Format(NamedTuple):
    """What a device takes or gives; 16-bit samples in any case."""

    rate: int
    """Hz."""
    channels: int


class OpenStream(Protocol):
    """A microphone or speaker that holds a stream of PortAudio's."""

    def lose(self) -> None:
        """End as if the device were gone, and close the stream."""


_streams: weakref.WeakSet[OpenStream] = weakref.WeakSet()


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


def devices() -> SoundDevices:
    """All devices, as PortAudio found them when it last looked.

    Raises:
        DeviceError: PortAudio is not installed.
    """
    with guard:
        return SoundDevices(_list("input"), _list("output"))


def find(name: str, way: Way) -> int | None:
    """PortAudio's index of a device; None means the system's default.

    Args:
        name: `default`, a device's name, or a part of it in any case.
        way: whether it is to hear or to play.

    Raises:
        DeviceError: there is no such device, or none at all.
    """
    device = SoundDevices(_list(way), _list(way)).find(name, way)
    if device is None and not (name == "default" and default_name(way) is not None):
        raise missing(way, name)
    if device is None or name == "default":
        return None
    return next(
        index
        for index, one in enumerate(library().query_devices())
        if one[f"max_{way}_channels"] > 0 and one["name"] == device.name
    )


def default_name(way: Way) -> str | None:
    """Name of the system's default device, or None where there is none."""
    sounddevice = library()
    try:
        return str(sounddevice.query_devices(kind=way)["name"])
    except (sounddevice.PortAudioError, ValueError):
        return None


def agree(index: int | None, way: Way, channels: int) -> Format:
    """The format nearest to ours that a device takes; ours where it takes none, so that opening tells why.

    Args:
        index: PortAudio's; None for the default.
        way: whether it is to hear or to play.
        channels: 1 or 2, as they are wanted.
    """
    sounddevice = library()
    check = getattr(sounddevice, f"check_{way}_settings")
    own = int(sounddevice.query_devices(index, way)["default_samplerate"])
    for rate in dict.fromkeys((SAMPLE_RATE, own, *_RATES)):
        for count in (channels, 3 - channels):
            try:
                check(device=index, channels=count, dtype="int16", samplerate=rate)
            except (sounddevice.PortAudioError, ValueError):
                continue
            return Format(rate, count)
    return Format(SAMPLE_RATE, channels)


def opened(stream: OpenStream) -> None:
    """Remember a stream until `closed`, to be told when PortAudio looks again."""
    _streams.add(stream)


def closed(stream: OpenStream) -> None:
    """Forget a stream."""
    _streams.discard(stream)


def look_again() -> None:
    """Find devices that came and went since PortAudio was initialised; whoever has a stream has to open it again."""
    with guard:
        sounddevice = library()
        for stream in list(_streams):
            stream.lose()
        sounddevice._terminate()
        sounddevice._initialize()


def refused(way: Way, error: Exception) -> DeviceError:
    """What to tell the person when PortAudio finds the device but cannot open it."""
    noun, option = NOUNS[way]
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


def _list(way: Way) -> tuple[SoundDevice, ...]:
    default = default_name(way)
    names = [one["name"] for one in library().query_devices() if one[f"max_{way}_channels"] > 0]
    return tuple(SoundDevice(name, name, name == default) for name in names)


def _import() -> Any:
    import sounddevice  # type: ignore[import-untyped]

    return sounddevice
