"""Sound as it is everywhere in meshconf: samples of 16 bits at 48 kHz, mono or stereo."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Of shape (n,) for mono, (n, 2) for stereo; a block has `BLOCK` of them."""


def silence(samples: int, channels: int = 1) -> Samples:
    """As many samples of nothing."""
    return np.zeros(samples if channels == 1 else (samples, channels), dtype=np.int16)


def mono(samples: Samples) -> Samples:
    """Both channels of stereo as one; mono as it is."""
    return samples if samples.ndim == 1 else samples.mean(axis=1, dtype=np.float32).astype(np.int16)


def with_channels(samples: Samples, channels: int) -> Samples:
    """Mono on both sides of stereo, or both sides of stereo as mono; else as it is."""
    if samples.ndim == channels:
        return samples
    return np.repeat(samples[:, np.newaxis], 2, axis=1) if channels == 2 else mono(samples)


def shaped(gains: npt.NDArray[np.floating[Any]], samples: npt.NDArray[Any]) -> npt.NDArray[np.floating[Any]]:
    """One gain for each sample, so that it can be multiplied with all channels."""
    return gains if samples.ndim == 1 else gains[:, np.newaxis]
