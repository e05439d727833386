"""Sound between a device's format and ours, and blocks of 20 ms out of pieces of any length. FFmpeg's resampler."""

from __future__ import annotations

import av
import numpy as np

from meshconf.media.samples import Samples, with_channels
from meshconf.types import BLOCK, SAMPLE_RATE

_LAYOUTS = {1: "mono", 2: "stereo"}


class Resampler:
    """One direction of one stream: pieces of one rate and number of channels in, of another out."""

    def __init__(self, rate: int, to_rate: int, to_channels: int) -> None:
        """Begin.

        Args:
            rate: Hz of what goes in.
            to_rate: Hz of what comes out.
            to_channels: of what comes out, 1 or 2.
        """
        self._rate, self._channels = rate, to_channels
        self._resampler = (
            None if rate == to_rate else av.AudioResampler(format="s16", layout=_LAYOUTS[to_channels], rate=to_rate)
        )

    def convert(self, samples: Samples) -> Samples:
        """The next piece, as far as it can be told yet: of shape (n,) for one channel, (n, 2) for two."""
        # Not left to FFmpeg, which plays mono 3 dB softer on both sides.
        samples = with_channels(samples, self._channels)
        if self._resampler is None:
            return samples
        packed = np.ascontiguousarray(samples, dtype=np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=_LAYOUTS[self._channels])
        frame.sample_rate = self._rate
        parts = [np.asarray(part.to_ndarray(), dtype=np.int16).reshape(-1) for part in self._resampler.resample(frame)]
        resampled: Samples = np.concatenate([np.zeros(0, dtype=np.int16), *parts], dtype=np.int16)
        return resampled if self._channels == 1 else resampled.reshape(-1, 2)


class Blocks:
    """Cuts pieces of any length into blocks of 20 ms."""

    def __init__(self) -> None:
        self._rest: Samples | None = None

    @property
    def waiting(self) -> int:
        """Samples that are no whole block yet."""
        return 0 if self._rest is None else self._rest.shape[0]

    def cut(self, samples: Samples) -> list[Samples]:
        """The blocks that are whole now."""
        if self._rest is not None and self.waiting:
            samples = np.concatenate([self._rest, samples])
        whole = samples.shape[0] // BLOCK * BLOCK
        self._rest = samples[whole:].copy()
        return [samples[start : start + BLOCK] for start in range(0, whole, BLOCK)]


def to_ours(rate: int, channels: int, wanted: int) -> Resampler | None:
    """Makes what a device gives ours; None where it is."""
    return None if (rate, channels) == (SAMPLE_RATE, wanted) else Resampler(rate, SAMPLE_RATE, wanted)


def from_ours(rate: int, channels: int, given: int) -> Resampler | None:
    """Makes of ours what a device takes; None where it is the same."""
    return None if (rate, channels) == (SAMPLE_RATE, given) else Resampler(SAMPLE_RATE, rate, channels)
