"""From encoded frames to pixels on the display, through all three processes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from functools import partial

import numpy as np
import pytest

from meshconf.conference.gallery import Gallery, Listener
from meshconf.types import PeerId, SourceKind
from tests.codec.decoding.clips import brightness, clip
from tests.codec.decoding.viewing import names, now
from tests.windows.conftest import Screen, eventually

pytestmark = [pytest.mark.lab, pytest.mark.may_block("the test itself looks at the display and runs xdotool")]

ANA, CAMERA = PeerId("ana"), SourceKind.CAMERA
SIZE = (640, 360)


def shows(screen: Screen, number: int) -> bool:
    """Whether Ana's window has the picture of that number, which its bottom says."""
    seen = screen.picture_in("Ana")
    if seen is None:
        return False
    height, width = seen.shape[:2]
    grey = float(np.median(seen[height * 8 // 10 : height - 4, width * 6 // 10 : width - 4, :3]))
    # The bus has luma in studio range, the display in full range.
    return abs(grey - (brightness(number) - 16) * 255 / 219) < 10


@pytest.fixture
async def gallery(screen: Screen) -> AsyncIterator[Gallery]:
    gallery = Gallery(windows=True, on_notice=pytest.fail)
    yield gallery
    await gallery.close()


async def test_frames_are_seen_while_decoder_and_windows_come_and_go(gallery: Gallery, screen: Screen) -> None:
    first: list[tuple[object, ...]] = []
    asked: list[tuple[object, ...]] = []
    wants: list[tuple[int, int]] = []
    gallery.listen(
        Listener(
            first_picture=lambda *news: first.append(news),
            keyframe_needed=lambda *source: asked.append(source),
            wanted=lambda: wants.append(gallery.wanted(ANA, CAMERA)),
        )
    )
    await gallery.start()
    assert gallery._host is not None
    for number in (0, 1, 2):
        gallery.feed(ANA, CAMERA, "Ana", now(clip("VP8", *SIZE, 20)[number]))
        await eventually(partial(shows, screen, number))
    assert first == [(ANA, CAMERA, *SIZE)]

    decoder = gallery._decoder.pid
    assert decoder is not None
    os.kill(decoder, signal.SIGKILL)
    await eventually(lambda: asked == [(ANA, CAMERA)])
    assert shows(screen, 2), "the window keeps the last picture"
    gallery.feed(ANA, CAMERA, "Ana", now(clip("VP8", *SIZE, 20, first=30)[0]))
    await eventually(lambda: shows(screen, 30))

    viewer = gallery._host.pid
    assert viewer is not None
    os.kill(viewer, signal.SIGKILL)
    await eventually(lambda: gallery._host is not None and gallery._host.pid not in (None, viewer))
    await eventually(lambda: shows(screen, 30))
    gallery.feed(ANA, CAMERA, "Ana", now(clip("VP8", *SIZE, 20, first=30)[1]))
    await eventually(lambda: shows(screen, 31))
    assert len(first) == 1

    screen.close_window("Ana")
    await eventually(lambda: wants and wants[-1] == (0, 0))
    gallery.feed(ANA, CAMERA, "Ana", now(clip("VP8", *SIZE, 20, first=30)[2]))
    await asyncio.sleep(0.2)
    assert screen.windows("Ana") == []
    gallery.forget(ANA, CAMERA)
    gallery.feed(ANA, CAMERA, "Ana", now(clip("VP8", *SIZE, 20)[0]))
    await eventually(lambda: shows(screen, 0))
    assert len(first) == 2
    await gallery.close()
    assert not names()
