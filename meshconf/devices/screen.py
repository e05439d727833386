"""The screen through mss (X11, Windows, macOS). One thread owns the connection to the display.

A screen gives pictures in its own size, and only those that differ from the one before. Where a system lets no program
look at the screen unasked (Wayland, macOS), that ends in a sentence here, and not in a black picture.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np

from meshconf.devices.base import DeviceLost, SourceEnded
from meshconf.devices.fit import timed
from meshconf.devices.handover import Handover
from meshconf.devices.screen_area import area_of
from meshconf.devices.screen_converter import Pixels, ScreenConverter
from meshconf.devices.screen_permission import require_display, require_pixels
from meshconf.devices.screen_watch import Watch, watch
from meshconf.devices.worker import Worker
from meshconf.errors import DeviceError
from meshconf.types import Area

if TYPE_CHECKING:
    import mss

FPS = 30
"""Most pictures a second."""


@dataclass(frozen=True)
class Monitor:
    """One monitor of the display."""

    number: int
    """As people choose it; 1 is the first."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""


def monitors() -> list[Monitor]:
    """All monitors; takes some milliseconds.

    Raises:
        DeviceError: as `require_display`, or the display does not answer.
    """
    with _connect() as display:
        return [Monitor(n, m["width"], m["height"]) for n, m in enumerate(display.monitors) if n > 0]


class Screen:
    """What is shared of a display; a `VideoSource` of its own size, whose pictures come only when they change."""

    fps = FPS

    def __init__(self, name: str, fps: int = FPS) -> None:
        """Start capturing; takes some milliseconds, so call it in a thread.

        Args:
            name: see `area_of`.
            fps: most pictures a second.

        Raises:
            DeviceError: no display, no permission to look at it, or no such monitor or region.
        """
        self._pictures: Handover[av.VideoFrame] = Handover(1)
        grabber = _Grabber(name, fps, self._pictures)
        self._worker = Worker("the screen", grabber, self._pictures.fail)
        self.area = grabber.area
        self.width, self.height = self.area.width, self.area.height

    async def read(self) -> av.VideoFrame:
        """The next picture that is not as the last one; see `VideoSource.read`."""
        return await self._pictures.get()

    def close(self) -> None:
        """Stop looking; see `VideoSource.close`."""
        self._pictures.fail(SourceEnded("The screen is no longer shared."))
        self._worker.close()


class _Grabber:
    def __init__(self, name: str, fps: int, pictures: Handover[av.VideoFrame]) -> None:
        self.area = Area(0, 0, 0, 0)
        self._name = name
        self._fps = fps
        self._pictures = pictures
        self._converter = ScreenConverter()
        self._display: mss.MSS | None = None
        self._watch: Watch | None = None

    def open(self) -> None:
        self._display = _connect()
        self.area = area_of(self._name, self._display.monitors)
        self._monitor = self.area._asdict()
        self._watch = watch(self._fps)
        captured = time.monotonic()
        pixels = self._grab()
        require_pixels(pixels)
        picture = self._converter.convert(pixels)
        assert picture is not None, "the first picture is like no other"
        self._pictures.put(timed(picture, captured))

    def step(self, stopping: threading.Event) -> None:
        assert self._watch is not None
        self._watch.wait(stopping)
        if stopping.is_set():
            return
        captured = time.monotonic()
        try:
            pixels = self._grab()
        except Exception as error:  # mss hands on whatever its back-end raises
            raise DeviceLost(f"The screen cannot be seen any more: {error}.", fix="share it again") from error
        picture = self._converter.convert(pixels)
        self._watch.looked(changed=picture is not None)
        if picture is not None:
            self._pictures.put(timed(picture, captured))

    def release(self) -> None:
        try:
            if self._watch is not None:
                self._watch.close()
        finally:
            if self._display is not None:
                self._display.close()

    def _grab(self) -> Pixels:
        assert self._display is not None
        shot = self._display.grab(self._monitor)
        return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)


def _connect() -> mss.MSS:
    require_display()
    import mss

    try:
        return mss.MSS(with_cursor=True)
    except Exception as error:  # mss hands on whatever its back-end raises
        raise DeviceError(
            f"The display {os.environ.get('DISPLAY', '')} does not answer."
            if sys.platform == "linux"
            else f"The screen cannot be captured: {error}.",
            fix="run meshconf inside a desktop session; over ssh, use ssh -X",
        ) from error
