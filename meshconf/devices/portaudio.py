"""PortAudio through sounddevice: the lazy import, devices by name, and a format that a device agrees to.

The library is loaded by the first microphone or speaker that needs it, since it takes a moment and may be missing. It
looks for devices only when it is initialised; looking again ends all its streams, so these are told beforehand.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from meshconf.devices.sound_devices import KINDS, NOUNS, SoundDevice, SoundDevices, Way, missing
from meshconf.errors import DeviceError, Remedy
from meshconf.types import SAMPLE_RATE

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
    """A stream of PortAudio's that `look_again` has to end."""

    def lose(self) -> None:
        """End as if the device were gone."""


_streams: weakref.WeakSet[OpenStream] = weakref.WeakSet()


def library() -> Any:
    """The sounddevice module.

    Raises:
        DeviceError: PortAudio is not installed, or does not start.
    """
    try:
        return _import()
    except OSError as error:
        raise DeviceError(
            "Sound needs the PortAudio library, which is not installed.", fix="sudo apt install libportaudio2"
        ) from error
    except Exception as error:  # the module that has the class of PortAudio's errors is what did not load
        raise _unusable(error) from error


def devices() -> SoundDevices:
    """All devices, as PortAudio found them when it last looked.

    Raises:
        DeviceError: PortAudio is not installed, or cannot say.
    """
    with guard, _failures_told():
        return SoundDevices(_list("input"), _list("output"))


def find(name: str, way: Way) -> int | None:
    """PortAudio's index of a device; None means the system's default.

    Args:
        name: `default`, a device's name, or a part of it in any case.
        way: whether it is to hear or to play.

    Raises:
        DeviceError: there is no such device, or none at all; or PortAudio cannot say.
    """
    with _failures_told():
        return _find(name, way)


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

    Raises:
        DeviceError: the device has just gone.
    """
    sounddevice = library()
    check = getattr(sounddevice, f"check_{way}_settings")
    with refusals_told(way):
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
    """Find devices that came and went since PortAudio was initialised; whoever has a stream has to open it again.

    Raises:
        DeviceError: PortAudio is not installed, or does not start any more.
    """
    with guard, _failures_told():
        sounddevice = library()
        for stream in list(_streams):
            stream.lose()
        # It has ended already where it did not start the last time.
        with contextlib.suppress(sounddevice.PortAudioError):
            sounddevice._terminate()
        sounddevice._initialize()


@contextlib.contextmanager
def refusals_told(way: Way) -> Iterator[None]:
    """Make a DeviceError of what PortAudio raises while a device that it has found is opened."""
    sounddevice = library()
    try:
        yield
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(
            f"The {NOUNS[way]} does not open: {error}.",
            fix="close the program that uses it, allow this terminal to use it",
            kind=KINDS[way],
            remedy=Remedy.CHOOSE_ANOTHER,
        ) from error


@contextlib.contextmanager
def _failures_told() -> Iterator[None]:
    sounddevice = library()
    try:
        yield
    except sounddevice.PortAudioError as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> DeviceError:
    return DeviceError(
        f"The sound of this machine cannot be used: {error}.", fix="plug the device in again, or start meshconf again"
    )


def _find(name: str, way: Way) -> int | None:
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


def _list(way: Way) -> tuple[SoundDevice, ...]:
    default = default_name(way)
    names = [one["name"] for one in library().query_devices() if one[f"max_{way}_channels"] > 0]
    return tuple(SoundDevice(name, name, name == default) for name in names)


def _import() -> Any:
    import sounddevice  # type: ignore[import-untyped]

    return sounddevice
