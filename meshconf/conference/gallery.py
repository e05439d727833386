"""What we see: counts every picture, and shows it in a window where there is a display.

Windows live in a process of their own; pictures reach it through shared memory. A window that a person closed stays
closed until the source is switched on anew; one whose source went off says so for a moment before it closes, so that a
camera that is only toggled keeps its window. Without a display nothing is converted or copied.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from meshconf.conference.failure import sentence_in_meeting
from meshconf.errors import DeviceError
from meshconf.media.stamp import read as read_stamp
from meshconf.pictures.source import PictureSource
from meshconf.types import PeerId, SourceKind
from meshconf.windows.host import WindowHost

if TYPE_CHECKING:
    import av

log = logging.getLogger("meshconf.conference")

FREEZE = 0.2
"""Seconds without a picture after which a moving source counts as frozen."""


LINGER = 4.0
"""Seconds that a window stays as a placeholder after its source went off."""


@dataclass(slots=True)
class View:
    """One remote picture source, as it arrives."""

    width: int = 0
    height: int = 0
    frames: int = 0
    last: float = 0.0
    frozen: float = 0.0
    """Seconds in gaps longer than `FREEZE`, since the start."""
    delay_ms: float | None = None
    delay_read: float = 0.0


class Gallery:
    """All remote pictures, and our own camera."""

    def __init__(self, *, windows: bool, on_notice: Callable[[str], None]) -> None:
        self._wanted = windows
        self._on_notice = on_notice
        self._host: WindowHost | None = None
        self._views: dict[tuple[PeerId, SourceKind], View] = {}
        self._lingering: dict[str, asyncio.TimerHandle] = {}
        self._written: dict[str, PictureSource] = {}

    async def start(self) -> None:
        """Open the window process where there is a display; without one, say so once and go on."""
        if not self._wanted:
            return
        # The first shared memory starts Python's tracker process, which is too slow for the event loop.
        await asyncio.to_thread(resource_tracker.ensure_running)
        host = WindowHost(on_lost=self._lost)
        try:
            await host.start()
        except DeviceError as error:
            self._on_notice(sentence_in_meeting(error))
            return
        self._host = host

    async def close(self) -> None:
        """Close every window."""
        for timer in self._lingering.values():
            timer.cancel()
        self._lingering.clear()
        for written in self._written.values():
            written.close()
        self._written.clear()
        host, self._host = self._host, None
        if host is not None:
            await host.close()

    def see(self, peer: PeerId, source: SourceKind, title: str, frame: av.VideoFrame) -> bool:
        """A picture arrived; True when it is the first of its source."""
        view = self._views.get((peer, source))
        first = view is None
        if view is None:
            view = self._views[peer, source] = View()
        now = time.monotonic()
        if view.last and now - view.last > FREEZE:
            view.frozen += now - view.last
        view.last, view.width, view.height = now, frame.width, frame.height
        view.frames += 1
        if now - view.delay_read >= 1.0:
            view.delay_read = now
            view.delay_ms = _delay_ms(frame)
        self.show(peer, source, title, frame)
        return first

    def show(self, peer: PeerId, source: SourceKind, title: str, frame: av.VideoFrame) -> None:
        """Show a picture in its window, if there are windows."""
        if self._host is None:
            return
        key = f"{peer}/{source}"
        if (timer := self._lingering.pop(key, None)) is not None:
            timer.cancel()
            self._host.reopen(key)
        written = self._written.setdefault(key, PictureSource())
        try:
            written.write(_planes(frame))
        except OSError as error:
            log.warning("no shared memory for a picture: %s", error)
        if written.name is not None:
            self._host.show(key, title, written.name)

    def forget(self, peer: PeerId, source: SourceKind) -> None:
        """The source is off or its owner gone: the window says so and closes, unless pictures return at once."""
        self._views.pop((peer, source), None)
        key = f"{peer}/{source}"
        if self._host is not None and key not in self._lingering:
            self._host.blank(key, f"{source} off")
            self._lingering[key] = asyncio.get_running_loop().call_later(LINGER, self._hide, key)

    def view(self, peer: PeerId, source: SourceKind) -> View | None:
        """How a source arrives."""
        return self._views.get((peer, source))

    def _lost(self, sentence: str) -> None:
        """The windows stay off from now on."""
        self._host = None
        for written in self._written.values():
            written.close()
        self._written.clear()
        self._on_notice(sentence)

    def _hide(self, key: str) -> None:
        del self._lingering[key]
        if (written := self._written.pop(key, None)) is not None:
            written.close()
        if self._host is not None:
            self._host.hide(key)


def _delay_ms(frame: av.VideoFrame) -> float | None:
    """Milliseconds from capture to here, where the picture carries a clock that we share."""
    stamped = read_stamp(_planes(frame))
    if stamped is None:
        return None
    delay = (int(time.time() * 1000) - stamped) % 2**32
    return float(delay) if delay < 60_000 else None


def _planes(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """The picture as I420 planes, one below the other; odd sizes, which I420 lacks, are rounded down."""
    width, height = max(2, frame.width & ~1), max(2, frame.height & ~1)
    if (frame.format.name, frame.width, frame.height) != ("yuv420p", width, height):
        frame = frame.reformat(width, height, "yuv420p")
    return frame.to_ndarray().astype(np.uint8, copy=False)
