"""A source of ours, whatever it gives: opened, read until it ends, closed. Runs on the event loop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from meshconf.conference.failure import sentence_in_meeting
from meshconf.conference.tasks import Tasks
from meshconf.devices.base import AudioSource, SourceEnded, VideoSource
from meshconf.devices.opening import open_or_release
from meshconf.errors import DeviceError
from meshconf.media.encoded import EncodedFrame
from meshconf.rtc.feed import Feed
from meshconf.types import SourceKind

Device = TypeVar("Device", AudioSource, VideoSource)

OnLost = Callable[[SourceKind, str], None]
"""Told when a source has ended or its device went away; the sentence says what to do."""


class Publisher(ABC, Generic[Device]):
    """One source of ours: off, or captured, encoded and published.

    Args:
        kind: which.
        feed: takes what is encoded, for all links.
        on_lost: called when it is off without having been stopped.
    """

    def __init__(self, kind: SourceKind, feed: Feed, *, on_lost: OnLost) -> None:
        self.kind = kind
        self.feed = feed
        self.spec = "none"
        """What it was started with last."""
        self.octets: dict[int, int] = {}
        """Bytes encoded so far, by rung, since it was started."""
        self._on_lost = on_lost
        self._tasks = Tasks()
        self._task: asyncio.Task[None] | None = None
        self._source: Device | None = None
        self._switching = asyncio.Lock()
        self._switched = 0
        """How often it was to be started or stopped: the last time counts."""

    @property
    def on(self) -> bool:
        """Whether its device is open and read."""
        return self._task is not None

    @property
    def on_air(self) -> bool:
        """Whether others get it."""
        return self.on

    @abstractmethod
    def name_of(self, rung: int) -> str:
        """A rung as people say it."""

    @abstractmethod
    def encodes(self, rung: int) -> bool:
        """Whether this rung is encoded while it is on."""

    async def start(self, spec: str) -> None:
        """Open the source and publish; a source that runs already is replaced.

        Whoever starts or stops it while the source opens is obeyed as soon as that is done: nothing may run on return.

        Raises:
            DeviceError: it is missing or refuses; nothing runs then.
        """
        self._switched += 1
        turn = self._switched
        async with self._switching:
            await self._end()
            if turn != self._switched:
                return
            self.octets.clear()
            self._source = source = await open_or_release(self._open, spec)
            self.spec = spec
            self._opened(source)
            if turn != self._switched:
                await self._release()
                return
            self._task = self._tasks.spawn(
                self._run(turn, source), f"publish-{self.kind}", on_failure=lambda error: self._failed(turn)
            )

    async def stop(self) -> None:
        """Stop and release the device before returning."""
        self._switched += 1
        async with self._switching:
            await self._end()

    # What each kind of source does in its own way.

    @abstractmethod
    def _open(self, spec: str) -> Device:
        """Open the source; in a thread.

        Raises:
            DeviceError: it is missing or refuses.
        """

    def _opened(self, source: Device) -> None:
        """It is open, and will be read."""

    @abstractmethod
    async def _work(self, source: Device) -> None:
        """Read it, encode and publish until it ends or this is cancelled."""

    def _publish(self, frame: EncodedFrame) -> None:
        """Send a frame; in any one thread."""
        self.octets[frame.rung] = self.octets.get(frame.rung, 0) + len(frame.data)
        self.feed.publish(frame)

    # Private.

    async def _end(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._release()

    async def _release(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            await asyncio.to_thread(source.close)

    async def _run(self, turn: int, source: Device) -> None:
        try:
            await self._work(source)
        except SourceEnded:
            await self._ended(turn, f"The {self.kind} source has ended.")
        except DeviceError as error:
            await self._ended(turn, sentence_in_meeting(error))

    def _failed(self, turn: int) -> None:
        sentence = f"The {self.kind} is off, since something went wrong inside meshconf; switch it on again."
        self._tasks.spawn(self._ended(turn, sentence), f"end-{self.kind}")

    async def _ended(self, turn: int, sentence: str) -> None:
        async with self._switching:
            if turn != self._switched:
                return  # stopped or replaced by somebody meanwhile
            self._task = None
            try:
                await self._release()
            finally:
                self._on_lost(self.kind, sentence)


AnyPublisher = Publisher[Any]
"""For whoever does not care what it gives."""
