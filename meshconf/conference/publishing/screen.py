"""A screen: sent when something changes, refined while it stands still, covered where its owner wants that."""

from __future__ import annotations

import asyncio
import time
from functools import cached_property
from math import inf

from meshconf.conference.publishing.pictures import PicturePublisher
from meshconf.conference.screencast import Screencast
from meshconf.devices.base import OnDisplay, VideoSource
from meshconf.media.encoded import Codec
from meshconf.types import Area

SPARING = 0.1
"""Seconds between two pictures of a screen on a computer that is short of time: a smaller one could not be read."""


class ScreenPublisher(PicturePublisher):
    """Our screen; arguments as for `PicturePublisher`."""

    area: Area | None = None
    """Where on the display it is; None of a file, a stream or the test picture in its place."""

    @cached_property
    def cast(self) -> Screencast:
        """What is shown of it."""
        return Screencast()

    def _opened(self, source: VideoSource) -> None:
        super()._opened(source)
        self.area = source.area if isinstance(source, OnDisplay) else None
        self.cast.open_curtain()

    async def _work(self, source: VideoSource) -> None:
        watching = asyncio.create_task(self.cast.watch(source), name="watch-screen")
        try:
            async with self._encoding() as encode:
                wake = inf
                while True:
                    frame, captured = await self.cast.next(wake)
                    began = time.monotonic()
                    wake = await encode(frame, captured)
                    if self.cpu_short:
                        await asyncio.sleep(began + SPARING - time.monotonic())
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def _nudge(self) -> None:
        """Nothing may change for a long time: the picture that stands is encoded anew."""
        self.cast.nudge()

    def _preferred_codecs(self) -> tuple[Codec, ...]:
        # Only VP8 can be told which parts of a screen to make how sharp; a processor that is short gets fewer pictures.
        return self._codecs
