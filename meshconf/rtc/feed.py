"""One source's encoded packets, fanned out to every link: encoded once, however many watch.

A feed lives as long as the conference; each link has a permanent track on it. A source that is off publishes nothing
and its tracks wait: in aiortc a track that has ended can never be revived. Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from meshconf.types import SAMPLE_RATE, SourceKind

log = logging.getLogger("meshconf.rtc")

KEYFRAME_INTERVAL_S = 0.3
"""However many viewers ask, the encoder is asked for a keyframe at most this often."""

_AUDIO_DEPTH = 10
_VIDEO_DEPTH = 30
_VIDEO_CLOCK = 90_000


class PacketFeed:
    """The road of one source from its encoder to all links."""

    def __init__(self, kind: SourceKind) -> None:
        self.kind = kind
        self.on_keyframe_request: Callable[[], None] | None = None
        """Called when a viewer needs a keyframe, at most once in 300 ms."""
        self._rate = SAMPLE_RATE if kind.is_audio else _VIDEO_CLOCK
        self._tracks: set[FeedTrack] = set()
        self._offset = 0
        self._last: tuple[int, float] | None = None
        self._cooldown: asyncio.TimerHandle | None = None
        self._asked_again = False

    @property
    def viewers(self) -> int:
        """Links that take this feed's packets now."""
        return sum(track.reading for track in self._tracks)

    def track(self) -> FeedTrack:
        """A new track for one link; `stop()` detaches it and touches no other."""
        track = FeedTrack(self)
        self._tracks.add(track)
        return track

    def publish(self, packet: av.Packet[Any], keyframe: bool) -> None:
        """Hand one encoded packet to every link; never blocks.

        Args:
            packet: One VP8 frame or one Opus packet with `pts` and `time_base`. Timestamps may start anew when the
                source is switched on again; receivers see one clock that only goes forward.
            keyframe: Whether decoding can start here; of no meaning for sound.
        """
        if keyframe:
            self._asked_again = False
        stamped: av.Packet[Any] = av.Packet(bytes(packet))
        stamped.pts = self._forward(packet)
        stamped.time_base = Fraction(1, self._rate)
        for track in self._tracks:
            track.offer(stamped, keyframe or self.kind.is_audio)

    def request_keyframe(self) -> None:
        """Ask the source for a keyframe; requests within 300 ms become one, and the last is not lost."""
        if self.kind.is_audio:
            return
        if self._cooldown is not None:
            self._asked_again = True
            return
        self._cooldown = asyncio.get_running_loop().call_later(KEYFRAME_INTERVAL_S, self._cooled_down)
        if self.on_keyframe_request is None:
            return
        try:
            self.on_keyframe_request()
        except Exception:
            # This runs inside aiortc's RTCP handling, where an exception would end the viewer's connection.
            log.exception("The source of %s failed to make a keyframe", self.kind)

    def close(self) -> None:
        """End the feed at the end of the conference: stop its tracks and its timer."""
        if self._cooldown is not None:
            self._cooldown.cancel()
            self._cooldown = None
        for track in list(self._tracks):
            track.stop()

    def detach(self, track: FeedTrack) -> None:
        """Forget a track that stopped."""
        self._tracks.discard(track)

    def _cooled_down(self) -> None:
        self._cooldown = None
        if self._asked_again:
            self._asked_again = False
            self.request_keyframe()

    def _forward(self, packet: av.Packet[Any]) -> int:
        """The packet's time in our own clock, which never runs back: receivers would take that for a wrap."""
        if packet.pts is None or packet.time_base is None:
            raise ValueError("an encoded packet needs pts and time_base")
        time_base = packet.time_base
        own = packet.pts * self._rate * time_base.numerator // time_base.denominator
        now = time.monotonic()
        if self._last is not None and own + self._offset <= self._last[0]:
            self._offset = self._last[0] + max(1, int((now - self._last[1]) * self._rate)) - own
        self._last = (own + self._offset, now)
        return own + self._offset


class FeedTrack(MediaStreamTrack):
    """What one link's sender reads: a short queue of encoded packets that forgets the oldest."""

    def __init__(self, feed: PacketFeed) -> None:
        super().__init__()
        self.kind = "audio" if feed.kind.is_audio else "video"
        self.reading = False
        """Whether the link is up and takes packets; before that they would only grow stale here."""
        self.dropped = 0
        """Packets that this link was too slow for."""
        self._feed = feed
        self._depth = _AUDIO_DEPTH if feed.kind.is_audio else _VIDEO_DEPTH
        self._queue: deque[av.Packet[Any]] = deque()
        self._ready = asyncio.Event()
        self._whole = False

    async def recv(self) -> av.Packet[Any]:
        """Wait for the next packet, as long as it takes.

        Raises:
            MediaStreamError: The track was stopped.
        """
        if not self.reading and self.readyState == "live":
            self.reading = True
            self._feed.request_keyframe()
        while not self._queue and self.readyState == "live":
            self._ready.clear()
            await self._ready.wait()
        if self.readyState != "live":
            raise MediaStreamError
        return self._queue.popleft()

    def offer(self, packet: av.Packet[Any], decodable: bool) -> None:
        """Take a packet from the feed, unless it would be useless to the viewer.

        Args:
            packet: Shared by all links, never changed.
            decodable: Whether decoding can start at it.
        """
        if not self.reading:
            return
        if len(self._queue) >= self._depth:
            self._make_room()
        if not self._whole and not decodable:
            self.dropped += 1
            return
        self._whole = True
        self._queue.append(packet)
        self._ready.set()

    def request_keyframe(self) -> None:
        """The viewer lost the picture (RTCP PLI or FIR)."""
        self._feed.request_keyframe()

    def stop(self) -> None:
        """Leave the feed for good; others on it go on."""
        super().stop()
        self.reading = False
        self._feed.detach(self)
        self._queue.clear()
        self._ready.set()

    def _make_room(self) -> None:
        if self.kind == "audio":
            self._queue.popleft()
            self.dropped += 1
            return
        # A hole makes all that follows undecodable up to the next keyframe, so none of it is worth its bytes.
        self.dropped += len(self._queue)
        self._queue.clear()
        self._whole = False
        self._feed.request_keyframe()
