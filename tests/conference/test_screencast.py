"""What others see of a screen, live, frozen or blank, and when the picture is given again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from math import inf

import av
import numpy as np
import pytest

from meshconf.conference.screencast import Screencast
from meshconf.devices.base import SourceEnded
from meshconf.devices.handover import Handover
from meshconf.types import PICTURE_CLOCK


class Screen:
    """Shows greys, captured a second ago."""

    def __init__(self) -> None:
        self.pictures: Handover[av.VideoFrame] = Handover(1)
        self.captured = time.monotonic() - 1.0

    def show(self, grey: int) -> None:
        frame = av.VideoFrame.from_ndarray(np.full((48, 32), grey, np.uint8), format="yuv420p")
        frame.pts = round(self.captured * PICTURE_CLOCK)
        self.pictures.put(frame)

    async def read(self) -> av.VideoFrame:
        return await self.pictures.get()

    def close(self) -> None:
        self.pictures.fail(SourceEnded("over"))


class Stage:
    """A screen, and who watches it."""

    def __init__(self) -> None:
        self.screen, self.cast = Screen(), Screencast()
        self.watching = asyncio.create_task(self.cast.watch(self.screen))

    async def seen(self, *, within: float = 5.0) -> int:
        """The grey that is given next."""
        async with asyncio.timeout(5):
            frame, _ = await self.cast.next(time.monotonic() + within)
        return int(frame.to_ndarray()[0, 0])


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    stage.screen.close()
    await stage.watching


async def test_a_new_picture_is_given_at_once_with_its_time(stage: Stage) -> None:
    stage.screen.show(50)
    async with asyncio.timeout(0.5):
        frame, captured = await stage.cast.next(inf)
    assert frame.to_ndarray()[0, 0] == 50
    assert captured == pytest.approx(stage.screen.captured, abs=0.001)


async def test_the_last_picture_is_given_again_when_it_is_needed_with_the_present_time(stage: Stage) -> None:
    stage.screen.show(50)
    await stage.seen()
    before = time.monotonic()
    frame, captured = await stage.cast.next(before + 0.01)
    assert frame.to_ndarray()[0, 0] == 50 and captured >= before + 0.01
    asyncio.get_running_loop().run_in_executor(None, stage.cast.nudge)
    async with asyncio.timeout(0.5):
        assert await stage.seen() == 50


async def test_it_is_waited_for_the_first_picture_however_often_one_is_needed(stage: Stage) -> None:
    stage.cast.nudge()
    asyncio.get_running_loop().call_later(0.02, stage.screen.show, 60)
    assert await stage.seen(within=0.0) == 60


async def test_a_frozen_screen_stays_as_it_was(stage: Stage) -> None:
    stage.screen.show(50)
    await stage.seen()
    stage.cast.freeze(True)
    assert stage.cast.showing == "frozen"
    stage.screen.show(90)
    assert [await stage.seen(within=0.02) for _ in range(3)] == [50, 50, 50]
    stage.cast.freeze(False)
    assert await stage.seen() == 90


async def test_a_blank_screen_is_black_whatever_is_on_it(stage: Stage) -> None:
    stage.screen.show(50)
    await stage.seen()
    stage.cast.blank(True)
    assert await stage.seen() == 16 and stage.cast.showing == "blank"
    stage.screen.show(90)
    assert [await stage.seen(within=0.02) for _ in range(3)] == [16, 16, 16]
    stage.cast.blank(False)
    assert await stage.seen() == 90


async def test_what_happened_behind_a_blank_is_not_frozen_into_sight(stage: Stage) -> None:
    stage.screen.show(50)
    await stage.seen()
    stage.cast.blank(True)
    stage.screen.show(90)
    assert [await stage.seen(within=0.02) for _ in range(2)] == [16, 16]
    stage.cast.freeze(True)
    stage.cast.blank(False)
    assert await stage.seen() == 50 and stage.cast.showing == "frozen"


async def test_what_was_blank_from_the_beginning_is_frozen_as_that(stage: Stage) -> None:
    stage.cast.blank(True)
    stage.screen.show(200)
    assert await stage.seen() < 20
    stage.cast.freeze(True)
    stage.cast.blank(False)
    stage.screen.show(210)
    assert await stage.seen() < 20
    stage.cast.freeze(False)
    assert await stage.seen() in (200, 210)


async def test_another_screen_begins_live(stage: Stage) -> None:
    stage.screen.show(50)
    await stage.seen()
    stage.cast.freeze(True)
    stage.cast.blank(True)
    stage.cast.open_curtain()
    assert stage.cast.showing == "live"
    stage.screen.show(90)
    assert await stage.seen() == 90


async def test_the_end_of_the_screen_is_told(stage: Stage) -> None:
    stage.screen.show(50)
    await stage.seen()
    stage.screen.close()
    with pytest.raises(SourceEnded):
        await stage.seen()
