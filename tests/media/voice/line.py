"""A line with seeded loss and jitter between a voice and its play-out, in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from meshconf.media.samples import Samples
from meshconf.media.voice import VoiceCounters, VoiceDecoder, VoicePlayout
from meshconf.types import BLOCK, SAMPLE_RATE

BLOCK_S = BLOCK / SAMPLE_RATE
TRANSIT_S = 0.03
"""What the fastest packet takes, its own 20 ms included."""

MADE_UP = 3
"""What the scripted decoder conceals with, in place of sound."""

FIRST_TIMESTAMP, FIRST_SEQUENCE = 5000, 70_000


class Arrival(NamedTuple):
    """A packet as it comes out of the line."""

    at: float
    sequence: int
    timestamp: int
    payload: bytes


class ScriptedDecoder:
    """Decodes the number of a block to that block of a known sound; recovers if the packets are said to have copies."""

    def __init__(self, sound: Samples, *, copies: bool = False) -> None:
        self._sound = sound
        self._copies = copies

    def decode(self, packet: bytes) -> Samples:
        return self._block(int.from_bytes(packet, "big"))

    def conceal(self, samples: int) -> Samples:
        return np.full(samples, MADE_UP, dtype=np.int16)

    def has_fec(self, packet: bytes) -> bool:
        return self._copies

    def recover(self, next_packet: bytes, samples: int) -> Samples:
        return self._block(int.from_bytes(next_packet, "big") - 1)[-samples:]

    def _block(self, number: int) -> Samples:
        start = number * BLOCK % self._sound.size
        return self._sound[start : start + BLOCK].copy()


def vowel(seconds: float = 1.0, pitch_hz: float = 150.0) -> Samples:
    """A buzz with the spectrum of a vowel; whole periods, so that it may be repeated."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * pitch_hz * n * t + n * n) / n for n in range(1, 20))
    return (np.asarray(wave) * 4000).astype(np.int16)


def packet(number: int) -> bytes:
    """What the scripted decoder understands."""
    return number.to_bytes(8, "big")


def delay_s(playout: VoicePlayout) -> float:
    """Seconds from a sample's time on the sender's clock to its play-out, in the last block."""
    assert playout.pulled_at is not None
    return playout.pulled_at - playout.position / SAMPLE_RATE


def random_loss(share: float) -> Callable[[random.Random], Callable[[], bool]]:
    """Each packet on its own."""
    return lambda rng: lambda: rng.random() < share


def burst_loss(share: float, mean_burst: float = 3.0) -> Callable[[random.Random], Callable[[], bool]]:
    """Gilbert's model: losses in runs of `mean_burst` packets on average."""

    def model(rng: random.Random) -> Callable[[], bool]:
        bad = False

        def lost() -> bool:
            nonlocal bad
            leave = 1 / mean_burst
            bad = rng.random() >= leave if bad else rng.random() < leave * share / (1 - share)
            return bad

        return lost

    return model


def line(
    seconds: float,
    jitter: Callable[[float, random.Random], float] = lambda at, rng: 0.001 * rng.random(),
    loss: Callable[[random.Random], Callable[[], bool]] = lambda rng: lambda: False,
    *,
    sender_ppm: float = 0.0,
    in_order: bool = True,
    payload: Callable[[int], bytes] = packet,
    seed: int = 1,
) -> list[Arrival]:
    """Send a block each 20 ms of the sender's clock.

    Args:
        seconds: how long.
        jitter: extra seconds for a packet sent at a time.
        loss: see `random_loss`.
        sender_ppm: how much too fast the sender's clock is.
        in_order: packets queue behind each other; else they overtake.
        payload: of the block with a number.
        seed: of loss and jitter.
    """
    rng = random.Random(seed)
    lost = loss(rng)
    arrivals = []
    behind = 0.0
    for number in range(round(seconds / BLOCK_S)):
        sent = number * BLOCK_S / (1 + sender_ppm * 1e-6)
        at = sent + TRANSIT_S + jitter(sent, rng)
        if in_order:
            at = behind = max(at, behind)
        if not lost():
            timestamp = FIRST_TIMESTAMP + number * BLOCK
            arrivals.append(Arrival(at, FIRST_SEQUENCE + number, timestamp, payload(number)))
    return sorted(arrivals)


@dataclass
class Heard:
    """What came out of the play-out."""

    playout: VoicePlayout
    sound: Samples
    delays: npt.NDArray[np.float64]
    """Seconds from the capture of each block's first sample to its play-out; nan while nothing plays."""
    places: npt.NDArray[np.int64]
    """How many samples the sender had captured before each block's first."""
    counters: VoiceCounters = field(init=False)

    def __post_init__(self) -> None:
        self.counters = self.playout.counters

    def delay_ms(self, start_s: float = 0.0, end_s: float | None = None) -> float:
        """Mean delay that the play-out adds to the line's, in a span of time."""
        span = self.delays[round(start_s / BLOCK_S) : None if end_s is None else round(end_s / BLOCK_S)]
        return float(np.nanmean(span) - TRANSIT_S) * 1000

    def share(self, samples: int) -> float:
        """Of what was played."""
        return samples / self.counters.played

    def longest_silence_ms(self) -> float:
        """After the first sound, within it."""
        loud = np.flatnonzero(self.sound)
        return float(np.diff(loud).max(initial=0)) * 1000 / SAMPLE_RATE


def listen(
    arrivals: Sequence[Arrival],
    decoder: VoiceDecoder,
    seconds: float,
    *,
    phase: float = 0.007,
    sender_ppm: float = 0.0,
) -> Heard:
    """Pull a block each 20 ms, with all packets pushed that have arrived by then."""
    playout = VoicePlayout(decoder)
    blocks, delays, places = [], [], []
    following = 0
    for n in range(round(seconds / BLOCK_S)):
        now = phase + n * BLOCK_S
        while following < len(arrivals) and arrivals[following].at <= now:
            at, sequence, timestamp, payload = arrivals[following]
            playout.push(sequence, timestamp, payload, at)
            following += 1
        blocks.append(playout.pull(now))
        places.append(playout.position - FIRST_TIMESTAMP)
        captured = places[-1] / SAMPLE_RATE / (1 + sender_ppm * 1e-6)
        delays.append(now - captured if playout.playing else np.nan)
    return Heard(playout, np.concatenate(blocks), np.array(delays), np.array(places))
