"""Sources of ours are switched, end and fail: what is on then, what is open, and who is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest

from meshconf.conference import publisher as publisher_module
from meshconf.conference.publisher import Publisher
from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.fit import black, timed
from meshconf.media.rungs import ladder
from meshconf.media.samples import Samples
from meshconf.rtc.feed import Feed
from meshconf.types import BLOCK, SourceKind
from tests.conference.table import until

MIC, CAMERA, SCREEN = SourceKind.MIC, SourceKind.CAMERA, SourceKind.SCREEN


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


class Camera(Device):
    async def read(self) -> av.VideoFrame:
        await self._turn()
        return timed(black(64, 36), 1.0)


class Monitor(Camera):
    """A screen that has a size of its own."""

    width, height, fps = 3840, 2160, 30


class Desk:
    """A publisher, the devices that it opened, and what it told."""

    def __init__(self, kind: SourceKind, make: Callable[[str], Device], monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[Device] = []
        self.asked: list[tuple[int, int]] = []
        self.lost: list[str] = []
        self.may_open = threading.Event()
        self.may_open.set()
        self.opening = threading.Event()
        self._make = make
        monkeypatch.setattr(publisher_module, "open_video_source", self._open_picture)
        self.publisher = Publisher(
            kind,
            Feed(kind),
            seed="",
            size=None if kind.is_audio else (1280, 720, 15),
            on_sound=lambda block: None,
            on_picture=lambda frame: None,
            on_lost=lambda kind, sentence: self.lost.append(sentence),
            open_sound=self.open,
        )

    def open(self, spec: str) -> Any:
        self.opening.set()
        assert self.may_open.wait(5)
        assert self.lit == [], "no device is open twice"
        self.opened.append(self._make(spec))
        return self.opened[-1]

    def _open_picture(self, spec: str, *, width: int, height: int, **_: object) -> Any:
        self.asked.append((width, height))
        return self.open(spec)

    @property
    def lit(self) -> list[str]:
        """What is open."""
        return [device.spec for device in self.opened if not device.closed]


@pytest.fixture
def microphone(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(MIC, Microphone, monkeypatch)


async def test_off_while_the_device_opens_is_obeyed(microphone: Desk) -> None:
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


async def test_of_two_starts_the_later_one_runs_and_the_other_is_released(microphone: Desk) -> None:
    microphone.may_open.clear()
    starts = [asyncio.create_task(microphone.publisher.start(spec)) for spec in ("one", "two")]
    await until(microphone.opening.is_set)
    await asyncio.sleep(0)
    microphone.may_open.set()
    await asyncio.gather(*starts)
    assert microphone.publisher.on and microphone.lit == ["two"]
    await microphone.publisher.stop()
    assert microphone.lit == []


async def test_a_start_that_is_given_up_releases_what_opens_late(microphone: Desk) -> None:
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
        (SourceEnded("over"), "the mic source has ended"),
        (DeviceLost("it was unplugged"), "it was unplugged"),
        (ZeroDivisionError(), "something went wrong"),
    ],
)
async def test_whatever_ends_a_source_its_device_is_released_and_the_person_is_told(
    microphone: Desk, error: Exception, sentence: str
) -> None:
    await microphone.publisher.start("one")
    microphone.opened[0].given.put_nowait(error)
    await until(lambda: microphone.lost)
    assert sentence in microphone.lost[0]
    assert not microphone.publisher.on and microphone.lit == []


@pytest.mark.parametrize("turns", range(6))
async def test_a_source_that_fails_while_it_is_replaced_does_not_take_the_other_along(
    microphone: Desk, turns: int
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


async def test_what_cannot_be_prepared_is_released(microphone: Desk) -> None:
    class Broken:
        def prepare(self, source: object) -> None:
            raise ZeroDivisionError

        def clean(self, source: object, block: Samples) -> Samples:
            return block

    microphone.publisher.cleaner = Broken()
    with pytest.raises(ZeroDivisionError):
        await microphone.publisher.start("one")
    assert microphone.opened and microphone.lit == [] and not microphone.publisher.on


async def test_a_file_after_a_large_screen_is_shared_in_the_size_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(SCREEN, lambda spec: Monitor(spec) if spec == "default" else Camera(spec), monkeypatch)
    await desk.publisher.start("default")
    assert desk.publisher.rungs == ladder(SCREEN, 3840, 2160, 30)
    desk.publisher.octets[len(desk.publisher.rungs) - 1] = 1000
    await desk.publisher.start("file:talk.mp4")
    assert desk.asked == [(1280, 720), (1280, 720)]
    assert desk.publisher.rungs == ladder(SCREEN, 1280, 720, 15) and desk.publisher.octets == {}
    await desk.publisher.stop()
