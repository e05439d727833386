"""One source of ours on its way over one link: numbered, in the rung that this viewer gets, kept to be sent again.

Called with the link's lock held, from whichever thread encodes or receives.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from meshconf.media.encoded import Codec
from meshconf.media.rtp.packet import HEADER
from meshconf.media.rtp.rtcp import SenderReport, StreamArrivals
from meshconf.media.rtp.rtx import wrap
from meshconf.media.send.history import History
from meshconf.media.send.packets import Packets
from meshconf.types import SourceKind

PADDING = 64
"""Packets that pad at most."""

_MARKER = 0x80
_NTP_EPOCH = 2_208_988_800  # seconds from 1900, where NTP begins, to 1970
_SSRC = HEADER - 4  # where it stands

Outgoing = tuple[bytes, int, int]
"""A packet to seal: header (not patched) and payload, payload type with marker, sequence number."""


@dataclass(slots=True)
class StreamCounters:
    """What went out, since the link began."""

    packets: int = 0
    octets: int = 0
    """Payload, without headers."""
    repeated: int = 0
    """Packets sent again because the viewer missed them."""
    dropped: int = 0
    """Frames not sent because the link was too slow for them, or waited for a keyframe."""


@dataclass(slots=True, eq=False)
class OutgoingStream:
    """One source over one link.

    Args:
        kind: Which source.
        ssrc: Of its packets.
        rtx_ssrc: Of packets sent again (RFC 4588).
    """

    kind: SourceKind
    ssrc: int
    rtx_ssrc: int
    payload_types: dict[Codec, int] = field(default_factory=dict)
    """As negotiated; a frame of another codec is not sent."""
    rtx_types: dict[int, int] = field(default_factory=dict)
    """Payload type of retransmissions by payload type."""
    rung: int | None = 0
    """The rung that this viewer gets; None for nothing."""
    counters: StreamCounters = field(default_factory=StreamCounters)
    arrived: int | None = None
    """Number of the last packet that the peer says to have got; None before the first report."""
    last_timestamp: int = 0
    last_captured: float = 0.0
    """Monotonic seconds of the capture of what has that timestamp; 0 before anything was sent."""
    _sending: int | None = None
    """The rung that is being sent; differs from `rung` until a keyframe of that comes."""
    _sequence: int = field(default_factory=lambda: random.randrange(1 << 15))
    _rtx_sequence: int = field(default_factory=lambda: random.randrange(1 << 15))
    _history: History = field(default_factory=History)
    _since_keyframe: int = 0
    """Packets that went out since the last keyframe began, its own among them."""

    def takes(self, packets: Packets) -> bool:
        """Whether this viewer gets this frame: of its rung, and decodable by who has got all before."""
        frame = packets.frame
        if frame.codec not in self.payload_types:
            return False
        if self.kind.is_audio:
            return self.rung is not None
        if frame.rung == self.rung and self._sending != self.rung and frame.keyframe:
            self._sending = self.rung
        if self.rung is None:
            self._sending = None
        return self._sending is not None and frame.rung == self._sending

    def needs_keyframe(self, packets: Packets) -> bool:
        """Whether this frame is what the viewer wants, but of no use before a keyframe of its rung."""
        frame = packets.frame
        wanted = frame.rung == self.rung and frame.codec in self.payload_types
        return wanted and not self.kind.is_audio and self._sending != self.rung

    def note_arrivals(self, told: StreamArrivals) -> None:
        """Take what the peer reports of this stream."""
        for index in range(len(told.offsets) - 1, -1, -1):
            if told.offsets[index] is not None:
                self.arrived = (told.begin_sequence + index) & 0xFFFF
                return

    def break_off(self) -> None:
        """A frame was not sent: all that follows is useless until a keyframe."""
        self._sending = None

    def number(self, packets: Packets, first: int, count: int, now: float) -> list[Outgoing]:
        """Give the next packets of a frame their numbers on this link.

        Args:
            packets: The frame.
            first: Which of its packets comes next.
            count: How many, at most.
            now: Monotonic seconds.
        """
        kind = self.payload_types[packets.frame.codec]
        last = len(packets.packets) - 1
        numbered = []
        if first == 0 and packets.frame.keyframe:
            self._since_keyframe = 0
        for index in range(first, min(first + count, last + 1)):
            packet = packets.packets[index]
            payload_type = kind | _MARKER if index == last and not self.kind.is_audio else kind
            sequence = self._sequence
            self._sequence = (sequence + 1) & 0xFFFF
            self._history.keep(sequence, packet, payload_type)
            self.counters.octets += len(packet) - HEADER
            numbered.append((packet, payload_type, sequence))
        self.counters.packets += len(numbered)
        self._since_keyframe += len(numbered)
        self.last_timestamp, self.last_captured = packets.timestamp, packets.frame.captured or now
        return numbered

    def report(self, now: float, wall: float) -> SenderReport:
        """The times of the last frame on the wall clock and on this stream's.

        Args:
            now: Monotonic seconds.
            wall: Seconds since 1970.
        """
        return SenderReport(
            self.ssrc,
            int((wall - (now - self.last_captured) + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF,
            self.last_timestamp & 0xFFFFFFFF,
            self.counters.packets & 0xFFFFFFFF,
            self.counters.octets & 0xFFFFFFFF,
        )

    def again(self, sequence: int, now: float, apart: float) -> Outgoing | None:
        """A packet that the viewer misses, wrapped as a retransmission; None if there is nothing to send.

        Args:
            sequence: Which.
            now: Monotonic seconds.
            apart: Seconds between two retransmissions of one packet.
        """
        kept = None if self._is_superseded(sequence) else self._history.again(sequence, now, apart)
        repeat = None if kept is None else self._wrapped(*kept, sequence)
        self.counters.repeated += repeat is not None
        return repeat

    def _is_superseded(self, sequence: int) -> bool:
        """Whether a keyframe has left since: what it makes useless would only keep it waiting."""
        return (self._sequence - sequence) & 0xFFFF > self._since_keyframe

    def _wrapped(self, packet: bytes, payload_type: int, sequence: int) -> Outgoing | None:
        """A packet as a retransmission; None if none were negotiated."""
        rtx_type = self.rtx_types.get(payload_type & 0x7F)
        if rtx_type is None:
            return None
        wrapped = packet[:_SSRC] + self.rtx_ssrc.to_bytes(4) + wrap(packet[HEADER:], sequence)
        number = self._rtx_sequence
        self._rtx_sequence = (number + 1) & 0xFFFF
        return wrapped, rtx_type | payload_type & _MARKER, number

    def copies(self, distances: Iterable[int]) -> list[Outgoing]:
        """Packets as they were sent so many packets before the last one, under the same numbers."""
        kept = [self.copy((self._sequence - 1 - distance) & 0xFFFF) for distance in distances]
        return [packet for packet in kept if packet is not None]

    def copy(self, sequence: int) -> Outgoing | None:
        """A packet as it was sent, under the same number; None if it is too old."""
        kept = self._history.again(sequence)
        return None if kept is None else (*kept, sequence)

    def recent(self, octets: int) -> list[Outgoing]:
        """The last packets once more, until so many bytes are full: padding, which nobody misses."""
        padding: list[Outgoing] = []
        for back in range(1, PADDING + 1):
            sequence = (self._sequence - back) & 0xFFFF
            kept = self._history.kept(sequence)
            packet = None if kept is None or octets <= 0 else self._wrapped(*kept, sequence)
            if packet is None:
                break
            padding.append(packet)
            octets -= len(packet[0])
        return padding
