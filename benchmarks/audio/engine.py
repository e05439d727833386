"""A voice on meshconf's way, in virtual time: what runs here is what runs in a meeting, but for seals and sockets."""

from __future__ import annotations

from collections import deque
from typing import Any, cast

import numpy as np

from benchmarks.audio.heard import BLOCK_S, Heard
from benchmarks.audio.line import Conditions, Line
from benchmarks.audio.spoken import Samples
from meshconf.codec.libopus import open_opus_decoder
from meshconf.codec.sound_encoder import SoundEncoder
from meshconf.media.congestion.arrivals import ArrivalLog
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.rtp import packet as rtp
from meshconf.media.rtp.rtcp import CongestionFeedback
from meshconf.media.send.packets import Packets
from meshconf.media.voice import VoicePlayout
from meshconf.rtc.incoming import repeated
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.rtc.sender import LinkSender
from meshconf.types import BLOCK, SAMPLE_RATE, SourceKind
from tests.conference.virtual_call import OPUS, SEAL, Clock, Seal, virtual_time

STEP_S = 0.001
TURN_S = 0.05
"""Seconds between two reports, as in `rtc/reports.py`."""
ADVICE_S = 0.1
"""Seconds after which the encoder is told how much is lost, as in `conference/distribution.py`."""
PHASE_S = 0.007
"""When in its 20 ms the speaker asks."""
_SSRC, _PEER = 3, 9
_FIRST = 1 << 32
"""The first timestamp, as receivers unwrap it."""


def call(said: Samples, conditions: Conditions, seed: int) -> Heard:
    """Speak over a line, with two ways to the listener: packets there, reports back."""
    with virtual_time() as clock:
        return _Call(clock, said, conditions, seed).run()


class _Call:
    def __init__(self, clock: Clock, said: Samples, conditions: Conditions, seed: int) -> None:
        self._clock = clock
        self._said = said
        seconds = said.size / SAMPLE_RATE
        self._line = Line(conditions, seconds, seed)
        self._way_back = Line(conditions, seconds, seed + 100_000)
        self._encoder = SoundEncoder()
        self._estimator = LinkEstimator()
        self._sender = LinkSender(cast(Any, Seal()), cast(Any, self), self._estimator)
        self._stream = OutgoingStream(SourceKind.MIC, _SSRC, _SSRC + 1, {"opus": OPUS}, {})
        self._log = ArrivalLog(_PEER)
        self._playout = VoicePlayout(open_opus_decoder())
        self._sequences, self._timestamps = rtp.Unwrapper(16), rtp.Unwrapper(32)
        self._came: set[int] = set()
        self._flying: deque[tuple[float, bytes]] = deque()
        self._reports: deque[tuple[float, CongestionFeedback]] = deque()

    def run(self) -> Heard:
        blocks: list[Samples] = []
        places: list[int] = []
        delays: list[float] = []
        spoken = self._said.reshape(-1, BLOCK)
        turn = advice = 0.0
        while len(blocks) < len(spoken) - 1:
            now = self._clock.now
            self._receive(now)
            if now >= turn - 1e-9:
                turn += TURN_S
                self._report(now)
            if now >= advice - 1e-9:
                advice += ADVICE_S
                self._encoder.expected_loss = round(100 * self._estimator.loss)
            captured = round(now / BLOCK_S, 6)
            if captured.is_integer() and captured >= 1:  # a block is whole when its last sample was spoken
                self._speak(spoken[int(captured) - 1], now)
            if round((now - PHASE_S) / BLOCK_S, 6).is_integer() and now >= PHASE_S:
                blocks.append(self._playout.pull(now))
                places.append(self._playout.position - _FIRST)
                delays.append(now - places[-1] / SAMPLE_RATE if self._playout.playing else np.nan)
            self._clock.move(round(now + STEP_S, 6))
        counters = self._playout.counters
        made_up = counters.concealed / max(1, counters.played)
        return Heard(self._said, np.concatenate(blocks), np.array(places), np.array(delays), made_up)

    def send_segments(self, data: memoryview, size: int) -> None:
        """What leaves the sender, as datagrams."""
        for at in range(0, len(data), size):
            if (arrives := self._line.carry(self._clock.now)) is not None:
                self._flying.append((arrives, bytes(data[at : at + size])[:-SEAL]))

    def _speak(self, block: Samples, now: float) -> None:
        frame = self._encoder.encode(block, now)
        if frame is not None:
            self._sender.submit(self._stream, Packets(frame, _SSRC, frame.timestamp, 0))

    def _receive(self, now: float) -> None:
        while self._flying and self._flying[0][0] <= now:
            arrived, datagram = self._flying.popleft()
            packet = rtp.parse(datagram)
            assert packet is not None
            self._log.arrived(packet.ssrc, packet.sequence, arrived)
            sequence, timestamp = self._sequences.unwrap(packet.sequence), self._timestamps.unwrap(packet.timestamp)
            if sequence in self._came:
                self._playout.push(*repeated(arrived))  # as behind SRTP, which opens no packet twice
            else:
                self._came.add(sequence)
                self._playout.push(sequence, timestamp, packet.payload, arrived)
        while self._reports and self._reports[0][0] <= now:
            self._estimator.feedback(self._reports.popleft()[1], now)
            self._follow()

    def _report(self, now: float) -> None:
        while (report := self._log.report(now)) is not None:
            if (arrives := self._way_back.carry(now)) is not None:
                self._reports.append((arrives, report))
        self._estimator.tick(now)
        self._follow()

    def _follow(self) -> None:
        self._sender.set_target(self._estimator.target_bps, congested=self._estimator.congested)
