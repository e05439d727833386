"""A microphone or speaker that stays: what is chosen while it is there, else the default one, else silence.

Whoever reads or writes it notices no change; the person reads a sentence about each. One that hangs, or whose sound
server does, is lost as one that was unplugged is; since nobody tells when it goes on, that is tried out now and then.
Made and closed in any thread; the rest runs on the event loop.
"""

from __future__ import annotations

import asyncio
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import numpy as np

from meshconf.devices.base import AudioSink, AudioSource, SourceEnded, TimedSink, TimedSource
from meshconf.devices.opening import open_or_release
from meshconf.devices.sound_devices import SoundDevice, SoundDevices, Way
from meshconf.devices.synthetic import NullSink, Silence
from meshconf.errors import DeviceError
from meshconf.media.samples import Samples
from meshconf.types import BLOCK

Device = TypeVar("Device", AudioSource, AudioSink)
T = TypeVar("T")

NOWHERE = ("null", "none")
"""Names of no device at all."""

_SHORT_LIFE_S = 1.0
"""Seconds; what ends sooner after it was opened is not opened again before there is news."""

_HANGS_S = 3.0
"""Seconds after which one that gives or takes no block hangs."""

_WAKES_S = 6.0
"""Seconds after it was opened in which that is no wonder: a headset may change its profile."""

_TRY_EVERY_S = 10.0
"""Seconds between two trials whether one goes on."""

_TRY_S = 20.0
"""Seconds that looking for one and trying it out may take."""

_CLOSES_S = 2.0
"""Seconds that one may take to close before it is left to its thread."""

_TRIED = 10
"""Blocks that a speaker must take: more than fit into any."""


class _Hangs(Exception):
    """A device gives or takes nothing."""


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
        self._try_at = math.inf
        """After one hung: when to see whether it, or another, works."""
        self._trial: asyncio.Task[None] | None = None
        self._silent = False
        self._closed = False
        self._changing = asyncio.Lock()

    @property
    def used(self) -> SoundDevice | None:
        """The device in use, where it is one of the system's list."""
        return None if self._silent else self._used

    @property
    def lost(self) -> bool:
        """Whether there is no device: silence is heard, or nothing played."""
        return self._silent

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

    async def _patiently(self, wait: Callable[[], Awaitable[T]], opened: float) -> T:
        """Wait for a device that was opened at that monotonic moment, but not for ever.

        Raises:
            _Hangs: it does nothing.
        """
        patience = max(_HANGS_S, opened + _WAKES_S - time.monotonic())
        for _ in range(2):  # where we were stopped and not the device, the second time finds what is there
            try:
                async with asyncio.timeout(patience / 2):
                    return await wait()
            except TimeoutError:
                pass
        raise _Hangs

    async def _give_up(self, device: Device) -> None:
        """A device hangs."""
        if self._device is not device:
            return
        await self._replace(self._stand_in(), silent=True)
        self._try_at = time.monotonic()
        self._on_notice(self._stuck())

    def _try_again(self) -> None:
        """Where one hung, see now and then whether it, or another, works."""
        if time.monotonic() >= self._try_at and (self._trial is None or self._trial.done()):
            self._trial = asyncio.create_task(self._find_one_that_works(), name="hanging-sound-device")

    async def _find_one_that_works(self) -> None:
        async with self._changing:
            if self._try_at == math.inf:
                return  # another took its place meanwhile
            try:
                async with asyncio.timeout(_TRY_S):
                    devices = await asyncio.to_thread(self._look)
                    chosen, default = (devices.find(name, self.way) for name in (self.name, "default"))
                    for target in dict.fromkeys(one for one in (chosen, default) if one is not None):
                        follows = target is not chosen or self.name == "default"
                        device = await self._open_working("default" if follows else target.key)
                        if device is not None:
                            break
                    else:
                        return
            except (DeviceError, TimeoutError):
                return
            finally:
                self._try_at = time.monotonic() + _TRY_EVERY_S
            self._used = target
            await self._replace(device)
            if not self._closed:
                self._on_notice(self._news(target.name, gone=None if target is chosen else self.name))

    async def _open_working(self, name: str) -> Device | None:
        """Open a device and try it out; None where it does not work."""
        try:
            device = await open_or_release(self._open, name)
        except DeviceError:
            return None
        try:
            await self._try_out(device)
        except (_Hangs, SourceEnded, DeviceError):
            self._leave(device)
            return None
        except BaseException:
            self._leave(device)
            raise
        return device

    def _leave(self, device: Device) -> None:
        """Close a device, whenever it lets itself be closed."""
        asyncio.get_running_loop().run_in_executor(None, device.close)

    async def _fall_silent(self, sentence: str) -> None:
        told = self._silent and self._used is None
        self._used = None
        await self._replace(self._stand_in(), silent=True)
        if not told:
            self._on_notice(sentence)

    async def _replace(self, device: Device, *, silent: bool = False) -> None:
        before, self._device, self._silent = self._device, device, silent
        self._opened = time.monotonic()
        if not silent:
            self._try_at = math.inf
        # Looked at only now: whoever closes it from here on finds the new device.
        over = (before, device) if self._closed else (before,)
        # Whoever is cancelled meanwhile leaves nothing open; one that hangs is not waited for.
        closing = asyncio.gather(*(asyncio.to_thread(one.close) for one in over))
        await asyncio.wait([closing], timeout=_CLOSES_S)
        if closing.done():
            closing.result()

    @abstractmethod
    def _stand_in(self) -> Device:
        """What takes the place of a device while there is none."""

    @abstractmethod
    def _news(self, name: str, *, gone: str | None) -> str:
        """The sentence for a change to a device, instead of one that is gone."""

    @abstractmethod
    def _lonely(self) -> str:
        """The sentence for no device at all."""

    @abstractmethod
    def _stuck(self) -> str:
        """The sentence for a device that hangs."""

    @abstractmethod
    async def _try_out(self, device: Device) -> None:
        """See that a device works.

        Raises:
            _Hangs: it does nothing.
            SourceEnded: it ended.
            DeviceError: it fails.
        """


class SteadyMicrophone(Steady[AudioSource]):
    """A `TimedSource` that goes on while its device is gone."""

    way: Way = "input"
    captured = 0.0

    async def read(self) -> Samples:
        """The next 20 ms; see `AudioSource.read`."""
        while True:
            device = self._device
            try:
                block: Samples = await self._patiently(device.read, self._opened)
            except SourceEnded:
                if self._closed:
                    raise
                await self._lose(device)
            except DeviceError:
                await self._lose(device)
            except _Hangs:
                await self._give_up(device)
            else:
                self._try_again()
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

    def _stuck(self) -> str:
        return "The microphone gives no sound any more: nobody hears you until it does, or there is another."

    async def _try_out(self, device: AudioSource) -> None:
        await self._patiently(device.read, time.monotonic())


class SteadySpeaker(Steady[AudioSink]):
    """A `TimedSink` that goes on while its device is gone."""

    way: Way = "output"
    _shape: tuple[int, ...] = (BLOCK,)
    """Of the blocks that are played."""

    def write(self, samples: Samples) -> None:
        """Queue 20 ms; see `AudioSink.write`."""
        self._shape = samples.shape
        self._device.write(samples)

    async def pace(self) -> None:
        """Wait until another 20 ms fit; see `AudioSink.pace`."""
        while True:
            device = self._device
            try:
                await self._patiently(device.pace, self._opened)
            except SourceEnded:
                if self._closed:
                    raise
                await self._lose(device)
            except DeviceError:
                await self._lose(device)
            except _Hangs:
                await self._give_up(device)
            else:
                self._try_again()
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

    def _stuck(self) -> str:
        return "The speaker takes no sound any more: you hear nobody until it does, or there is another."

    async def _try_out(self, device: AudioSink) -> None:
        opened = time.monotonic()
        for _ in range(_TRIED):
            device.write(np.zeros(self._shape, dtype=np.int16))
            await self._patiently(device.pace, opened)
