"""Sources of ours are switched, end and fail: what is on then, what is open, and who is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest

from meshconf.conference.publishing import pictures
from meshconf.conference.publishing.publisher import AnyPublisher
from meshconf.conference.publishing.screen import ScreenPublisher
from meshconf.conference.publishing.sound import Cleaner, SoundPublisher
from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.fit import black, timed
from meshconf.media.rungs import ladder
from meshconf.media.samples import Samples
from meshconf.rtc.feed import Feed
from meshconf.types import BLOCK, SourceKind
from tests.conference.mirror import Unseen
from tests.conference.table import until

MIC, SCREEN = SourceKind.MIC, SourceKind.SCREEN


class Device:
    """A microphone or camera that gives what it has as soon as it is told to."""

    def __init__(self, spec: str) -> None:
        self.spec = spec
        self.closed = False
        self.given: asyncio.Queue[Exception | None] = asyncio.Queue()

    def close(self) -> None:
        self.closed = True

    async def _turn(self) -> None:
        if (error := await self.given.get()) is not None:
            raise error


class Microphone(Device):
    async def read(self) -> Samples:
        await self._turn()
        return np.zeros(BLOCK, dtype=np.int16)


class Losable(Microphone):
    lost = False


class Camera(Device):
    async def read(self) -> av.VideoFrame:
        await self._turn()
        return timed(black(64, 36), 1.0)


class Monitor(Camera):
    """A screen that has a size of its own."""

    width, height, fps = 3840, 2160, 30


class Stage:
    """A publisher, the devices that it opened, and what it told."""

    publisher: AnyPublisher

    def __init__(self, make: Callable[[str], Device]) -> None:
        self.opened: list[Device] = []
        self.lost: list[str] = []
        self.may_open = threading.Event()
        self.may_open.set()
        self.opening = threading.Event()
        self._make = make

    def note_lost(self, kind: SourceKind, sentence: str) -> None:
        self.lost.append(sentence)

    def open(self, spec: str) -> Any:
        self.opening.set()
        assert self.may_open.wait(5)
        assert self.lit == [], "no device is open twice"
        self.opened.append(self._make(spec))
        return self.opened[-1]

    @property
    def lit(self) -> list[str]:
        """What is open."""
        return [device.spec for device in self.opened if not device.closed]


class MicrophoneStage(Stage):
    def __init__(self, cleaner: Cleaner | None = None, make: Callable[[str], Device] = Microphone) -> None:
        super().__init__(make)
        self.publisher: SoundPublisher = SoundPublisher(
            MIC,
            Feed(MIC),
            seed="",
            music=False,
            on_sound=lambda block: None,
            on_lost=self.note_lost,
            open_source=self.open,
            cleaner=cleaner,
        )


@pytest.fixture
def microphone() -> MicrophoneStage:
    return MicrophoneStage()


async def test_off_while_the_device_opens_is_obeyed(microphone: MicrophoneStage) -> None:
    microphone.may_open.clear()
    states: list[bool] = []

    async def start() -> None:
        await microphone.publisher.start("one")
        states.append(microphone.publisher.on)

    starting = asyncio.create_task(start())
    await until(microphone.opening.is_set)
    stopping = asyncio.create_task(microphone.publisher.stop())
    await asyncio.sleep(0)
    microphone.may_open.set()
    await stopping
    assert microphone.opened and microphone.lit == [], "what was stopped is released on return"
    await starting
    assert states == [False] and not microphone.publisher.on


async def test_of_two_starts_the_later_one_runs_and_the_other_is_released(microphone: MicrophoneStage) -> None:
    microphone.may_open.clear()
    starts = [asyncio.create_task(microphone.publisher.start(spec)) for spec in ("one", "two")]
    await until(microphone.opening.is_set)
    await asyncio.sleep(0)
    microphone.may_open.set()
    await asyncio.gather(*starts)
    assert microphone.publisher.on and microphone.lit == ["two"]
    await microphone.publisher.stop()
    assert microphone.lit == []


async def test_a_start_that_is_given_up_releases_what_opens_late(microphone: MicrophoneStage) -> None:
    microphone.may_open.clear()
    starting = asyncio.create_task(microphone.publisher.start("one"))
    await until(microphone.opening.is_set)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert not microphone.publisher.on
    microphone.may_open.set()
    await until(lambda: microphone.opened and not microphone.lit)


@pytest.mark.parametrize(
    "error, sentence",
    [
        (SourceEnded("over"), "The mic source has ended."),
        (DeviceLost("it was unplugged"), "it was unplugged"),
        (ZeroDivisionError(), "something went wrong"),
    ],
)
async def test_whatever_ends_a_source_its_device_is_released_and_the_person_is_told(
    microphone: MicrophoneStage, error: Exception, sentence: str
) -> None:
    await microphone.publisher.start("one")
    microphone.opened[0].given.put_nowait(error)
    await until(lambda: microphone.lost)
    assert sentence in microphone.lost[0]
    assert not microphone.publisher.on and microphone.lit == []


@pytest.mark.parametrize("turns", range(6))
async def test_a_source_that_fails_while_it_is_replaced_does_not_take_the_other_along(
    microphone: MicrophoneStage, turns: int
) -> None:
    await microphone.publisher.start("one")
    microphone.opened[0].given.put_nowait(ZeroDivisionError())
    for _ in range(turns):
        await asyncio.sleep(0)
    await microphone.publisher.start("two")
    for _ in range(10):
        await asyncio.sleep(0)
    assert microphone.publisher.on and microphone.lit == ["two"]
    await microphone.publisher.stop()


async def test_what_cannot_be_prepared_is_released() -> None:
    class Broken:
        def prepare(self, source: object) -> None:
            raise ZeroDivisionError

        def clean(self, source: object, block: Samples) -> Samples:
            return block

    microphone = MicrophoneStage(Broken())
    with pytest.raises(ZeroDivisionError):
        await microphone.publisher.start("one")
    assert microphone.opened and microphone.lit == [] and not microphone.publisher.on


async def test_a_file_after_a_large_screen_is_shared_in_the_size_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def open_source(spec: str, *, width: int, height: int, **_: object) -> Any:
        asked.append((width, height))
        return Monitor(spec) if spec == "default" else Camera(spec)

    monkeypatch.setattr(pictures, "open_video_source", open_source)
    publisher = ScreenPublisher(
        SCREEN, Feed(SCREEN), seed="", size=(1280, 720, 15), mirror=Unseen(), on_lost=lambda kind, sentence: None
    )
    await publisher.start("default")
    assert publisher.rungs == ladder(SCREEN, 3840, 2160, 30)
    publisher.octets[len(publisher.rungs) - 1] = 1000
    await publisher.start("file:talk.mp4")
    assert asked == [(1280, 720), (1280, 720)]
    assert publisher.rungs == ladder(SCREEN, 1280, 720, 15) and publisher.octets == {}
    await publisher.stop()


async def test_it_is_known_of_each_block_whether_there_is_a_device() -> None:
    stage = MicrophoneStage(make=Losable)
    known: list[bool] = []
    stage.publisher.on_captured = lambda block, clean: known.append(stage.publisher.lost)
    await stage.publisher.start("one")
    device = stage.opened[0]
    assert isinstance(device, Losable)
    for count, device.lost in enumerate((False, True, False)):
        device.given.put_nowait(None)
        await until(lambda: len(known) > count)  # noqa: B023 - waited for at once
    assert known == [False, True, False]
    await stage.publisher.stop()
