"""A microphone that is cleaned beside a loudspeaker, each with a clock of its own, in virtual time."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.echo.room import echo_path, heard_through
from benchmarks.echo.voices import Wave, recorded
from meshconf.audio_processing.module import FRAME, AudioProcessor
from meshconf.media.echo.far_end import FarEnd
from meshconf.types import BLOCK, SAMPLE_RATE

_LOUDSPEAKER_S, _MICROPHONE_S = 0.04, 0.03
"""Seconds from a block's handing over to its sounding, and from its end to where it is processed."""
_BEGAN = 1000.0
_HISS = 8.0
"""Root mean square of the microphone's own noise: 72 dB below full scale."""


@dataclass(frozen=True)
class Scene:
    """What happens in the room."""

    reverberation_s: float = 0.3
    ppm: float = 0.0
    """How much faster the microphone's clock runs than the loudspeaker's."""
    jitter_s: float = 0.0003
    """Standard deviation of the times that the drivers tell."""
    echo_db: float = -6.0
    """Echo at the microphone, by what is played; the far end is 26 dB below full scale."""
    near_db: float | None = None
    """How loud the person in the room is; None: silent."""
    aligned: bool = True
    """Whether the far end is brought in line by times, or given to the canceller as blocks come."""
    seconds: float = 30.0
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of it; waves of the same length."""

    echo: Wave
    near: Wave
    heard: Wave
    sent: Wave
    per_frame_s: npt.NDArray[np.float64]
    """Seconds of processor time for each 10 ms, everything included."""


def play(scene: Scene) -> Outcome:
    """Let it happen."""
    random = np.random.default_rng(scene.seed)
    played = np.rint(recorded("ada", scene.seconds, -26.0)).astype(np.int16)
    air = heard_through(played.astype(np.float64), echo_path(scene.reverberation_s)) * 10 ** (scene.echo_db / 20)
    pace = 1 + scene.ppm * 1e-6
    count = int((air.size / BLOCK - 1) * pace)
    echo = np.interp(np.arange(count * BLOCK) / pace, np.arange(air.size), air)
    near = np.zeros_like(echo)
    if scene.near_db is not None:
        near = recorded("grace", scene.seconds + 1, scene.near_db)[: echo.size]
    heard = echo + near + random.normal(0, _HISS, echo.size)
    sent, took = _process(scene, played, np.clip(np.rint(heard), -32768, 32767).astype(np.int16), pace, random)
    return Outcome(echo, near, heard, sent.astype(np.float64), took)


def _process(
    scene: Scene,
    played: npt.NDArray[np.int16],
    heard: npt.NDArray[np.int16],
    pace: float,
    random: np.random.Generator,
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float64]]:
    # Without gain control: what it adds would be taken for echo that is left.
    far_end, processor = FarEnd(), AudioProcessor(gain_control=False)
    sent = np.empty_like(heard)
    took = np.empty(heard.size // BLOCK)
    handed = 0
    for number in range(heard.size // BLOCK):
        captured = _BEGAN + number * BLOCK / (SAMPLE_RATE * pace)
        now = captured + BLOCK / SAMPLE_RATE + _MICROPHONE_S
        block = slice(number * BLOCK, (number + 1) * BLOCK)
        begun = time.process_time()
        while (sounds := _BEGAN + handed * BLOCK / SAMPLE_RATE) <= now + _LOUDSPEAKER_S:
            far_end.play(sounds + random.normal(0, scene.jitter_s), _block(played, handed))
            handed += 1
        beside = far_end.beside(captured + random.normal(0, scene.jitter_s), BLOCK)
        if not scene.aligned:
            beside = _block(played, number)
        sent[block] = processor.process(heard[block], beside, far_end.lead)
        took[number] = (time.process_time() - begun) * FRAME / BLOCK
    return sent, took


def _block(sound: npt.NDArray[np.int16], number: int) -> npt.NDArray[np.int16]:
    block = sound[number * BLOCK : (number + 1) * BLOCK]
    return np.pad(block, (0, BLOCK - block.size))
