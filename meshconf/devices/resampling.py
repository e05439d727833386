"""Sound between a device's format and ours, and blocks of 20 ms out of pieces of any length. FFmpeg's resampler."""

from __future__ import annotations

import av
import numpy as np

from meshconf.devices.base import Samples
from meshconf.types import BLOCK, SAMPLE_RATE

_LAYOUTS = {1: "mono", 2: "stereo"}


class Resampler:
    """One direction of one stream: pieces of one rate and number of channels in, of another out."""

    def __init__(self, rate: int, channels: int, to_rate: int, to_channels: int) -> None:
        """Begin.

        Args:
            rate: Hz of what goes in.
            channels: of what goes in, 1 or 2.
            to_rate: Hz of what comes out.
            to_channels: of what comes out.
        """
        self._rate, self._layout = rate, _LAYOUTS[channels]
        self._channels = to_channels
        self._resampler = av.AudioResampler(format="s16", layout=_LAYOUTS[to_channels], rate=to_rate)

    def convert(self, samples: Samples) -> Samples:
        """The next piece, as far as it can be told yet: of shape (n,) for one channel, (n, 2) for two."""
        packed = np.ascontiguousarray(samples, dtype=np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=self._layout)
        frame.sample_rate = self._rate
        return self.convert_frame(frame)

    def convert_frame(self, frame: av.AudioFrame) -> Samples:
        """The same for a frame that says its own format."""
        # The resampler would answer a jump of the time stamps with silence or an error.
        frame.pts = None
        parts = [np.asarray(part.to_ndarray(), dtype=np.int16).reshape(-1) for part in self._resampler.resample(frame)]
        samples: Samples = np.concatenate([np.zeros(0, dtype=np.int16), *parts], dtype=np.int16)
        return samples if self._channels == 1 else samples.reshape(-1, 2)


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


def mono(samples: Samples) -> Samples:
    """Both channels of stereo as one; mono as it is."""
    return samples if samples.ndim == 1 else samples.mean(axis=1, dtype=np.float32).astype(np.int16)


def to_ours(rate: int, channels: int, wanted: int) -> Resampler | None:
    """Makes what a device gives ours; None where it is."""
    return None if (rate, channels) == (SAMPLE_RATE, wanted) else Resampler(rate, channels, SAMPLE_RATE, wanted)


def from_ours(rate: int, channels: int, given: int) -> Resampler | None:
    """Makes of ours what a device takes; None where it is the same."""
    return None if (rate, channels) == (SAMPLE_RATE, given) else Resampler(SAMPLE_RATE, given, rate, channels)
