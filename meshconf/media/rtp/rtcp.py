"""RTCP of exactly the kinds that we use, written and read: sender reports, NACK, PLI and congestion control feedback.

Several packets share a datagram (compound, RFC 3550, 6.1) in any order and without an empty report in front, which
RFC 5506 allows. Reading is safe with any bytes: what is unknown or broken is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_PACKETS = 8
"""Packets that are read of one datagram; we put four into one at most, a sender report of each stream."""

MAX_SEQUENCES = 256
"""Sequence numbers that are asked for in one datagram: far apart, they take four bytes each, and the datagram stays
within 1200 bytes. No more are read of one, be they in several NACKs."""

LATE = 0x1FFE
"""Arrival offset of a packet that came 8189/1024 s before the report, or earlier (RFC 8888, 3.1)."""

UNKNOWN = 0x1FFF
"""Arrival offset of a packet that came at a time nobody can tell (RFC 8888, 3.1)."""

_SENDER_REPORT, _TRANSPORT_FEEDBACK, _PAYLOAD_FEEDBACK = 200, 205, 206
_NACK, _CONGESTION, _PLI = 1, 11, 1
_RECEIVED = 0x8000

_HEADER = struct.Struct("!BBH")
_REPORT = struct.Struct("!IQIII")
_SOURCES = struct.Struct("!II")
_LOST = struct.Struct("!HH")
_STREAM = struct.Struct("!IHH")
_WORD = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class SenderReport:
    """The times of one moment on the clocks of sender and stream (RFC 3550, 6.4.1), without report blocks."""

    ssrc: int
    ntp: int
    """64 bits: seconds and their 2**-32 parts on the sender's clock."""
    rtp_timestamp: int
    """32 bits: the same moment on the stream's clock."""
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class GenericNack:
    """Packets that are asked for once more (RFC 4585, 6.2.1)."""

    sender_ssrc: int
    media_ssrc: int
    sequences: tuple[int, ...]
    """16 bits each, in the order in which they were sent."""


@dataclass(frozen=True, slots=True)
class PictureLossIndication:
    """A keyframe is asked for (RFC 4585, 6.3.1)."""

    sender_ssrc: int
    media_ssrc: int


@dataclass(frozen=True, slots=True)
class StreamArrivals:
    """What came of one stream, packet by packet."""

    ssrc: int
    begin_sequence: int
    """16 bits: the number of the first packet that `offsets` tells of."""
    offsets: tuple[int | None, ...]
    """How long before the report each packet came, in 1/1024 s up to 8189; `LATE`; `UNKNOWN`; None: has not come."""


@dataclass(frozen=True, slots=True)
class CongestionFeedback:
    """Which packets came, and when (RFC 8888, 3.1); ECN marks are neither read nor sent."""

    sender_ssrc: int
    streams: tuple[StreamArrivals, ...]
    timestamp: int
    """32 bits: the receiver's clock at the report, in 2**-16 s."""


RtcpPacket = SenderReport | GenericNack | PictureLossIndication | CongestionFeedback


def build(packets: Iterable[RtcpPacket]) -> bytes:
    """Write packets as one datagram; whoever fills them minds the size of a datagram."""
    return b"".join(map(_build_one, packets))


def parse(data: bytes) -> list[RtcpPacket]:
    """Read what we know of a datagram, up to its end or to where it breaks the format."""
    packets: list[RtcpPacket] = []
    wanted = 0
    at, end = 0, len(data)
    while at + 4 <= end and len(packets) < MAX_PACKETS:
        first, kind, words = _HEADER.unpack_from(data, at)
        following = at + 4 + 4 * words
        if first & 0xC0 != 0x80 or following > end:
            break
        body = data[at + 4 : following]
        if first & 0x20 and body:
            body = body[: max(0, len(body) - (body[-1] or len(body)))]
        packet = _parse_one(kind, first & 0x1F, body, MAX_SEQUENCES - wanted)
        if isinstance(packet, GenericNack):
            wanted += len(packet.sequences)
        if packet is not None:
            packets.append(packet)
        at = following
    return packets


def _build_one(packet: RtcpPacket) -> bytes:
    match packet:
        case SenderReport():
            body = _REPORT.pack(packet.ssrc, packet.ntp, packet.rtp_timestamp, packet.packets, packet.octets)
            return _framed(_SENDER_REPORT, 0, body)
        case GenericNack():
            body = _SOURCES.pack(packet.sender_ssrc, packet.media_ssrc) + _lost(packet.sequences)
            return _framed(_TRANSPORT_FEEDBACK, _NACK, body)
        case PictureLossIndication():
            return _framed(_PAYLOAD_FEEDBACK, _PLI, _SOURCES.pack(packet.sender_ssrc, packet.media_ssrc))
        case CongestionFeedback():
            streams = b"".join(map(_arrivals, packet.streams))
            body = _WORD.pack(packet.sender_ssrc) + streams + _WORD.pack(packet.timestamp)
            return _framed(_TRANSPORT_FEEDBACK, _CONGESTION, body)


def _framed(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _lost(sequences: Sequence[int]) -> bytes:
    # Each pair names one packet, and in a mask those of the sixteen after it that are lost as well.
    pairs: list[tuple[int, int]] = []
    for sequence in sequences:
        if pairs:
            ahead = (sequence - pairs[-1][0]) & 0xFFFF
            if ahead <= 16:
                if ahead:
                    pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << ahead - 1)
                continue
        pairs.append((sequence, 0))
    return b"".join(_LOST.pack(*pair) for pair in pairs)


def _arrivals(stream: StreamArrivals) -> bytes:
    blocks = [0 if offset is None else _RECEIVED | offset for offset in stream.offsets]
    header = _STREAM.pack(stream.ssrc, stream.begin_sequence, len(blocks))
    if len(blocks) % 2:
        blocks.append(0)
    return header + struct.pack(f"!{len(blocks)}H", *blocks)


def _parse_one(kind: int, count: int, body: bytes, most: int) -> RtcpPacket | None:
    if kind == _SENDER_REPORT and len(body) >= _REPORT.size:
        return SenderReport(*_REPORT.unpack_from(body))
    if kind == _TRANSPORT_FEEDBACK and count == _CONGESTION and len(body) >= 8:
        return _parse_congestion(body)
    if kind == _TRANSPORT_FEEDBACK and count == _NACK and len(body) >= _SOURCES.size:
        sender, media = _SOURCES.unpack_from(body)
        return GenericNack(sender, media, _parse_lost(body[_SOURCES.size :], most))
    if kind == _PAYLOAD_FEEDBACK and count == _PLI and len(body) >= _SOURCES.size:
        return PictureLossIndication(*_SOURCES.unpack_from(body))
    return None


def _parse_lost(body: bytes, most: int) -> tuple[int, ...]:
    sequences: list[int] = []
    for first, mask in _LOST.iter_unpack(body[: len(body) // 4 * 4]):
        if len(sequences) >= most:
            break
        sequences.append(first)
        while mask:
            lowest = mask & -mask
            sequences.append((first + lowest.bit_length()) & 0xFFFF)
            mask ^= lowest
    return tuple(sequences[:most])


def _parse_congestion(body: bytes) -> CongestionFeedback | None:
    streams: list[StreamArrivals] = []
    at, end = 4, len(body) - 4
    while at + _STREAM.size <= end:
        ssrc, begin, count = _STREAM.unpack_from(body, at)
        at += _STREAM.size
        following = at + (count + count % 2) * 2
        if following > end:
            return None
        blocks = struct.unpack_from(f"!{count}H", body, at)
        streams.append(
            StreamArrivals(ssrc, begin, tuple(block & 0x1FFF if block & _RECEIVED else None for block in blocks))
        )
        at = following
    return CongestionFeedback(_WORD.unpack_from(body)[0], tuple(streams), _WORD.unpack_from(body, end)[0])
