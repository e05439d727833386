"""Pictures out of packets without a gap: where one begins and ends, and whether a decoder can use it.

A picture ends with its marker bit, so that nothing waits for the next one; without a marker it ends where the timestamp
changes. Markers and timestamps may lie: then that picture is dropped, and nothing but a keyframe follows it.
"""

from __future__ import annotations

from typing import NamedTuple

from meshconf.media.encoded import EncodedFrame, PictureCodec
from meshconf.media.receive.counters import Counters
from meshconf.media.receive.fragments import Fragment
from meshconf.media.rtp import h264, vp8
from meshconf.types import PICTURE_CLOCK

_BACK = 2**32 - 10 * PICTURE_CLOCK
"""A step forward of more than this is a step back of less than ten seconds: no new clock, but an error."""


class Picture(NamedTuple):
    """A whole picture, ready to decode after those before it."""

    frame: EncodedFrame
    repaired: bool
    """Whether retransmissions were needed."""
    packets: int


class PictureBuilder:
    """Takes the packets of a source in order."""

    def __init__(self, counters: Counters) -> None:
        self.whole: list[Picture] = []
        """Pictures that are whole; the caller takes them away."""
        self.needs_keyframe = True
        """Whether nothing but a keyframe can go on."""
        self.packets = 0
        """Of the picture that is being put together, as the next three; 0 between pictures."""
        self.bytes = 0
        self.begun = 0.0
        """When its first packet came, in order."""
        self.keyframe = False
        """Whether it seems to be a keyframe."""
        self._counters = counters
        self._parts: list[bytes] = []
        self._broken = False
        self._repaired = False
        self._codec: PictureCodec | None = None
        self._timestamp = 0
        self._arrived = 0.0
        self._anew = False
        # Of the last whole picture:
        self._last_codec: PictureCodec | None = None
        self._time: int | None = None
        self._size = (0, 0)

    def feed(self, fragment: Fragment) -> None:
        """Take the next packet."""
        codec, timestamp, marker, start, keyframe, data, intact, arrived, repaired = fragment
        if intact and not data:
            return  # padding
        if self.packets and timestamp != self._timestamp:
            self._close()
        if not self.packets:
            self._codec, self._timestamp, self.begun, self._arrived = codec, timestamp, arrived, arrived
            self._broken = not start
        elif start and codec == "VP8" or codec != self._codec:
            self._broken = True
        self.packets += 1
        if not intact:
            self._broken = True
        elif not self._broken:
            self._parts.append(data)
            self.bytes += len(data)
            if keyframe:
                self.keyframe = True
        if repaired:
            self._repaired = True
        if arrived > self._arrived:
            self._arrived = arrived
        if marker:
            self._close()

    def drop(self, *, anew: bool = False) -> None:
        """Give up the picture that is being put together, if there is one; go on with a keyframe.

        Args:
            anew: whether that keyframe may have any timestamp.
        """
        self._counters.discarded += self.packets
        self.needs_keyframe = True
        self._anew = self._anew or anew
        self._clear()

    def _close(self) -> None:
        frame = None if self._broken else self._frame()
        if frame is None:
            self.drop()
            return
        self.whole.append(Picture(frame, self._repaired, self.packets))
        self.needs_keyframe = self._anew = False
        self._last_codec = self._codec
        self._time = frame.timestamp
        self._clear()

    def _frame(self) -> EncodedFrame | None:
        codec = self._codec
        data = b"".join(self._parts)
        payload_format = vp8 if codec == "VP8" else h264
        keyframe = self.keyframe and payload_format.is_keyframe(data)
        if codec is None or not keyframe and (self.needs_keyframe or codec != self._last_codec):
            return None
        time = self._timestamp
        if self._time is not None:
            step = (time - self._time) & 0xFFFFFFFF
            if step > _BACK and not self._anew or not keyframe and not 0 < step < 2**31:
                return None
            time = self._time + step
        if keyframe:
            self._size = payload_format.keyframe_size(data) or (0, 0)
        width, height = self._size
        return EncodedFrame(codec, data, keyframe, time, self._arrived, width, height)

    def _clear(self) -> None:
        if self.packets:
            self._parts = []
            self.packets = self.bytes = 0
            self.keyframe = self._repaired = False
