"""What others see of a shared screen: the live picture, a frozen one, or nothing but black.

A screen gives a picture only when it changes. Here it is given again whenever somebody needs it: an encoder that makes
it sharper, a viewer who has come just now.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Literal

from meshconf.devices.base import VideoSource
from meshconf.devices.fit import black
from meshconf.devices.handover import Doorbell
from meshconf.types import PICTURE_CLOCK

if TYPE_CHECKING:
    import av

Showing = Literal["live", "frozen", "blank"]
"""What of a screen is shown."""

LOOK = 1.0
"""Seconds after which the picture is given again in any case: for faces that begin to show it only now."""


class Screencast:
    """The pictures of one shared screen, with a curtain before them."""

    def __init__(self) -> None:
        self._bell = Doorbell()
        self._live: av.VideoFrame | None = None
        self._given: av.VideoFrame | None = None
        self._end: Exception | None = None
        self._fresh = self._nudged = False
        self.frozen = self.blanked = False
        """Whether it is to be frozen, or blank; blank hides what is frozen, too."""

    @property
    def showing(self) -> Showing:
        """What is shown."""
        return "blank" if self.blanked else "frozen" if self.frozen else "live"

    def freeze(self, on: bool) -> None:
        """Go on showing what is shown now, whatever happens on the screen; or show the screen again."""
        self.frozen = on
        self._turn_over()

    def blank(self, on: bool) -> None:
        """Show nothing; or again what was shown before: the screen, or the frozen picture of it."""
        self.blanked = on
        self._turn_over()

    def open_curtain(self) -> None:
        """Another screen is shown now, live."""
        self._live = self._given = self._end = None
        self.frozen = self.blanked = self._fresh = False

    def nudge(self) -> None:
        """Somebody needs a picture now; may be called by any thread."""
        self._nudged = True
        self._bell.ring()

    async def watch(self, source: VideoSource) -> None:
        """Take in what the screen gives, until it ends."""
        try:
            while True:
                self._live = await source.read()
                if not self.frozen or self._given is None:
                    self._fresh = True
                    self._bell.ring()
        except Exception as error:  # whatever it is: who waits for the next picture is not to wait for ever
            self._end = error
            self._bell.ring()

    async def next(self, wake: float) -> tuple[av.VideoFrame, float]:
        """The picture that others are to see, and the moment that it is of.

        Args:
            wake: monotonic seconds at which it is needed, though nothing may have changed.

        Raises:
            SourceEnded: as `VideoSource.read`.
            DeviceLost: likewise.
        """
        now = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(wake - now, LOOK))):
                await self._bell.wait_until(lambda: self._fresh or self._nudged or self._end is not None)
        await self._bell.wait_until(lambda: self._live is not None or self._end is not None)
        if self._end is not None:
            raise self._end
        fresh, self._fresh, self._nudged = self._fresh, False, False
        frame, captured = self._picture(), time.monotonic()
        if fresh and frame is self._live and frame.pts is not None:
            captured = frame.pts / PICTURE_CLOCK
        return frame, captured

    def _turn_over(self) -> None:
        self._fresh = True
        self._bell.ring()

    def _picture(self) -> av.VideoFrame:
        assert self._live is not None
        if self.blanked:
            nothing = black(self._live.width, self._live.height)
            # Where nothing else was ever seen, it is this that a freeze holds on to.
            self._given = self._given or nothing
            return nothing
        if not self.frozen or self._given is None:
            self._given = self._live
        return self._given
