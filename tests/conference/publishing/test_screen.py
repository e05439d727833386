"""A screen that stands still: what its publisher sends, and how soon it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import av
import pytest

from meshconf.conference.publishing import pictures
from meshconf.conference.publishing.screen import ScreenPublisher
from meshconf.devices.base import SourceEnded
from meshconf.devices.fit import black, timed
from meshconf.devices.handover import Handover
from meshconf.devices.open import open_video_source
from meshconf.media.encoded import EncodedFrame
from meshconf.rtc.feed import Feed
from meshconf.types import Area, SourceKind
from tests.conference.mirror import Seen, Unseen
from tests.conference.table import until


class StillScreen:
    """One picture of 640x400, and then nothing new."""

    area = Area(640, 0, 640, 400)
    width, height, fps = 640, 400, 30

    def __init__(self) -> None:
        self.pictures: Handover[av.VideoFrame] = Handover(1)
        self.pictures.put(timed(black(self.width, self.height), 1.0))

    async def read(self) -> av.VideoFrame:
        return await self.pictures.get()

    def close(self) -> None:
        self.pictures.fail(SourceEnded("over"))


class RecordingFeed(Feed):
    """Keeps what is published, and what we see ourselves."""

    def __init__(self) -> None:
        super().__init__(SourceKind.SCREEN)
        self.frames: list[EncodedFrame] = []
        self.mirror = Seen()

    def publish(self, frame: EncodedFrame) -> None:
        self.frames.append(frame)


@pytest.fixture
async def shared(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[ScreenPublisher, RecordingFeed]]:
    monkeypatch.setattr(pictures, "open_video_source", lambda *_, **__: StillScreen())
    feed = RecordingFeed()
    publisher = ScreenPublisher(
        SourceKind.SCREEN, feed, seed="", size=(1280, 720, 15),
        mirror=feed.mirror, on_lost=lambda kind, why: None,
    )  # fmt: skip
    await publisher.start("default")
    yield publisher, feed
    await publisher.stop()


async def test_where_a_screen_is_is_known_and_that_a_test_picture_is_nowhere(
    shared: tuple[ScreenPublisher, RecordingFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, _ = shared
    assert publisher.area == StillScreen.area
    monkeypatch.setattr(pictures, "open_video_source", open_video_source)
    await publisher.start("test")
    assert publisher.area is None


async def test_a_screen_is_sent_in_its_own_size_as_soon_as_somebody_watches(
    shared: tuple[ScreenPublisher, RecordingFeed],
) -> None:
    publisher, feed = shared
    assert (publisher.rungs[0].width, publisher.rungs[0].height, publisher.rungs[0].fps) == (640, 400, 30)
    await until(lambda: feed.mirror.told)
    assert feed.frames == []
    publisher.wanted = {publisher.rungs[0]: 1_000_000}
    async with asyncio.timeout(0.5):
        await until(lambda: feed.frames)
    assert feed.frames[0].keyframe and (feed.frames[0].width, feed.frames[0].height) == (640, 400)


async def test_whoever_needs_a_keyframe_of_a_still_screen_gets_one(
    shared: tuple[ScreenPublisher, RecordingFeed],
) -> None:
    publisher, feed = shared
    publisher.wanted = {publisher.rungs[0]: 1_000_000}
    # Repeats tell viewers of what they may have lost; they come ever more rarely.
    await until(lambda: len(feed.frames) >= 4)
    assert [frame.keyframe for frame in feed.frames] == [True, False, False, False]
    assert all(len(frame.data) < 300 for frame in feed.frames[1:])
    feed.request_keyframe(0)
    feed.request_keyframe(2)  # a rung of a larger screen, or of none that is wanted
    async with asyncio.timeout(0.5):
        await until(lambda: feed.frames[-1].keyframe)


@pytest.mark.parametrize("error", [SourceEnded("over"), ZeroDivisionError()])
async def test_a_screen_that_fails_ends_and_does_not_stand_still_for_ever(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    screen, lost = StillScreen(), list[str]()
    monkeypatch.setattr(pictures, "open_video_source", lambda *_, **__: screen)
    publisher = ScreenPublisher(
        SourceKind.SCREEN,
        Feed(SourceKind.SCREEN),
        seed="",
        size=(1280, 720, 15),
        mirror=Unseen(),
        on_lost=lambda kind, sentence: lost.append(sentence),
    )
    await publisher.start("default")
    screen.pictures.fail(error)
    await until(lambda: lost)
    assert not publisher.on
