"""What was sent and not yet reported on; reads a report of the receiver as packets that came and packets that did not.

A report may say anything: of packets that were never sent nothing is believed, and what it can cost is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from meshconf.media.rtp.packet import Unwrapper
from meshconf.media.rtp.rtcp import LATE, CongestionFeedback, StreamArrivals

MAX_STREAMS = 16
"""Streams that are followed; a further one takes the place of the oldest."""

MAX_PACKETS = 2048
"""Packets per stream that wait for a report; the oldest are given up."""

MAX_AGE = 4.0
"""Seconds after which a packet is given up that no report told of."""

REORDERING = 3
"""A packet is lost when one came that was sent so many after it, in the same stream (as in RFC 9002, 6.1.1)."""

OVERTAKERS = 16
"""Packets after one that are looked at to see whether they have overtaken it; its copies are sent sooner."""

_by_sending = attrgetter("sent")


class Acknowledged(NamedTuple):
    """A packet that came."""

    arrived: float
    """Seconds on the receiver's clock, whose zero and exact speed are its own; 1/1024 s fine."""
    sent: float
    size: int
    expected: float = 0.0
    """Seconds that it would have waited behind what was sent before, had the link carried what was believed."""


@dataclass(slots=True)
class Outcome:
    """What one report told us that we did not know."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    """In the order of arrival."""
    lost: int = 0
    """Packets found lost, less those that came after all; those of which only a copy came are lost."""
    bursts: int = 0
    """How many times in a row they were lost: neighbours count as one."""
    missing: list[tuple[int, int, float]] = field(default_factory=list)
    """SSRC, sequence number and time of sending of packets that a later one of their stream has overtaken.

    Each is told once, and sooner than it counts as lost."""
    newest: Acknowledged | None = None
    """That of them that was sent last."""
    heard: int = 0
    """Bytes of all streams that had been sent when that one was, itself included."""
    round_trip: float | None = None
    """Seconds on its way there and of the report back, without the time between."""


class _Sent:
    __slots__ = ("copied", "expected", "lost", "missed", "size", "time", "total")

    def __init__(self, time: float, size: int, total: int, expected: float) -> None:
        self.time = time
        self.size = size
        self.total = total
        self.expected = expected
        self.lost = self.missed = self.copied = False


class SentPackets:
    """The packets of one link, all streams."""

    def __init__(self) -> None:
        self._streams: dict[int, dict[int, _Sent]] = {}
        self._clock = Unwrapper(32)
        self.total = 0
        """Bytes sent so far."""

    def sent(self, ssrc: int, sequence: int, size: int, now: float, expected: float = 0.0) -> None:
        """Note a packet on its way; its sequence number has 16 bits, and `expected` is as in `Acknowledged`."""
        self.total += size
        stream = self._streams.get(ssrc)
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                del self._streams[next(iter(self._streams))]
            stream = self._streams[ssrc] = {}
        stream.pop(sequence, None)
        stream[sequence] = _Sent(now, size, self.total, expected)
        if len(stream) > MAX_PACKETS:
            del stream[next(iter(stream))]

    def copied(self, ssrc: int, sequence: int) -> None:
        """Note that a packet goes out once more, under the same number."""
        packet = self._streams.get(ssrc, {}).get(sequence)
        if packet is not None:
            packet.copied = True

    def resolve(self, report: CongestionFeedback, now: float) -> Outcome:
        """Take a report; tells each packet once, however often reports repeat it."""
        outcome = Outcome()
        told_at = self._clock.unwrap(report.timestamp) / 65_536
        for arrivals in report.streams:
            stream = self._streams.get(arrivals.ssrc)
            if not stream:
                continue
            self._find_come(stream, arrivals, told_at, outcome)
            if None in arrivals.offsets:
                self._find_lost(stream, arrivals, outcome)
            while stream and now - stream[next(iter(stream))].time > MAX_AGE:
                del stream[next(iter(stream))]
        outcome.acknowledged.sort()
        if outcome.acknowledged:
            outcome.newest = newest = max(outcome.acknowledged, key=_by_sending)
            outcome.round_trip = max(0.0, now - newest.sent - (told_at - newest.arrived))
        return outcome

    @staticmethod
    def _find_come(stream: dict[int, _Sent], arrivals: StreamArrivals, told_at: float, outcome: Outcome) -> None:
        in_burst = False
        for index, offset in enumerate(arrivals.offsets):
            # Most have been told of before, and are gone.
            sequence = (arrivals.begin_sequence + index) & 0xFFFF
            if offset is None or (packet := stream.pop(sequence, None)) is None:
                continue
            if packet.copied and _was_overtaken(arrivals.offsets, index):
                if not packet.lost:
                    outcome.lost += 1
                    outcome.bursts += not in_burst
                in_burst = True
                continue
            in_burst = False
            if packet.lost:
                outcome.lost -= 1
            if offset < LATE:
                came = Acknowledged(told_at - offset / 1024, packet.time, packet.size, packet.expected)
                outcome.acknowledged.append(came)
                outcome.heard = max(outcome.heard, packet.total)

    @staticmethod
    def _find_lost(stream: dict[int, _Sent], arrivals: StreamArrivals, outcome: Outcome) -> None:
        offsets = arrivals.offsets
        last = len(offsets) - 1
        while last >= 0 and offsets[last] is None:
            last -= 1
        in_burst = False
        for index in range(last):
            packet = None
            if offsets[index] is None:
                packet = stream.get((arrivals.begin_sequence + index) & 0xFFFF)
            if packet is not None and not packet.missed:
                packet.missed = True
                outcome.missing.append((arrivals.ssrc, (arrivals.begin_sequence + index) & 0xFFFF, packet.time))
            if index > last - REORDERING:
                continue
            if packet is not None and not packet.lost:
                packet.lost = True
                outcome.lost += 1
                outcome.bursts += not in_burst
            in_burst = packet is not None


def _was_overtaken(offsets: tuple[int | None, ...], index: int) -> bool:
    """Whether one that was sent later came sooner: then a packet that was sent twice has come by its copy."""
    came = offsets[index]
    later = offsets[index + 1 : index + 1 + OVERTAKERS]
    return came is not None and any(offset is not None and offset > came for offset in later)
