"""One source's encoded frames, fanned out to every link: encoded and made into packets once, however many watch.

A feed lives as long as the conference. Frames come from the thread that encodes them, links come and
go on the event loop.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

from meshconf.media.encoded import EncodedFrame
from meshconf.media.send.packets import Packets
from meshconf.types import PICTURE_CLOCK, SAMPLE_RATE, SourceKind

log = logging.getLogger("meshconf.rtc")


class Viewer(Protocol):
    """A link, as its feeds see it."""

    def submit(self, kind: SourceKind, packets: Packets) -> bool:
        """Send a frame; False when a keyframe is needed. Called from the thread that encodes."""


class Feed:
    """Brings one source from its encoder to all links."""

    def __init__(self, kind: SourceKind) -> None:
        self.kind = kind
        self.ssrc = random.randrange(1, 1 << 32)
        """The same on all links: each of them is an RTP session of its own, so that packets are built once."""
        self.rtx_ssrc = random.randrange(1, 1 << 32)
        self.on_keyframe_request: Callable[[int], None] | None = None
        """Called with a rung when a viewer of it needs a keyframe; often, and from any thread."""
        self._clock = SAMPLE_RATE if kind.is_audio else PICTURE_CLOCK
        self._lock = threading.Lock()
        self._viewers: tuple[Viewer, ...] = ()
        self._picture_ids: dict[int, int] = {}
        self._offset: int | None = None
        self._last = (0, 0.0)
        self._times: dict[int, int] = {}  # the last of each rung

    def attach(self, viewer: Viewer) -> None:
        """Send to this link too, from the next frame on."""
        with self._lock:
            self._viewers = (*self._viewers, viewer)

    def detach(self, viewer: Viewer) -> None:
        """Send to this link no more."""
        with self._lock:
            self._viewers = tuple(one for one in self._viewers if one is not viewer)

    def publish(self, frame: EncodedFrame) -> None:
        """Send a frame to every link that wants it; never waits. From one thread at a time.

        Args:
            frame: Its timestamp may start anew when the source is switched on again; on the wire is one clock that
                only goes forward.
        """
        viewers = self._viewers
        if not viewers:
            return
        number = self._picture_ids[frame.rung] = (self._picture_ids.get(frame.rung, 0) + 1) & 0x7FFF
        packets = Packets(frame, self.ssrc, self._forward(frame), number)
        if not all([viewer.submit(self.kind, packets) for viewer in viewers]):
            self.request_keyframe(frame.rung)

    def request_keyframe(self, rung: int) -> None:
        """Ask the source for a keyframe."""
        if self.kind.is_audio or self.on_keyframe_request is None:
            return
        try:
            self.on_keyframe_request(rung)
        except Exception:
            log.exception("The source of %s failed to make a keyframe", self.kind)

    def _forward(self, frame: EncodedFrame) -> int:
        """The time on the wire: sources begin anew at any number, which receivers would take for a wrap."""
        now = time.monotonic()
        last, sent = self._last
        if self._offset is None:
            self._offset = random.randrange(1 << 31) - frame.timestamp
        wire = frame.timestamp + self._offset
        if wire < last or wire == self._times.get(frame.rung):  # the rungs of one moment have one time
            wire = last + max(1, int((now - sent) * self._clock))
            self._offset = wire - frame.timestamp
        self._last = (wire, now)
        self._times[frame.rung] = wire
        return wire
