"""What the play-out of a voice asks of a decoder."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""48 kHz; of shape (n,) for mono, (n, 2) for stereo."""


def silence(samples: int, channels: int) -> Samples:
    """As many samples of nothing."""
    return np.zeros(samples if channels == 1 else (samples, channels), dtype=np.int16)


def shaped(gains: npt.NDArray[np.floating[Any]], samples: npt.NDArray[Any]) -> npt.NDArray[np.floating[Any]]:
    """One gain for each sample, so that it can be multiplied with all channels."""
    return gains if samples.ndim == 1 else gains[:, np.newaxis]


class VoiceDecoder(Protocol):
    """Makes samples of packets; never raises, whatever the bytes."""

    def decode(self, packet: bytes) -> Samples:
        """The sound of a packet, at most 120 ms; none if it is broken."""

    def conceal(self, samples: int) -> Samples:
        """As many made-up samples, going on from what was decoded last."""

    def has_fec(self, packet: bytes) -> bool:
        """Whether the packet carries a copy of the one before it."""

    def recover(self, next_packet: bytes, samples: int) -> Samples:
        """The last `samples` before `next_packet`, from the copy in it."""
