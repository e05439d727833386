"""The packets of one voice that wait for their time: in order, bounded, whatever a peer sends."""

from __future__ import annotations

from bisect import insort
from enum import Enum, auto
from typing import NamedTuple

from meshconf.types import SAMPLE_RATE

MAX_SPAN = SAMPLE_RATE
"""Samples from the oldest to the newest packet that waits, and the longest step that is not a leap."""

MAX_PACKETS = 400
"""A second of packets of 2.5 ms, the shortest that opus has."""

MAX_PAYLOAD = 1500
"""Bytes of a packet, at most what a datagram of the Internet holds."""


class VoicePacket(NamedTuple):
    """One packet of encoded sound."""

    sequence: int
    timestamp: int
    """Of its first sample."""
    payload: bytes


class Verdict(Enum):
    """What became of a packet that arrived."""

    KEPT = auto()
    LATE = auto()
    """Its time is over."""
    REPEATED = auto()
    """It is here already, was played, or is no packet of this stream."""
    RESTARTED = auto()
    """Kept, and everything before it thrown away."""


class PacketBuffer:
    """Waiting packets by sequence number. Numbers are unwrapped: they grow for ever."""

    def __init__(self) -> None:
        self._packets: dict[int, VoicePacket] = {}
        self._order: list[int] = []
        self._missed: set[int] = set()
        self._newest: VoicePacket | None = None
        self.expected: int | None = None
        """Sequence number that follows the last one taken; None before the first."""

    def __len__(self) -> int:
        return len(self._order)

    @property
    def newest(self) -> VoicePacket | None:
        """The packet with the highest sequence number so far, taken or waiting."""
        return self._newest

    def lacks(self, sequence: int) -> bool:
        """Whether a packet neither waits nor was taken."""
        if sequence in self._packets or self._newest is None:
            return False
        return sequence in self._missed if self.expected is None or sequence < self.expected else True

    def push(self, packet: VoicePacket) -> Verdict:
        """Take an arrived packet."""
        sequence, timestamp, payload = packet
        newest = self._newest
        if not 0 < len(payload) <= MAX_PAYLOAD or sequence in self._packets:
            return Verdict.REPEATED
        if newest is not None:
            if abs(sequence - newest.sequence) > MAX_PACKETS:
                return self._restart(packet)
            if abs(timestamp - newest.timestamp) > MAX_SPAN:
                # What is older and leaps was sent before the leap that we have already made.
                return self._restart(packet) if sequence > newest.sequence else Verdict.REPEATED
            if self.expected is not None and sequence < self.expected:
                if sequence not in self._missed:
                    return Verdict.REPEATED
                self._missed.discard(sequence)
                return Verdict.LATE
        self._keep(packet)
        return Verdict.KEPT

    def clear(self) -> None:
        """Forget all; the next packet is the first."""
        self._packets.clear()
        self._order.clear()
        self._missed.clear()
        self._newest = None
        self.expected = None

    def first(self) -> VoicePacket | None:
        """The waiting packet that comes first."""
        return self._packets[self._order[0]] if self._order else None

    def second(self) -> VoicePacket | None:
        """The one after it."""
        return self._packets[self._order[1]] if len(self._order) > 1 else None

    def take(self) -> VoicePacket:
        """Remove and return the first; what is missing before it comes too late from now on.

        Raises:
            IndexError: nothing waits.
        """
        self.expect_first()
        sequence = self._order.pop(0)
        self.expected = sequence + 1
        return self._packets.pop(sequence)

    def expect_first(self) -> None:
        """Give up what is missing before the first packet that waits."""
        if not self._order:
            return
        sequence = self._order[0]
        if self.expected is not None:
            # At most MAX_PACKETS numbers are new, as push has seen to.
            self._missed.update(range(self.expected, sequence))
        if len(self._missed) > MAX_PACKETS:
            self._missed = {missed for missed in self._missed if missed > sequence - MAX_PACKETS}
        self.expected = sequence

    def _keep(self, packet: VoicePacket) -> None:
        self._packets[packet.sequence] = packet
        insort(self._order, packet.sequence)
        if self._newest is None or packet.sequence > self._newest.sequence:
            self._newest = packet
        while (
            len(self._order) > MAX_PACKETS
            or self._newest.timestamp - self._packets[self._order[0]].timestamp > MAX_SPAN
        ):
            self.take()

    def _restart(self, packet: VoicePacket) -> Verdict:
        self.clear()
        self._keep(packet)
        return Verdict.RESTARTED
