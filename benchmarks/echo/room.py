"""The sound of a room by mirror images (Allen and Berkley, 1979): a box whose walls swallow all frequencies alike."""

from __future__ import annotations

import numpy as np

from benchmarks.echo.voices import Wave
from meshconf.types import SAMPLE_RATE

_SOUND = 343.0
"""Metres that sound goes in a second."""

OFFICE = (4.2, 3.4, 2.6)
"""Metres."""
_LAPTOP, _APART = (1.7, 1.2, 0.8), 0.3
"""Where a laptop's microphone is, and how far its loudspeaker."""


def echo_path(reverberation_s: float, *, size: tuple[float, float, float] = OFFICE) -> Wave:
    """What the microphone hears of a click of the loudspeaker beside it.

    Args:
        reverberation_s: time in which sound falls by 60 dB (by Sabine's formula).
        size: of the room.

    Returns:
        The impulse response; its energy is 1.
    """
    x, y, z = size
    surface, volume = 2 * (x * y + y * z + x * z), x * y * z
    reflection = np.sqrt(1 - min(0.99, 0.161 * volume / (surface * reverberation_s)))
    longest = reverberation_s * _SOUND
    distances, strengths = np.zeros(1), np.ones(1)
    for length, place, offset in zip(size, _LAPTOP, (_APART, 0.0, 0.0), strict=True):
        mirrored = np.arange(-int(longest / (2 * length)) - 1, int(longest / (2 * length)) + 2)
        # Of each pair of images one is reflected at both walls as often, the other once more.
        along = np.concatenate([2 * mirrored * length + offset, 2 * mirrored * length - 2 * place - offset])
        walls = np.concatenate([2 * np.abs(mirrored), np.abs(2 * mirrored - 1)])
        distances = (distances[:, None] + along**2).ravel()
        strengths = (strengths[:, None] * reflection**walls).ravel()
    metres = np.sqrt(distances)
    arrivals = np.rint(metres / _SOUND * SAMPLE_RATE).astype(int)
    response = np.bincount(arrivals, weights=strengths / metres)[: int(reverberation_s * SAMPLE_RATE)]
    normal: Wave = response / np.sqrt(np.sum(response**2))
    return normal


def heard_through(wave: Wave, response: Wave) -> Wave:
    """The wave as it comes through the room; as long as before."""
    size = 1 << (wave.size + response.size).bit_length()
    return np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(response, size), size)[: wave.size]
