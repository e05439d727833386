"""A packet as a piece of a picture: what the receiver keeps of it, whatever its codec."""

from __future__ import annotations

from typing import NamedTuple

from meshconf.media.encoded import PictureCodec
from meshconf.media.rtp import h264, vp8
from meshconf.media.rtp.packet import RtpPacket


class Fragment(NamedTuple):
    """One packet's share of a picture."""

    codec: PictureCodec | None
    """None for a payload type that nobody negotiated."""
    timestamp: int
    """32 bits, wraps."""
    marker: bool
    start: bool
    """Whether a picture can begin here."""
    keyframe: bool
    """Whether a keyframe seems to begin here; only the whole picture tells for sure."""
    data: bytes
    """Empty for padding and for malformed payloads."""
    intact: bool
    """False: the payload was malformed, and the picture cannot be whole."""
    arrived: float
    """Monotonic seconds."""
    repaired: bool


def read(packet: RtpPacket, codec: PictureCodec | None, now: float, repaired: bool) -> Fragment:
    """Take a payload apart; never fails."""
    _, _, timestamp, _, marker, payload = packet
    if codec == "VP8":
        vp8_part = vp8.parse(payload)
        if vp8_part is not None:
            start, _, data = vp8_part
            keyframe = start and vp8.is_keyframe(data)
            return Fragment(codec, timestamp, marker, start, keyframe, data, True, now, repaired)
    elif codec == "H264":
        h264_part = h264.parse(payload)
        if h264_part is not None:
            start, keyframe, data = h264_part
            return Fragment(codec, timestamp, marker, start, keyframe, data, True, now, repaired)
    return Fragment(codec, timestamp, marker, False, False, b"", not payload, now, repaired)
