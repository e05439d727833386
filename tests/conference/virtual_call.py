"""A camera and a voice on their way to viewers, in virtual time: our own sender, bottlenecks, our own receivers.

What runs here is the code that runs in a meeting, from `Distribution` through `LinkSender` to `VideoReceiver` and
`VoicePlayout`. Only the encoder, the seals and the network are made up, and seeded.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import numpy as np

from meshconf.conference import distribution as distribution_module
from meshconf.conference.distribution import Distribution
from meshconf.conference.economy import Economy
from meshconf.media.congestion.arrivals import ArrivalLog
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.uplink import Uplink
from meshconf.media.encoded import EncodedFrame
from meshconf.media.receive.receiver import VideoReceiver
from meshconf.media.rtp import packet as rtp
from meshconf.media.rtp import rtx
from meshconf.media.rtp.rtcp import CongestionFeedback, GenericNack, PictureLossIndication, RtcpPacket
from meshconf.media.rungs import Rung, ladder
from meshconf.media.send.packets import Packets
from meshconf.media.voice import VoicePlayout
from meshconf.rtc import sender as sender_module
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.rtc.sender import LinkSender
from meshconf.types import BLOCK, PeerId, SourceKind
from tests.media.congestion.link import Conditions, Link, Packet
from tests.media.voice.line import ScriptedDecoder, vowel

STEP = 0.001
TURN = 0.05
ALLOCATION = 0.1
IP_UDP = 28
"""Bytes that a datagram has on the wire besides."""

SEAL = 16
START_BPS = 800_000
CAMERA, MIC = SourceKind.CAMERA, SourceKind.MIC
CAMERA_SSRC, CAMERA_RTX, MIC_SSRC, MIC_RTX = 1, 2, 3, 4
OPUS, VP8, VP8_RTX = 96, 97, 98
_VP8_KEY = b"\x10\0\0\x9d\x01\x2a\x80\x02\xe0\x01"
_SOUND = vowel()


class Clock:
    """Stands still until it is moved; stands in for `time` and for the event loop of a sender."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = count()

    def monotonic(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., None], *arguments: Any) -> SimpleNamespace:
        heapq.heappush(self._due, (self.now + delay, next(self._number), callback, arguments))
        return SimpleNamespace(cancel=lambda: None)

    def call_soon_threadsafe(self, callback: Callable[..., None], *arguments: Any) -> None:
        self.call_later(0.0, callback, *arguments)

    def get_running_loop(self) -> Clock:
        return self

    def move(self, to: float) -> None:
        self.now = to
        while self._due and self._due[0][0] <= to:
            _, _, callback, arguments = heapq.heappop(self._due)
            callback(*arguments)


@contextmanager
def virtual_time() -> Iterator[Clock]:
    """Senders and distributions made in here live in virtual time."""
    clock = Clock()
    with (
        patch.object(sender_module, "time", clock),
        patch.object(sender_module, "asyncio", clock),
        patch.object(distribution_module, "time", clock),
    ):
        yield clock


class Seal:
    """Makes packets as much longer as a seal does."""

    def seal(self, buffer: object, at: int, length: int) -> int:
        return length + SEAL


class Camera:
    """A camera's encoders: each keeps its bitrate, but for keyframes, which it pays for afterwards."""

    def __init__(self, publish: Callable[[EncodedFrame], None], seed: int) -> None:
        self.rungs = ladder(CAMERA, 1280, 720, 30)
        self.wanted: dict[Rung, int] = {}
        self.keyframes: set[int] = set()
        self._publish = publish
        self._random = Random(seed)
        self._debts: dict[int, float] = {}
        self._refreshed: dict[int, float] = {}
        self._number = 0

    def capture(self, now: float) -> None:
        """One picture, thirty times a second."""
        self._number += 1
        self._debts = {rung.index: self._debts[rung.index] for rung in self.wanted if rung.index in self._debts}
        for rung, bps in self.wanted.items():
            if self._number % (30 // rung.fps):
                continue
            usual = bps / rung.fps / 8
            asked = rung.index in self.keyframes and now >= self._refreshed.get(rung.index, -1.0) + 0.3
            keyframe = rung.index not in self._debts or asked
            debt = self._debts.get(rung.index, 0.0)
            if keyframe:
                self.keyframes.discard(rung.index)
                self._refreshed[rung.index] = now
                size = 5 * usual
            else:
                size = max(0.5 * usual, usual * self._random.gauss(1, 0.2) - 0.1 * debt)
            self._debts[rung.index] = debt + size - usual
            head = _VP8_KEY if keyframe else b"\x11\0\0"
            data = head + bytes(max(100, int(size)) - len(head))
            self._publish(EncodedFrame("VP8", data, keyframe, self._number * 3000, now, rung=rung.index))


@dataclass(frozen=True)
class Heard:
    """20 ms of what a viewer hears."""

    at: float
    made_up: float
    """Share of it."""
    late_s: float
    """Of the newest packet of sound: what it took, from capture to arrival."""


class Viewer:
    """One viewer: the link's two ends and all that is between them."""

    def __init__(self, clock: Clock, name: str, camera: Camera, steps: list[tuple[float, Conditions]], seed: int):
        self.name = name
        self.estimator = LinkEstimator(START_BPS)
        self.sender = LinkSender(cast(Any, Seal()), cast(Any, self), self.estimator)
        self.camera = OutgoingStream(CAMERA, CAMERA_SSRC, CAMERA_RTX, {"VP8": VP8}, {VP8: VP8_RTX}, rung=None)
        self.mic = OutgoingStream(MIC, MIC_SSRC, MIC_RTX, {"opus": OPUS}, {})
        self.link = Link(steps[0][1], seed)
        self.heard: list[Heard] = []
        self.received: list[tuple[float, int]] = []
        """When each packet came, and its bytes."""
        self.pictures: list[tuple[float, EncodedFrame]] = []
        """When each was shown."""
        self._encoder = camera
        self._steps = deque(steps)
        self._clock = clock
        self._log = ArrivalLog(9)
        self.receiver = VideoReceiver({VP8: "VP8"})
        self.playout = VoicePlayout(ScriptedDecoder(_SOUND))
        self._unwrap = rtp.Unwrapper(16)
        self._unwrap_time = rtp.Unwrapper(32)
        self._back: deque[tuple[float, RtcpPacket]] = deque()
        self._late = 0.0
        self._newest = -1
        self._made_up = 0
        self._turned = 0.0

    # What `MediaTransport` does.

    def show(self, kind: SourceKind, rung: int | None) -> None:
        if kind is CAMERA and self.camera.rung != rung:
            self.camera.rung = rung
            if rung is not None:
                self._encoder.keyframes.add(rung)

    def send(self, data: bytes) -> None:
        raise AssertionError("reports go another way here")

    def send_segments(self, data: memoryview, size: int) -> None:
        for at in range(0, len(data), size):
            datagram = bytes(data[at : at + size])
            number = int.from_bytes(datagram[2:4])
            self.link.send(Packet(0, 0, number, len(datagram) + IP_UDP, datagram[:-SEAL]), self._clock.now)

    def step(self, uplink: Uplink) -> None:
        now = self._clock.now
        while self._steps and now >= self._steps[0][0]:
            self.link.conditions = self._steps.popleft()[1]
        for time, packet in self.link.arrivals(now):
            self._take(packet, time)
        due = self.receiver.next_timer()
        if due is not None and now >= due:
            self.receiver.due(now)
            self._attend(now)
        while self._back and self._back[0][0] <= now:
            self._obey(self._back.popleft()[1], now)
        if now >= self._turned + TURN - 1e-9:
            self._turned = now
            while (report := self._log.report(now)) is not None:
                self._reply(report, now)
            self.estimator.tick(now)
            if (plan := uplink.probe(self.estimator, now)) is not None:
                self.sender.probe([self.camera], plan.bytes)
            self._follow()

    def play(self) -> None:
        """What the loudspeaker asks for, fifty times a second."""
        now = self._clock.now
        self.playout.pull(now)
        made_up = self.playout.counters.concealed
        self.heard.append(Heard(now, (made_up - self._made_up) / BLOCK, self._late))
        self._made_up = made_up

    def _take(self, packet: Packet, now: float) -> None:
        parsed = rtp.parse(packet.data)
        assert parsed is not None
        self.received.append((now, packet.size))
        self._log.arrived(parsed.ssrc, parsed.sequence, now)
        if parsed.ssrc == MIC_SSRC:
            timestamp = self._unwrap_time.unwrap(parsed.timestamp)
            number = int.from_bytes(parsed.payload)
            if number > self._newest:  # not what is sent once more
                self._newest, self._late = number, now - number * 0.02
            self.playout.push(self._unwrap.unwrap(parsed.sequence), timestamp, parsed.payload, now)
            return
        if parsed.ssrc == CAMERA_RTX:
            original = rtx.unwrap(parsed, payload_type=VP8, ssrc=CAMERA_SSRC)
            assert original is not None
            self.receiver.push(original, now, repaired=True)
        else:
            self.receiver.push(parsed, now)
        self._attend(now)

    def _attend(self, now: float) -> None:
        self.pictures += [(now, frame) for frame in self.receiver.frames()]
        if missing := self.receiver.nacks():
            self._reply(GenericNack(9, CAMERA_SSRC, tuple(missing)), now)
        if self.receiver.keyframe_wanted():
            self._reply(PictureLossIndication(9, CAMERA_SSRC), now)

    def _reply(self, report: RtcpPacket, now: float) -> None:
        if not self.link.feedback_lost():
            self._back.append((now + self.link.conditions.delay_s, report))

    def _obey(self, report: RtcpPacket, now: float) -> None:
        match report:
            case CongestionFeedback():
                self.estimator.feedback(report, now)
                self._follow()
            case GenericNack(sequences=sequences):
                self.sender.again(self.camera, sequences)
            case PictureLossIndication() if self.camera.rung is not None:
                self._encoder.keyframes.add(self.camera.rung)

    def _follow(self) -> None:
        self.sender.set_target(self.estimator.target_bps, congested=self.estimator.congested)
        self.receiver.set_rtt(self.estimator.rtt_s or 0.2)

    # What is to be read off.

    def received_bps(self, begin: float, end: float) -> float:
        return sum(size for at, size in self.received if begin <= at < end) * 8 / (end - begin)

    def back_s(self, bps: float, after: float) -> float:
        """Seconds from `after` until half a second brought so much on average."""
        at = after
        while at < self._clock.now - 0.5:
            if self.received_bps(at, at + 0.5) >= bps:
                return at + 0.5 - after
            at += 0.1
        return float("inf")

    def made_up_ms(self, begin: float, end: float) -> float:
        return sum(one.made_up for one in self.heard if begin <= one.at < end) * 20

    def sound_late_s(self, begin: float, end: float) -> float:
        """The longest that the newest packet of sound took."""
        return max(one.late_s for one in self.heard if begin <= one.at < end)

    def sound_late_p95_s(self, begin: float, end: float) -> float:
        return float(np.percentile([one.late_s for one in self.heard if begin <= one.at < end], 95))

    def longest_freeze_s(self, begin: float, end: float) -> float:
        times = [begin, *(at for at, _ in self.pictures if begin <= at < end), end]
        return max(later - sooner for sooner, later in zip(times, times[1:], strict=False))

    def pictures_fps(self, begin: float, end: float) -> float:
        return sum(begin <= at < end for at, _ in self.pictures) / (end - begin)


class Meeting:
    """One who speaks and shows, and viewers, each behind a bottleneck of its own."""

    def __init__(self, clock: Clock, bottlenecks: list[list[tuple[float, Conditions]]], seed: int = 1) -> None:
        self._clock = clock
        self.camera = Camera(self._publish, seed)
        self.viewers = [
            Viewer(clock, f"viewer-{number}", self.camera, steps, 1000 * seed + number)
            for number, steps in enumerate(bottlenecks)
        ]
        self._uplink = Uplink()
        sounds: Any = {MIC: SimpleNamespace(on=True, expected_loss=5, music=False)}
        pictures: Any = {CAMERA: self.camera}
        vars(self.camera).update(on=True, cpu_short=False)
        links = {PeerId(viewer.name): cast(Any, SimpleNamespace(media=viewer)) for viewer in self.viewers}
        economy = Economy(lambda sentence: None)
        self.distribution = Distribution(sounds, pictures, lambda: links, self._uplink, economy)
        self._next_sound = self._next_picture = self._next_turn = self._next_block = 0.0
        self._sounds = 0
        self.rungs: list[tuple[float, dict[int, int]]] = []
        """What is encoded, and with how many bits a second, over time."""

    def run(self, seconds: float) -> Meeting:
        clock = self._clock
        for _ in range(round(seconds / STEP)):
            now = clock.now
            if now >= self._next_turn:
                self._next_turn += ALLOCATION
                self.distribution.turn()
                self.rungs.append((now, {rung.height: bps for rung, bps in self.camera.wanted.items()}))
            if now >= self._next_sound:
                self._next_sound += 0.02
                self._speak(now)
            if now >= self._next_picture:
                self._next_picture += 1 / 30
                self.camera.capture(now)
            for viewer in self.viewers:
                viewer.step(self._uplink)
            if now >= self._next_block:
                self._next_block += 0.02
                for viewer in self.viewers:
                    viewer.play()
            clock.move(now + STEP)
        return self

    def _speak(self, now: float) -> None:
        frame = EncodedFrame("opus", self._sounds.to_bytes(80), True, round(now * 48_000), now)
        self._sounds += 1
        packets = Packets(frame, MIC_SSRC, frame.timestamp, 0)
        for viewer in self.viewers:
            viewer.sender.submit(viewer.mic, packets)

    def _publish(self, frame: EncodedFrame) -> None:
        packets = Packets(frame, CAMERA_SSRC, frame.timestamp, 1)
        if not all([viewer.sender.submit(viewer.camera, packets) for viewer in self.viewers]):
            self.camera.keyframes.add(frame.rung)
