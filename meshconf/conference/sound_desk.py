"""Which microphone and which speaker are in use: chosen, followed while they come and go, told to the faces.

Microphones are opened in threads; all else runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from meshconf.conference import events
from meshconf.conference.ears import CHANNELS
from meshconf.conference.publishing.sound import SoundPublisher
from meshconf.conference.sound_commands import ListDevices, Music, SoundCommand, Speaker
from meshconf.conference.tasks import Tasks
from meshconf.devices.base import AudioSink, AudioSource
from meshconf.devices.camera import cameras
from meshconf.devices.open import is_microphone, open_audio_sink, open_audio_source
from meshconf.devices.sound import sound_devices
from meshconf.devices.sound_devices import SoundDevice, SoundDevices
from meshconf.devices.sound_watch import SoundWatch
from meshconf.devices.steady import SteadyMicrophone, SteadySpeaker


class SoundDesk:
    """The sound devices of a meeting.

    Args:
        seed: tells our test tone from that of others.
        microphone: gives what sends our own microphone; asked only once a device is opened or chosen.
        tell: takes events for the faces.
        notice: takes sentences for the person.
    """

    def __init__(
        self,
        seed: str,
        microphone: Callable[[], SoundPublisher],
        *,
        tell: Callable[[events.Event], None],
        notice: Callable[[str], None],
    ) -> None:
        self._seed = seed
        self._publisher = microphone
        self._tell = tell
        self._notice = notice
        self._tasks = Tasks()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: SoundWatch | None = None
        self._devices = SoundDevices()
        self._microphone: SteadyMicrophone | None = None
        self._speaker: SteadySpeaker | None = None
        self._told: events.Devices | None = None

    def watch(self) -> None:
        """Look at what there is, and tell of it now and whenever it changes."""
        if self._watch is None:
            self._loop = asyncio.get_running_loop()
            self._watch = SoundWatch(self._heard_of)
        elif self._told is not None:
            self._tell(self._told)

    def open_source(self, spec: str) -> AudioSource:
        """Open what the microphone's source is to be; blocks.

        Raises:
            DeviceError: it is missing or refuses.
        """
        if not is_microphone(spec):
            return open_audio_source(spec, seed=self._seed)
        self._microphone = SteadyMicrophone(spec, self._open_microphone, sound_devices, self._notice)
        return self._microphone

    def open_sink(self, spec: str) -> AudioSink:
        """Open the speaker; blocks.

        Raises:
            DeviceError: it is missing or refuses.
        """
        self._speaker = SteadySpeaker(spec, partial(open_audio_sink, channels=CHANNELS), sound_devices, self._notice)
        return self._speaker

    async def do(self, command: SoundCommand) -> None:
        """Carry out a command.

        Raises:
            DeviceError: the speaker is missing or refuses; the one before goes on then.
        """
        match command:
            case Speaker(to=spec):
                if self._speaker is not None:
                    await self._speaker.choose(spec)
                    self.changed()
            case ListDevices():
                self.watch()
            case Music(on=on):
                if (publisher := self._publisher()).music != on:
                    publisher.music = on
                    if self._microphone is not None and not self._microphone.closed:
                        await self._microphone.choose(self._microphone.name)

    def changed(self) -> None:
        """A device was opened, chosen or closed: faces are told, and it is followed from now on."""
        if self._watch is None:
            if any(one is not None and one.follows for one in (self._microphone, self._speaker)):
                self.watch()
            return
        told = events.Devices(
            microphones=_listed(self._devices.microphones),
            speakers=_listed(self._devices.speakers),
            cameras=[events.Device(name=name, default=place == 0) for place, (_, name) in enumerate(cameras())],
            mic=_used(self._microphone),
            speaker=_used(self._speaker),
        )
        if told != self._told:
            self._told = told
            self._tell(told)

    async def close(self) -> None:
        """Watch no more. Devices belong to those who asked for them."""
        if self._watch is not None:
            await asyncio.to_thread(self._watch.close)
        await self._tasks.close()

    def _open_microphone(self, name: str) -> AudioSource:
        return open_audio_source(name, channels=2 if self._publisher().music else 1)

    def _heard_of(self, devices: SoundDevices) -> None:
        """In the watch's thread."""
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(lambda: self._tasks.spawn(self._settle(devices), "sound-devices"))

    async def _settle(self, devices: SoundDevices) -> None:
        self._devices = devices
        for one in (self._microphone, self._speaker):
            if one is not None and not one.closed:
                await one.settle(devices)
        self.changed()


def _listed(devices: tuple[SoundDevice, ...]) -> list[events.Device]:
    return [events.Device(name=device.name, default=device.default) for device in devices]


def _used(one: SteadyMicrophone | SteadySpeaker | None) -> str | None:
    return one.used.name if one is not None and not one.closed and one.used is not None else None
