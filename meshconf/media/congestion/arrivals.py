"""The receiver's half of congestion control: notes which packets came when, and reports it (RFC 8888).

Every report repeats what the two before it told, so that a lost one costs nothing but a little delay.
"""

from __future__ import annotations

from collections import deque

from meshconf.media.rtp.packet import Unwrapper
from meshconf.media.rtp.rtcp import LATE, CongestionFeedback, StreamArrivals

INTERVAL = 0.05
"""Seconds between reports while something arrives."""

REPEATS = 3
"""Reports that tell of each packet."""

EARLY = 0.005
"""Seconds that a report may come before its time: a timer that fires early must not cost a whole turn."""

MAX_STREAMS = 16
"""Streams that are followed; a further one takes the place of the oldest."""

SPAN = 512
"""Sequence numbers that one report tells of per stream, the newest ones."""

REPORT_BYTES = 1140
"""Size of a report at most: with SRTCP's part it stays within a datagram of 1200 bytes."""

OVERTAKEN = 1 / 1024
"""Seconds by which a packet is told to have come after one that has overtaken it, at least: the least that a report can
say, so that the sender sees which of two that came together was first."""

_PIECE = 256


class ArrivalLog:
    """All arrivals of one link.

    Args:
        ssrc: who reports, 32 bits.
    """

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._streams: dict[int, _Stream] = {}
        self._due: deque[tuple[int, int, int]] = deque()
        self._fresh = False
        self._reported = float("-inf")

    def arrived(self, ssrc: int, sequence: int, now: float) -> None:
        """Note a packet, as it came off the network: retransmissions under their own SSRC and number."""
        stream = self._streams.get(ssrc)
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                del self._streams[next(iter(self._streams))]
            stream = self._streams[ssrc] = _Stream()
        stream.arrived(sequence, now)
        self._fresh = True

    def report(self, now: float) -> CongestionFeedback | None:
        """What is due to be told, if anything; to be asked again until it is None, since there may be more."""
        if not self._due and self._fresh and now - self._reported >= INTERVAL - EARLY:
            self._reported, self._fresh = now, False
            for ssrc, stream in self._streams.items():
                self._due.extend((ssrc, begin, end) for begin, end in stream.turn())
        room = REPORT_BYTES - 12
        told: list[StreamArrivals] = []
        while self._due:
            ssrc, begin, end = self._due[0]
            size = 8 + 2 * (end - begin + (end - begin) % 2)
            if size > room:
                break
            self._due.popleft()
            if (known := self._streams.get(ssrc)) is not None:
                told.append(StreamArrivals(ssrc, begin & 0xFFFF, known.offsets(begin, end, now)))
                room -= size
        if not told:
            return None
        return CongestionFeedback(self._ssrc, tuple(told), int(now * 65_536) & 0xFFFFFFFF)


class _Stream:
    def __init__(self) -> None:
        self._unwrapper = Unwrapper(16)
        self._times: dict[int, float] = {}
        self._end = 0
        self._begins: deque[int] = deque(maxlen=REPEATS)

    def arrived(self, sequence: int, now: float) -> None:
        number = self._unwrapper.unwrap(sequence)
        if not self._begins:
            self._begins.append(number)
        if number >= self._end:
            self._end = number + 1
            if len(self._times) > 2 * SPAN:
                self._forget()
        elif (newest := self._times.get(self._end - 1)) is not None:
            now = max(now, newest + OVERTAKEN)
        if number >= self._begin():
            self._times.setdefault(number, now)

    def turn(self) -> list[tuple[int, int]]:
        """The numbers to tell of now, in pieces; the oldest of them are not told again."""
        begin = self._begin()
        pieces = [(at, min(at + _PIECE, self._end)) for at in range(begin, self._end, _PIECE)]
        self._forget()
        self._begins.append(self._end)
        return pieces

    def offsets(self, begin: int, end: int, now: float) -> tuple[int | None, ...]:
        times = [self._times.get(number) for number in range(begin, end)]
        return tuple([None if time is None else _offset(now - time) for time in times])

    def _begin(self) -> int:
        return max(self._begins[0], self._end - SPAN)

    def _forget(self) -> None:
        begin = self._begin()
        self._times = {number: time for number, time in self._times.items() if number >= begin}


def _offset(seconds: float) -> int:
    return 0 if seconds <= 0 else LATE if seconds >= LATE / 1024 else int(seconds * 1024 + 0.5)
