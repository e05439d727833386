"""A microphone or speaker that stays: what is chosen while it is there, else the default one, else silence.

Whoever reads or writes it notices no change; the person reads a sentence about each. Made and closed in any thread; the
rest runs on the event loop.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from meshconf.devices.base import AudioSink, AudioSource, SourceEnded, TimedSink, TimedSource
from meshconf.devices.opening import open_or_release
from meshconf.devices.sound_devices import SoundDevice, SoundDevices, Way
from meshconf.devices.synthetic import NullSink, Silence
from meshconf.errors import DeviceError
from meshconf.media.samples import Samples

Device = TypeVar("Device", AudioSource, AudioSink)

NOWHERE = ("null", "none")
"""Names of no device at all."""

_SHORT_LIFE_S = 1.0
"""Seconds; what ends sooner after it was opened is not opened again before there is news."""


class Steady(ABC, Generic[Device]):
    """What microphone and speaker have in common."""

    way: Way
    """Whether it hears or plays."""

    def __init__(
        self,
        name: str,
        open_device: Callable[[str], Device],
        look: Callable[[], SoundDevices],
        on_notice: Callable[[str], None],
    ) -> None:
        """Open it; may take a second.

        Args:
            name: `default`, (a part of) a name, or for speakers one of `NOWHERE`.
            open_device: opens a device by any of these; blocks.
            look: finds out what there is; blocks.
            on_notice: takes sentences for the person, on the event loop.

        Raises:
            DeviceError: it is not there or refuses.
        """
        self.name = name
        self._open: Callable[[str], Device] = open_device
        self._look = look
        self._on_notice = on_notice
        # Before it is opened: looking may fail, and nothing is to stay open then.
        self._used = self._find(name)
        self._device: Device = open_device(name)
        self._opened = time.monotonic()
        self._silent = False
        self._closed = False
        self._changing = asyncio.Lock()

    @property
    def used(self) -> SoundDevice | None:
        """The device in use, where it is one of the system's list."""
        return None if self._silent else self._used

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def follows(self) -> bool:
        """Whether devices that come and go matter to it."""
        return not self._closed and self.name not in NOWHERE

    async def choose(self, name: str) -> None:
        """Use another device, or none; arguments and errors as when it is made. What was in use stays until then."""
        async with self._changing:
            used = await asyncio.to_thread(self._find, name)
            device = await open_or_release(self._open, name)
            self.name, self._used = name, used
            await self._replace(device)

    async def settle(self, devices: SoundDevices) -> None:
        """Use the best of what there is now."""
        async with self._changing:
            chosen = devices.find(self.name, self.way)
            target = chosen or devices.find("default", self.way)
            if not self.follows or (self.used is not None and target is not None and target.key == self.used.key):
                return
            if chosen is None and self._is_unlisted():
                return
            if target is None:
                await self._fall_silent(self._lonely())
                return
            # The system moves a stream that follows the default, often before we know.
            follows = chosen is None or self.name == "default"
            try:
                device = await open_or_release(self._open, "default" if follows else target.key)
            except DeviceError as error:
                if self.used is None or self.used not in devices.of(self.way):
                    await self._fall_silent(f"{error} {self._lonely()}")
                return
            self._used = target
            await self._replace(device)
            self._on_notice(self._news(target.name, gone=None if chosen is not None else self.name))

    def close(self) -> None:
        """Release the device; see `AudioSource.close`."""
        self._closed = True
        self._device.close()

    def _is_unlisted(self) -> bool:
        """Whether what is in use was chosen by a name that no list has, such as that of a card past the server."""
        return self._used is None and not self._silent and self.name != "default"

    def _find(self, name: str) -> SoundDevice | None:
        return None if name in NOWHERE else self._look().find(name, self.way)

    async def _lose(self, device: Device) -> None:
        """A device ended by itself: another takes its place, if there is one."""
        if self._device is not device:
            return
        lived = time.monotonic() - self._opened
        await self._replace(self._stand_in(), silent=True)
        if lived < _SHORT_LIFE_S:
            self._on_notice(self._lonely())
            return
        try:
            devices = await asyncio.to_thread(self._look)
        except DeviceError:
            devices = SoundDevices()
        await self.settle(devices)

    async def _fall_silent(self, sentence: str) -> None:
        told = self._silent and self._used is None
        self._used = None
        await self._replace(self._stand_in(), silent=True)
        if not told:
            self._on_notice(sentence)

    async def _replace(self, device: Device, *, silent: bool = False) -> None:
        before, self._device, self._silent = self._device, device, silent
        self._opened = time.monotonic()
        # Looked at only now: whoever closes it from here on finds the new device.
        over = (before, device) if self._closed else (before,)
        # Whoever is cancelled meanwhile leaves nothing open.
        await asyncio.shield(asyncio.gather(*(asyncio.to_thread(one.close) for one in over)))

    @abstractmethod
    def _stand_in(self) -> Device:
        """What takes the place of a device while there is none."""

    @abstractmethod
    def _news(self, name: str, *, gone: str | None) -> str:
        """The sentence for a change to a device, instead of one that is gone."""

    @abstractmethod
    def _lonely(self) -> str:
        """The sentence for no device at all."""


class SteadyMicrophone(Steady[AudioSource]):
    """A `TimedSource` that is never lost."""

    way: Way = "input"
    captured = 0.0

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        while True:
            device = self._device
            try:
                block: Samples = await device.read()
            except SourceEnded:
                if self._closed:
                    raise
                await self._lose(device)
            except DeviceError:
                await self._lose(device)
            else:
                self.captured = device.captured if isinstance(device, TimedSource) else time.monotonic()
                return block

    def _stand_in(self) -> AudioSource:
        return Silence()

    def _news(self, name: str, *, gone: str | None) -> str:
        if gone is not None and gone != "default":
            return f"The microphone {gone!r} is gone: you are heard through {name!r} until it is back."
        return f"You are heard through the microphone {name!r} now."

    def _lonely(self) -> str:
        return "The microphone is gone: nobody hears you until there is one again."


class SteadySpeaker(Steady[AudioSink]):
    """A `TimedSink` that is never lost."""

    way: Way = "output"

    def write(self, samples: Samples) -> None:
        """Queue 20 ms; see `AudioSink.write`."""
        self._device.write(samples)

    async def pace(self) -> None:
        """Wait until another 20 ms fit; see `AudioSink.pace`."""
        while True:
            device = self._device
            try:
                await device.pace()
            except SourceEnded:
                if self._closed:
                    raise
                await self._lose(device)
            except DeviceError:
                await self._lose(device)
            else:
                return

    def played(self) -> list[tuple[float, Samples]]:
        """What was played since the last call; see `TimedSink.played`."""
        return self._device.played() if isinstance(self._device, TimedSink) else []

    def _stand_in(self) -> AudioSink:
        return NullSink()

    def _news(self, name: str, *, gone: str | None) -> str:
        if gone is not None and gone != "default":
            return f"The speaker {gone!r} is gone: you hear the others through {name!r} until it is back."
        return f"You hear the others through the speaker {name!r} now."

    def _lonely(self) -> str:
        return "The speaker is gone: you hear nobody until there is one again."
