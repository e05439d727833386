"""What we do differently inside aiortc's receivers; installed by `patches.apply()`, runs on the event loop.

Pictures are decoded when their last packet is there rather than when the next picture begins; decoders that fall behind
are relieved; and stopping a decoder does not hold up the loop.
"""

from __future__ import annotations

import queue
from typing import Any

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from meshconf.rtc.internals import private

DECODER_BACKLOG = 60
"""Encoded frames that may wait for a decoder thread: 2 s of pictures."""

_handle_rtp_packet = RTCRtpReceiver._handle_rtp_packet


async def handle_rtp_packet(self: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
    """As in aiortc, and then hand on all pictures that are whole.

    aiortc's buffer lets a picture go with the first packet of the next one, and one only for each packet: a frame of
    delay always, and a backlog for good after a repaired loss.
    """
    waiting: queue.Queue[Any] = private(self, RTCRtpReceiver, "decoder_queue")
    if waiting.qsize() > DECODER_BACKLOG:
        _empty(waiting)
        # aiortc answers this flag with a picture loss indication, so that decoding starts anew at a keyframe.
        private(self, RTCRtpReceiver, "decoder_error").set()
    await _handle_rtp_packet(self, packet, arrival_time_ms)
    if private(self, RTCRtpReceiver, "kind") != "video" or private(self, RTCRtpReceiver, "decoder_thread") is None:
        return
    codec = private(self, RTCRtpReceiver, "codecs").get(packet.payload_type)
    mapper = private(self, RTCRtpReceiver, "timestamp_mapper")
    while codec is not None and (frame := take_whole_frame(private(self, RTCRtpReceiver, "jitter_buffer"))):
        frame.timestamp = mapper.map(frame.timestamp)
        waiting.put((codec, frame))


def take_whole_frame(buffer: JitterBuffer) -> JitterFrame | None:
    """Take the oldest picture out of the buffer if all its packets up to the marker bit are there."""
    if buffer._origin is None:
        return None
    parts: list[bytes] = []
    timestamp: int | None = None
    for count in range(buffer.capacity):
        packet = buffer._packets[(buffer._origin + count) % buffer.capacity]
        if packet is None or timestamp not in (None, packet.timestamp):
            return None
        timestamp = packet.timestamp
        parts.append(packet._data)  # type: ignore[attr-defined]
        if packet.marker:
            buffer.remove(count + 1)
            return JitterFrame(data=b"".join(parts), timestamp=timestamp)
    return None


def stop_decoder(self: RTCRtpReceiver) -> None:
    """As in aiortc, but what waits to be decoded is thrown away first.

    The thread is joined on the event loop; this way the wait is one picture long instead of a whole backlog.
    """
    thread = private(self, RTCRtpReceiver, "decoder_thread")
    if thread is None:
        return
    waiting: queue.Queue[Any] = private(self, RTCRtpReceiver, "decoder_queue")
    _empty(waiting)
    waiting.put(None)
    thread.join()
    vars(self)["_RTCRtpReceiver__decoder_thread"] = None


def _empty(waiting: queue.Queue[Any]) -> None:
    try:
        while True:
            waiting.get_nowait()
    except queue.Empty:
        return
