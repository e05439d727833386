"""Microphones and speakers by name, through the sound server where there is one, else through PortAudio.

The sound server resamples, shares devices among programs and moves streams; PortAudio on a bare system does none of
that. A name that the server does not know may still be one of PortAudio's: a card of its own, past the server.
"""

from __future__ import annotations

from meshconf.devices import portaudio
from meshconf.devices.base import AudioSink, AudioSource
from meshconf.devices.sound_devices import SoundDevice, SoundDevices, Way, missing

_SERVER_FOLLOWS = None
"""The device of a stream that the server is to keep on the default one."""


def sound_devices() -> SoundDevices:
    """Look at what there is now; blocks for some milliseconds, with PortAudio for up to a second.

    Raises:
        DeviceError: there is neither a sound server nor PortAudio.
    """
    from meshconf.devices.pulse.connection import NoServer
    from meshconf.devices.pulse.server import list_devices

    try:
        return list_devices()
    except NoServer:
        return portaudio.devices()


def open_microphone(name: str, channels: int = 1) -> AudioSource:
    """Open a microphone; blocks for up to a second.

    Args:
        name: `default`, a device's name or a part of it.
        channels: 1, or 2 for stereo.

    Raises:
        DeviceError: the device is missing or refuses.
    """
    if (device := _of_server(name, "input")) is not None:
        from meshconf.devices.pulse.recording import PulseMicrophone

        return PulseMicrophone(_SERVER_FOLLOWS if name == "default" else device.key, channels)
    from meshconf.devices.microphone import Microphone

    return Microphone(name, channels)


def open_speaker(name: str, channels: int = 1) -> AudioSink:
    """Open a speaker; see `open_microphone`."""
    if (device := _of_server(name, "output")) is not None:
        from meshconf.devices.pulse.playing import PulseSpeaker

        return PulseSpeaker(_SERVER_FOLLOWS if name == "default" else device.key, channels)
    from meshconf.devices.speaker import Speaker

    return Speaker(name, channels)


def _of_server(name: str, way: Way) -> SoundDevice | None:
    """The server's device of that name; None where PortAudio is to be asked."""
    from meshconf.devices.pulse.connection import NoServer
    from meshconf.devices.pulse.server import list_devices

    try:
        device = list_devices().find(name, way)
    except NoServer:
        return None
    if device is None and name == "default":
        # PortAudio's default is the server again, which would record what its speakers play.
        raise missing(way)
    return device
