"""One remote picture source: packets and time in; pictures, NACKs and keyframe requests out. Pure.

After each motion (`push`, `due`) the caller drains `frames`, `nacks` and `keyframe_wanted`, and calls `due` again when
`next_timer` has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from meshconf.media.encoded import EncodedFrame, PictureCodec
from meshconf.media.receive.counters import Counters
from meshconf.media.receive.fragments import read
from meshconf.media.receive.frames import FrameBuffer
from meshconf.media.receive.keyframes import KeyframeRequests
from meshconf.media.receive.losses import Losses
from meshconf.media.receive.playout import Playout
from meshconf.media.rtp.packet import RtpPacket

BLOCKED_S = 0.4
"""A hole older than this, and than a repair takes, is worth a keyframe; a keyframe on its way gets as long."""

_REPAIR_RTTS, _REPAIR_MARGIN_S = 1.5, 0.050
"""Time that a repair takes. A hole older than that is jumped over if there is a whole keyframe behind it."""

_LATE_S = 0.1
"""A whole keyframe does not wait longer than this, however young the hole before it."""

_OVERTAKEN_S = 0.020
"""When nothing but a keyframe helps, a younger hole may hold one that was only overtaken."""

_TAIL_S, _TAIL_JITTERS = 0.030, 2.0
"""A picture whose marker has not come for so long, and so many times the jitter, has lost its end."""

_SILENT_S = 2.0
"""A source not heard for longer is asked for nothing: it has stopped, or the network is away."""

_RTT_S = (0.001, 2.0)


class VideoReceiver:
    """The receiving half of one picture source.

    Args:
        payload_types: the codec behind each payload type.
        counters: go on counting in these.
    """

    def __init__(self, payload_types: Mapping[int, PictureCodec], counters: Counters | None = None) -> None:
        self.counters = counters or Counters()
        self._codecs = dict(payload_types)
        self._losses = Losses(self.counters)
        self._frames = FrameBuffer(self.counters)
        self._requests = KeyframeRequests()
        self._playout = Playout()
        self._released: list[EncodedFrame] = []
        self._nacks: list[int] = []
        self._keyframe_wanted = False
        self._judge_at = inf
        self._tail_at = inf
        self._heard = -inf

    @property
    def hold(self) -> float:
        """Seconds that pictures are held at present, for smoothness and lip sync."""
        return self._playout.hold

    def set_rtt(self, seconds: float) -> None:
        """The round-trip time of the link, which decides when to ask again."""
        shortest, longest = _RTT_S
        self._losses.rtt = self._requests.rtt = min(max(seconds, shortest), longest)

    def align(self, extra_delay_s: float) -> None:
        """Hold pictures for lip sync: by as much as sound plays later than a picture that nobody holds.

        Followed slowly, up to 200 ms; 0 and below hold nothing.
        """
        self._playout.align(extra_delay_s)

    def push(self, packet: RtpPacket, now: float, *, repaired: bool = False) -> None:
        """Take a packet.

        Args:
            packet: of this source, whatever it holds.
            now: monotonic seconds.
            repaired: whether it came as a retransmission.
        """
        losses, frames, counters = self._losses, self._frames, self.counters
        counters.packets += 1
        sequence = losses.take(packet.sequence, now, repaired=repaired)
        if sequence is None:
            counters.discarded += 1
            return
        self._heard = now
        if repaired:
            counters.repaired += 1
        if sequence == losses.highest:
            self._tail_at = inf if packet.marker else now + _TAIL_S + _TAIL_JITTERS * self._playout.jitter
        fragment = read(packet, self._codecs.get(packet.payload_type), now, repaired)
        if losses.floor > frames.next:
            anew = losses.floor == sequence
            if anew and not fragment.keyframe:
                losses.look_back(now)
            frames.skip(losses.floor, anew=anew)
        if not frames.insert(sequence, fragment, now):
            frames.skip(losses.highest + 1)
            losses.forget(frames.next)
        if losses or frames.needs_keyframe or self._judge_at < inf or self._requests.needed:
            self._judge(now)
        if frames.whole:
            self._flow(now)

    def due(self, now: float) -> None:
        """Do what its time has come for."""
        losses, frames = self._losses, self._frames
        if now >= self._tail_at:
            self._tail_at = inf
            losses.expect(now)
        wanted = losses.due(now)
        self._nacks += [sequence & 0xFFFF for sequence in wanted]
        self.counters.nacks_sent += len(wanted)
        if losses.floor > frames.next:
            frames.skip(losses.floor)
        self._judge(now)
        self._flow(now)

    def next_timer(self) -> float | None:
        """When to call `due` next, in monotonic seconds; None if only a packet can change anything."""
        wake = min(self._losses.wake, self._playout.wake, self._requests.wake, self._judge_at, self._tail_at)
        return wake if wake < inf else None

    def frames(self) -> list[EncodedFrame]:
        """The pictures to decode now, in order; each is given once."""
        released, self._released = self._released, []
        return released

    def nacks(self) -> list[int]:
        """The 16-bit sequence numbers to ask for now."""
        nacks, self._nacks = self._nacks, []
        return nacks

    def keyframe_wanted(self) -> bool:
        """Whether to ask for a keyframe now; true once for each request."""
        wanted, self._keyframe_wanted = self._keyframe_wanted, False
        return wanted

    def _judge(self, now: float) -> None:
        """Decide whether to wait for the hole, jump over it, or ask for a keyframe."""
        losses, frames = self._losses, self._frames
        self._judge_at = inf
        repair = _REPAIR_RTTS * losses.rtt + _REPAIR_MARGIN_S
        patience = max(BLOCKED_S, repair)
        hole = losses.since(frames.next)
        if hole is not None and frames.keyframe is not None:
            jump_at = min(hole + repair, frames.keyframe_since + _LATE_S)
            if frames.needs_keyframe or now >= jump_at:
                frames.jump()
                losses.forget(frames.next)
                hole = losses.since(frames.next)
            else:
                self._judge_at = jump_at
        if hole is not None:
            blocked_at = hole + (_OVERTAKEN_S if frames.needs_keyframe else patience)
        else:
            blocked_at = now if frames.needs_keyframe else inf
        if (arriving := frames.arriving_since()) is not None:
            blocked_at = max(blocked_at, arriving + patience)
        if now < blocked_at:
            self._judge_at = min(self._judge_at, blocked_at)
        self._ask(now, blocked_at)

    def _ask(self, now: float, blocked_at: float) -> None:
        requests = self._requests
        if not blocked_at <= now < self._heard + _SILENT_S:
            requests.settle()
            return
        requests.need(now)
        if requests.due(now):
            self._keyframe_wanted = True
            self.counters.keyframe_requests += 1

    def _flow(self, now: float) -> None:
        """Let whole pictures into the play-out, and those out whose time has come."""
        playout, counters = self._playout, self.counters
        for picture in self._frames.take():
            playout.add(picture, now)
            if picture.frame.keyframe:
                self._losses.keyframe_takes(picture.packets)
        counters.jitter_s = playout.jitter
        for picture in playout.release(now):
            counters.frames += 1
            counters.keyframes += picture.frame.keyframe
            self._released.append(picture.frame)
