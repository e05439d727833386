"""A camera is encoded where somebody watches and drawn where somebody here looks, both in the same thread."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from meshconf.conference.publishing.pictures import PicturePublisher
from meshconf.rtc.feed import Feed
from meshconf.types import SourceKind
from tests.conference.mirror import Seen
from tests.conference.table import until

CAMERA = SourceKind.CAMERA


class Stage:
    def __init__(self) -> None:
        self.mirror = Seen()
        self.lost: list[str] = []
        self.publisher = PicturePublisher(
            CAMERA,
            Feed(CAMERA),
            seed="",
            size=(320, 180, 30),
            mirror=self.mirror,
            on_lost=lambda kind, sentence: self.lost.append(sentence),
        )


@pytest.fixture
async def camera() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.publisher.start("test")
    yield stage
    await stage.publisher.stop()


async def test_we_see_ourselves_and_the_thread_that_encodes_draws_it(camera: Stage) -> None:
    await until(lambda: len(camera.mirror.told) >= 3)
    assert {name.rpartition("_")[0] for name in camera.mirror.threads} == {"encode-camera"}
    assert camera.publisher.octets == {}, "nobody watches"


async def test_nothing_is_drawn_while_nobody_here_looks(camera: Stage) -> None:
    camera.mirror.looking = False
    rung = camera.publisher.rungs[0]
    camera.publisher.wanted = {rung: rung.start_bps}
    await until(lambda: camera.publisher.octets)
    drawn, octets = len(camera.mirror.frames), camera.publisher.octets[rung.index]
    await until(lambda: camera.publisher.octets[rung.index] > octets)
    assert len(camera.mirror.frames) == drawn
    assert camera.publisher.encodes(rung.index) and camera.publisher.encoding_s > 0 and camera.publisher.captured_s > 0


async def test_an_encoder_that_fails_puts_the_camera_out_and_says_so(
    camera: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no codec is left")

    monkeypatch.setattr("meshconf.conference.publishing.pictures.by_preference", fail)
    rung = camera.publisher.rungs[0]
    camera.publisher.wanted = {rung: rung.start_bps}
    await until(lambda: camera.lost)
    assert "The camera is off" in camera.lost[0] and not camera.publisher.on
    assert "no codec is left" in caplog.text
