"""Seven people who all speak at once, over a line that jitters and loses a little, in one mix."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.audio.heard import BLOCK_S
from benchmarks.audio.line import Conditions, Line
from benchmarks.audio.spoken import spoken
from meshconf.codec.libopus import open_opus_decoder
from meshconf.codec.sound_encoder import SoundEncoder
from meshconf.conference.ears import Meter
from meshconf.media.mixer import Mixer
from meshconf.media.voice import VoicePlayout
from meshconf.types import BLOCK

PEERS = 7
_VOICES = ("ada", "grace", "you")
_GAIN_DB = 6.0
"""How loud each is turned up, so that the sum would clip."""
_LINE = Conditions(loss=0.01, jitter_s=0.03)
_FULL = 32_767


@dataclass(frozen=True)
class Crowd:
    """What came of it."""

    cpu: float
    """CPU seconds a second: decoding, play-out, meters and mix."""
    clipped: int
    """Samples at the end of the scale."""
    peak_without_limiter: float
    """Highest sum of the voices, full scale being 1."""


def listen(seconds: float, seed: int) -> Crowd:
    """Play it."""
    arrivals = [_arrivals(number, seconds, seed) for number in range(PEERS)]
    playouts = [VoicePlayout(open_opus_decoder()) for _ in range(PEERS)]
    meters = [Meter() for _ in range(PEERS)]
    mixer = Mixer()
    clipped, highest, took = 0, 0.0, 0.0
    for slot in range(int(seconds / BLOCK_S)):
        now = slot * BLOCK_S
        begun = time.process_time()
        voices = []
        for playout, meter, packets in zip(playouts, meters, arrivals, strict=True):
            while packets and packets[-1][0] <= now:
                arrived, number, payload = packets.pop()
                playout.push(number, number * BLOCK, payload, arrived)
            voices.append((playout.pull(now), _GAIN_DB))
            meter.feed(voices[-1][0])
        mixed = mixer.mix(voices)
        took += time.process_time() - begun
        clipped += int(np.count_nonzero(np.abs(mixed.astype(np.int32)) >= _FULL))
        total = np.sum([block.astype(np.float64) for block, _ in voices], axis=0) * 10 ** (_GAIN_DB / 20)
        highest = max(highest, float(np.abs(total).max()) / _FULL)
    return Crowd(took / seconds, clipped, highest)


def _arrivals(number: int, seconds: float, seed: int) -> list[tuple[float, int, bytes]]:
    """The packets of one voice, the last first: when each comes, its number and its bytes."""
    # Each begins elsewhere in the recording.
    sound = np.roll(spoken(seconds, _VOICES[number % len(_VOICES)]), -number * BLOCK * 100).reshape(-1, BLOCK)
    line, encoder = Line(_LINE, seconds + 1, seed + number), SoundEncoder()
    packets = []
    for block in range(len(sound)):
        sent = (block + 1) * BLOCK_S
        frame = encoder.encode(sound[block], sent)
        if frame is not None and (arrives := line.carry(sent)) is not None:
            packets.append((arrives, block, frame.data))
    return packets[::-1]
