"""A voice on aiortc's way, in virtual time: its own encoder, jitter buffer and decoder, as its sender and receiver use
them, and a speaker that plays a frame of the track each 20 ms, or silence where there is none.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction

import av
import numpy as np
from aiortc.codecs.opus import OpusDecoder, OpusEncoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket

from benchmarks.audio.engine import PHASE_S
from benchmarks.audio.heard import BLOCK_S, Heard
from benchmarks.audio.line import Conditions, Line
from benchmarks.audio.spoken import Samples
from meshconf.types import BLOCK, SAMPLE_RATE


def call(said: Samples, conditions: Conditions, seed: int) -> Heard:
    """Speak over a line."""
    line = Line(conditions, said.size / SAMPLE_RATE, seed)
    arrivals = deque((at, packet) for packet, sent in _sent(said) if (at := line.carry(sent)) is not None)
    # As in RTCRtpReceiver.
    buffer, decoder = JitterBuffer(capacity=16, prefetch=4), OpusDecoder()
    track: deque[tuple[int, Samples]] = deque()
    blocks, places, delays = [], [], []
    place = -said.size
    for slot in range(said.size // BLOCK - 1):
        now = PHASE_S + slot * BLOCK_S
        while arrivals and arrivals[0][0] <= now:
            _, frame = buffer.add(arrivals.popleft()[1])
            if frame is not None:
                track += [
                    (frame.timestamp, _mono(decoded))
                    for decoded in decoder.decode(frame)
                    if isinstance(decoded, av.AudioFrame)
                ]
        if track:
            place, block = track.popleft()
            delays.append(now - place / SAMPLE_RATE)
        else:
            place, block = place + BLOCK, np.zeros(BLOCK, dtype=np.int16)
            delays.append(np.nan)
        blocks.append(block)
        places.append(place)
    return Heard(said, np.concatenate(blocks), np.array(places), np.array(delays), 0.0)


def _sent(said: Samples) -> list[tuple[RtpPacket, float]]:
    """Packets and when they leave: when the last sample of their block was spoken."""
    encoder = OpusEncoder()
    packets: list[tuple[RtpPacket, float]] = []
    for number, block in enumerate(said.reshape(-1, BLOCK)):
        frame = av.AudioFrame.from_ndarray(block[np.newaxis], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, number * BLOCK, Fraction(1, SAMPLE_RATE)
        payloads, timestamp = encoder.encode(frame)
        for payload in payloads:
            packet = RtpPacket(payload_type=96, sequence_number=len(packets) & 0xFFFF, timestamp=timestamp)
            packet.payload = payload
            packet._data = payload  # type: ignore[attr-defined]
            packets.append((packet, (number + 1) * BLOCK_S))
    return packets


def _mono(frame: av.AudioFrame) -> Samples:
    samples: Samples = frame.to_ndarray().reshape(-1, 2).astype(np.int32).mean(axis=1).astype(np.int16)
    return samples
