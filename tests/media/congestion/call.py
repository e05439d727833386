"""Calls over bottlenecks in virtual time: encoders, pacers, arrival logs and estimators, and what became of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from meshconf.media.congestion.arrivals import ArrivalLog
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.congestion.uplink import SPARE, LinkDemand, Uplink, Wish
from meshconf.media.rtp.rtcp import CongestionFeedback, build, parse
from meshconf.media.rungs import Rung, RungChooser, ladder
from meshconf.types import PeerId, SourceKind
from tests.media.congestion.link import Conditions, Link, Packet

STEP = 0.005
SAMPLING = 0.05
ALLOCATION = 0.1
AUDIO_BPS = 48_000
FRAME_RATE = 30
KEYFRAME = 5
"""Times the size of another frame."""
PACING = 1.5
"""Times the target at which packets leave."""

VIDEO, AUDIO, PADDING = 1, 2, 3


@dataclass(frozen=True)
class Sample:
    """One moment of one flow."""

    time: float
    target_bps: float
    received_bps: float
    """Since the sample before, all packets."""
    queue_s: float
    """Of the bottleneck itself, not as estimated."""


class Flow:
    """A sender of sound and pictures, and its receiver.

    Args:
        number: its own on the link.
        wish_bps: what its encoder makes of pictures at most.
        begins: seconds.
    """

    def __init__(self, number: int, *, wish_bps: float, begins: float = 0.0, seed: int = 1) -> None:
        self.number = number
        self.estimator = LinkEstimator()
        self.samples: list[Sample] = []
        self.wish_bps = wish_bps
        self.limit_bps = float("inf")
        self.probe: Callable[[float], ProbePlan | None] = self.estimator.probe
        self._begins = begins
        self._log = ArrivalLog(number)
        self._random = Random(seed * 1000 + number)
        self._sequences = {VIDEO: 65_000, AUDIO: 5, PADDING: 0}
        self._next_frame = self._next_audio = begins
        self._waiting: deque[int] = deque()
        self._budget = 0.0
        self._probe_bps = 0
        self._probe_bytes = 0
        self._received = 0

    def step(self, link: Link, now: float) -> None:
        if now < self._begins:
            return
        self.estimator.wanted_bps = self.wish_bps * 1.1 + AUDIO_BPS
        self.estimator.tick(now)
        if now >= self._next_audio:
            self._next_audio += 0.02
            self._send(link, AUDIO, AUDIO_BPS // 400, now)
        if now >= self._next_frame:
            self._next_frame += 1 / FRAME_RATE
            self._encode()
        self._pace(link, now)

    def arrived(self, packet: Packet, now: float) -> None:
        self._received += packet.size
        self._log.arrived(packet.ssrc, packet.sequence, now)

    def reports(self, now: float) -> list[bytes]:
        told = []
        while (report := self._log.report(now)) is not None:
            told.append(build([report]))
        return told

    def sample(self, queue_s: float, now: float) -> None:
        self.samples.append(Sample(now, self.estimator.target_bps, self._received * 8 / SAMPLING, queue_s))
        self._received = 0

    def _encode(self) -> None:
        rate = min(self.wish_bps, self.limit_bps, self.estimator.target_bps - AUDIO_BPS)
        if rate < 30_000 or sum(self._waiting) * 8 > 0.2 * rate:
            return
        self._packetize(rate / FRAME_RATE / 8 * self._random.gauss(1, 0.2))

    def _packetize(self, frame_bytes: float) -> None:
        size = max(200, int(frame_bytes))
        packets = -(-size // 1200)
        self._waiting.extend([size // packets + 1] * packets)

    def _pace(self, link: Link, now: float) -> None:
        if (plan := self.probe(now)) is not None:
            self._probe_bps, self._probe_bytes = plan
        rate = self._probe_bps if self._probe_bytes > 0 else PACING * self.estimator.target_bps
        self._budget += rate * STEP / 8
        while self._budget > 0 and (self._waiting or self._probe_bytes > 0):
            if self._probe_bytes <= 0 and self.estimator.room(now) <= 0:
                break
            kind, size = (VIDEO, self._waiting.popleft()) if self._waiting else (PADDING, 1200)
            self._budget -= size
            self._send(link, kind, size, now)
        if not self._waiting:
            self._budget = min(self._budget, 0.0)

    def _send(self, link: Link, ssrc: int, size: int, now: float) -> None:
        sequence = self._sequences[ssrc] & 0xFFFF
        self._sequences[ssrc] += 1
        self._probe_bytes -= size
        self.estimator.sent(ssrc, sequence, size, now)
        link.send(Packet(self.number, ssrc, sequence, size), now)


class Camera(Flow):
    """A sender whose pictures come in rungs: never more than the rung takes, and each begins with a keyframe."""

    def __init__(self, number: int, *, begins: float = 0.0, seed: int = 1) -> None:
        rungs = ladder(SourceKind.CAMERA, 1280, 720, FRAME_RATE)
        super().__init__(number, wish_bps=rungs[0].max_bps, begins=begins, seed=seed)
        self._chooser = RungChooser(rungs)
        self._rung: Rung | None = None
        self._frames = 0

    def _encode(self) -> None:
        budget = self.estimator.target_bps * (1 - SPARE) - AUDIO_BPS
        rung = self._chooser.choose(720, FRAME_RATE, False, int(budget), self._next_frame)
        keyframe = rung is not self._rung
        self._rung = rung
        self._frames += 1
        if rung is None or (self._frames % (FRAME_RATE // rung.fps) and not keyframe):
            return
        rate = min(rung.max_bps, budget)
        if keyframe or sum(self._waiting) * 8 <= 0.2 * rate:
            self._packetize((KEYFRAME if keyframe else 1) * rate / rung.fps / 8 * self._random.gauss(1, 0.3))


class Call:
    """Flows over one link whose conditions change at given times."""

    def __init__(self, flows: list[Flow], steps: list[tuple[float, Conditions]], seed: int = 1) -> None:
        self.flows = flows
        self.link = Link(steps[0][1], seed)
        self._pending = deque(steps)
        self._numbered = {flow.number: flow for flow in flows}
        self._back: deque[tuple[float, Flow, bytes]] = deque()
        self._next_sample = 0.0

    def run(self, seconds: float) -> Call:
        for tick in range(round(seconds / STEP)):
            self.step(tick * STEP)
        return self

    def step(self, now: float) -> None:
        link = self.link
        while self._pending and now >= self._pending[0][0]:
            link.conditions = self._pending.popleft()[1]
        for time, packet in link.arrivals(now):
            self._numbered[packet.flow].arrived(packet, time)
        for flow in self.flows:
            for data in flow.reports(now):
                if not link.feedback_lost():
                    self._back.append((now + link.conditions.delay_s, flow, data))
        while self._back and self._back[0][0] <= now:
            _, flow, data = self._back.popleft()
            for report in parse(data):
                assert isinstance(report, CongestionFeedback)
                flow.estimator.feedback(report, now)
        for flow in self.flows:
            flow.step(link, now)
        if now >= self._next_sample:
            self._next_sample += SAMPLING
            for flow in self.flows:
                flow.sample(link.queue_s, now)


class Mesh:
    """All calls of one machine, whose uplink shares among them."""

    def __init__(self, calls: list[Call]) -> None:
        self.uplink = Uplink()
        self._calls = calls
        self._flows = {PeerId(str(flow.number)): flow for call in calls for flow in call.flows}
        for flow in self._flows.values():
            flow.probe = partial(self.uplink.probe, flow.estimator)

    def run(self, seconds: float) -> Mesh:
        every = round(ALLOCATION / STEP)
        for tick in range(round(seconds / STEP)):
            now = tick * STEP
            for call in self._calls:
                call.step(now)
            if tick % every == 0:
                self._allocate(now)
        return self

    def _allocate(self, now: float) -> None:
        sound = Wish(AUDIO_BPS, AUDIO_BPS)
        links = {
            peer: LinkDemand(
                flow.estimator, {SourceKind.MIC: sound, SourceKind.CAMERA: Wish(80_000, int(flow.wish_bps))}
            )
            for peer, flow in self._flows.items()
        }
        for peer, granted in self.uplink.allocate(links, now).items():
            self._flows[peer].limit_bps = granted[SourceKind.CAMERA]
