"""The RTP packet (RFC 3550, 5.1): reading one from hostile bytes, writing a header, and numbers that wrap around."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = 12
"""Bytes of a header without contributing sources and extensions: all that we send."""

_FIXED = struct.Struct("!BBHII")
_VERSION = 0x80


class RtpPacket(NamedTuple):
    """One packet, its payload still in the form of its codec."""

    payload_type: int
    sequence: int
    """16 bits, wraps."""
    timestamp: int
    """32 bits, wraps."""
    ssrc: int
    marker: bool
    """Pictures: the last packet of one."""
    payload: bytes


def parse(data: bytes) -> RtpPacket | None:
    """Read a packet; None if the bytes are none.

    Contributing sources and header extensions are skipped, padding is cut off.
    """
    if len(data) < HEADER:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first & 0xC0 != _VERSION:
        return None
    start, end = HEADER, len(data)
    if first & 0x3F:  # padding, extension or contributing sources: rare
        start += 4 * (first & 0x0F)
        if first & 0x10:
            if end < start + 4:
                return None
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
        if first & 0x20:
            end -= data[-1] or end
        if start > end:
            return None
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, second > 0x7F, data[start:end])


def write_header(
    into: bytearray | memoryview,
    at: int,
    *,
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    marker: bool,
) -> None:
    """Write the `HEADER` bytes of a packet at `into[at:]`; sequence and timestamp are cut to their bits on the wire."""
    second = payload_type | 0x80 if marker else payload_type
    _FIXED.pack_into(into, at, _VERSION, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


class Unwrapper:
    """Turns numbers that wrap into numbers that only grow: each is read as the one nearest to the last.

    Args:
        bits: 16 for sequence numbers, 32 for timestamps.
    """

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits
        self._half = self._modulus >> 1
        self._last: int | None = None

    def unwrap(self, number: int) -> int:
        """The number without wrapping; never negative."""
        if self._last is None:
            # One turn above zero: what was reordered before the first packet stays positive.
            self._last = number + self._modulus
            return self._last
        step = (number - self._last) % self._modulus
        if step >= self._half:
            step -= self._modulus
        if self._last + step < 0:
            step += self._modulus
        self._last += step
        return self._last
