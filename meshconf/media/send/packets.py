"""One encoded frame as RTP packets, built once for all links: only what differs between links is patched later."""

from __future__ import annotations

import struct

from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import h264, vp8
from meshconf.media.rtp.packet import HEADER, write_header

PAYLOAD = 1150
"""Bytes of payload that a packet carries at most: with all headers it fits 1280, the least that IPv6 paths carry."""

_PATCH = struct.Struct("!BBH").pack_into


class Packets:
    """The packets of one frame, of one length except the last.

    Args:
        frame: What to send.
        ssrc: Of its source, the same on all links: each link is an RTP session of its own.
        timestamp: Its time on the wire, unwrapped.
        picture_id: Number of the picture in its rung, for payloads that carry one.
    """

    __slots__ = ("frame", "octets", "packets", "timestamp")

    def __init__(self, frame: EncodedFrame, ssrc: int, timestamp: int, picture_id: int) -> None:
        self.frame = frame
        self.timestamp = timestamp
        self.packets = [self._packet(payload, ssrc) for payload in _payloads(frame, picture_id)]
        """Header, without number, type and marker, and payload."""
        self.octets = sum(map(len, self.packets))
        """Bytes before sealing, headers included."""

    def _packet(self, payload: bytes, ssrc: int) -> bytes:
        packet = bytearray(HEADER) + payload
        write_header(packet, 0, payload_type=0, sequence=0, timestamp=self.timestamp, ssrc=ssrc, marker=False)
        return bytes(packet)


def patch(into: bytearray, at: int, payload_type: int, sequence: int) -> None:
    """Write what differs from link to link into the header at `at`.

    Args:
        into: Where the packet lies.
        at: Its first byte.
        payload_type: 7 bits, plus 128 for the marker.
        sequence: 16 bits.
    """
    _PATCH(into, at, 0x80, payload_type, sequence)


def _payloads(frame: EncodedFrame, picture_id: int) -> list[bytes]:
    match frame.codec:
        case "VP8":
            return vp8.split(frame.data, frame.keyframe, picture_id, PAYLOAD)
        case "H264":
            return h264.split(frame.data, frame.keyframe, picture_id, PAYLOAD)
        case "opus":
            return [frame.data]
