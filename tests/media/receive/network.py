"""A sender, a network made of a seed, and a `VideoReceiver`, in virtual time: a minute of pictures in a moment.

The sender paces its packets, keeps a history for NACKs, and answers keyframe requests at most each 300 ms. Packets,
retransmissions, NACKs and requests all cross the same network.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from meshconf.media.encoded import EncodedFrame
from meshconf.media.receive.receiver import VideoReceiver
from meshconf.media.rtp import vp8
from meshconf.media.rtp.packet import RtpPacket

PAYLOAD_TYPE = 96
CLOCK_RATE = 90_000
BUDGET = 1150


def picture(keyframe: bool, size: int) -> bytes:
    """A VP8 frame as far as its header tells: 640x480, then zeros."""
    header = b"\x10\0\0\x9d\x01\x2a\x80\x02\xe0\x01" if keyframe else b"\x11\0\0"
    return header + bytes(max(size - len(header), 0))


def packets(
    data: bytes, *, sequence: int, timestamp: int, picture_id: int = 0, payload_type: int = PAYLOAD_TYPE
) -> list[RtpPacket]:
    """The packets of a VP8 frame."""
    payloads = vp8.split(data, False, picture_id, BUDGET)
    return [
        RtpPacket(
            payload_type,
            (sequence + n) & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            0xCAFE,
            n == len(payloads) - 1,
            payload,
        )
        for n, payload in enumerate(payloads)
    ]


@dataclass(frozen=True)
class Conditions:
    """What the network does to each packet, in both directions."""

    rtt: float = 0.05
    loss: float = 0.0
    burst: float = 1.0
    """Mean length of a run of losses; 1 is random loss."""
    jitter: float = 0.0
    """Mean of an exponential delay that comes on top, in seconds."""
    reorders: bool = False
    """Whether jitter lets packets overtake each other."""


class Road:
    """One direction of the network."""

    def __init__(self, conditions: Conditions, seed: int) -> None:
        self._conditions = conditions
        self._random = random.Random(seed)
        self._losing = False
        self._last = 0.0
        self.cut_until = 0.0
        """Nothing that leaves before this arrives."""

    def arrival(self, now: float) -> float | None:
        """When a packet arrives that leaves now; None if it is lost."""
        c = self._conditions
        if c.burst <= 1:
            self._losing = self._random.random() < c.loss
        elif self._losing:  # Gilbert: leave the bad state with 1 / burst, enter it so that the share is `loss`
            self._losing = self._random.random() >= 1 / c.burst
        else:
            self._losing = self._random.random() < c.loss / (1 - c.loss) / c.burst
        at = now + c.rtt / 2
        if c.jitter:
            at += self._random.expovariate(1 / c.jitter)
        if not c.reorders:
            at = self._last = max(at, self._last)
        return None if self._losing or now < self.cut_until else at


@dataclass
class Outcome:
    """What a viewer saw."""

    sent: int
    seconds: float
    released: list[tuple[float, EncodedFrame]]
    delays: list[float]
    """For each picture released: seconds beyond the sender's pacing and half a round trip."""
    gaps: list[float]
    """Seconds between pictures, from the first on."""
    packets_sent: int = 0
    receiver: VideoReceiver = field(kw_only=True)

    @property
    def share(self) -> float:
        """Of the pictures sent."""
        return len(self.released) / self.sent

    def freezes(self, longer: float) -> float:
        """Gaps longer than so many seconds, per minute."""
        return sum(gap > longer for gap in self.gaps) * 60 / self.seconds

    def delay(self, share: float) -> float:
        """The added delay that this share of the pictures stays below, in seconds."""
        return sorted(self.delays)[int(share * (len(self.delays) - 1))]


class Call:
    """One source on its way to one viewer.

    Args:
        conditions: of the network; may be changed while the call runs.
        fps: pictures a second.
        bitrate: bits a second.
        seed: makes all randomness.
        history: packets that the sender can send again.
    """

    def __init__(
        self, conditions: Conditions, *, fps: float = 30, bitrate: float = 1e6, seed: int = 0, history: int = 1024
    ) -> None:
        self.now = 100.0
        self.receiver = VideoReceiver({PAYLOAD_TYPE: "VP8"})
        self.receiver.set_rtt(conditions.rtt)
        self.released: list[tuple[float, EncodedFrame]] = []
        self.keyframes_sent = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._random = random.Random(seed)
        self._out, self._back = Road(conditions, seed + 1), Road(conditions, seed + 2)
        self._half = conditions.rtt / 2
        self._fps, self._bitrate, self._history_size = fps, bitrate, history
        self._history: dict[int, RtpPacket] = {}
        self._sequence = self._random.randrange(65_536)
        self._timestamp = self._random.randrange(2**32)
        self._free = 0.0
        self._keyframe_asked, self._keyframe_at = True, -1.0
        self._ready: dict[int, float] = {}
        self.packets_sent = 0
        self._timer: float | None = None

    def run(self, seconds: float) -> Outcome:
        """Let so much time pass, and tell of it."""
        end = self.now + seconds
        first, already = len(self._ready), len(self.released)
        self._after(0.0, partial(self._capture, end))
        while self._events and self._events[0][0] <= end + 1.0:
            self.now, _, action = heapq.heappop(self._events)
            action()
        released = self.released[already:]
        times = [at for at, _ in released]
        return Outcome(
            sent=len(self._ready) - first,
            seconds=seconds,
            released=released,
            delays=[at - self._ready[frame.timestamp & 0xFFFFFFFF] for at, frame in released],
            gaps=[b - a for a, b in zip(times, times[1:], strict=False)],
            packets_sent=self.packets_sent,
            receiver=self.receiver,
        )

    def cut(self, seconds: float) -> None:
        """Let nothing through for so long, in both directions."""
        self._out.cut_until = self._back.cut_until = self.now + seconds

    def _after(self, delay: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + delay, next(self._order), action))

    def _capture(self, end: float) -> None:
        if self.now >= end:
            return
        self._after(1 / self._fps, partial(self._capture, end))
        keyframe = self._keyframe_asked and self.now - self._keyframe_at >= 0.3
        mean = self._bitrate / self._fps / 8
        size = int(mean * (6 if keyframe else self._random.lognormvariate(-0.08, 0.4)))
        if keyframe:
            self._keyframe_asked, self._keyframe_at = False, self.now
            self.keyframes_sent += 1
        self._timestamp += round(CLOCK_RATE / self._fps)
        at = max(self.now, self._free)
        pace = max(6 * self._bitrate, 4e6)
        for packet in packets(picture(keyframe, size), sequence=self._sequence, timestamp=self._timestamp):
            self._history[packet.sequence] = packet
            self._history.pop((packet.sequence - self._history_size) & 0xFFFF, None)
            self._after(at - self.now, partial(self._send, packet, False))
            left = at
            at += len(packet.payload) * 8 / pace
            self._sequence += 1
        self._ready[self._timestamp & 0xFFFFFFFF] = left + self._half
        self._free = at

    def _send(self, packet: RtpPacket, repaired: bool) -> None:
        self.packets_sent += 1
        arrival = self._out.arrival(self.now)
        if arrival is not None:
            self._after(arrival - self.now, partial(self._arrive, packet, repaired))

    def _arrive(self, packet: RtpPacket, repaired: bool) -> None:
        self.receiver.push(packet, self.now, repaired=repaired)
        self._drain()

    def _wake(self, at: float) -> None:
        if self._timer == at:
            self._timer = None
            self.receiver.due(self.now)
            self._drain()

    def _drain(self) -> None:
        receiver = self.receiver
        self.released += [(self.now, frame) for frame in receiver.frames()]
        if nacks := receiver.nacks():
            self._report(partial(self._repair, nacks))
        if receiver.keyframe_wanted():
            self._report(self._ask_keyframe)
        timer = receiver.next_timer()
        if timer != self._timer:
            self._timer = timer
            if timer is not None:
                self._after(max(timer - self.now, 0.0), partial(self._wake, timer))

    def _report(self, action: Callable[[], None]) -> None:
        arrival = self._back.arrival(self.now)
        if arrival is not None:
            self._after(arrival - self.now, action)

    def _repair(self, nacks: list[int]) -> None:
        for sequence in nacks:
            if sequence in self._history:
                self._send(self._history[sequence], True)

    def _ask_keyframe(self) -> None:
        self._keyframe_asked = True
