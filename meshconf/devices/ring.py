"""A ring of samples between one writer and one reader in different threads; neither waits nor allocates."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt


class Ring:
    """Sound on its way to a callback; what does not fit throws the oldest out."""

    def __init__(self, size: int, channels: int) -> None:
        """Make it empty.

        Args:
            size: samples of each channel that fit.
            channels: in each row.
        """
        self._samples = np.zeros((size, channels), dtype=np.int16)
        self._lock = threading.Lock()
        self._start = 0
        self._fill = 0
        self._taken = 0  # samples read or thrown out since the beginning

    def __len__(self) -> int:
        return self._fill

    def write(self, samples: npt.NDArray[np.int16]) -> int:
        """Put samples of shape (n, channels) at the end; returns the number of the first that is kept."""
        size = self._samples.shape[0]
        too_many = max(0, len(samples) - size)
        samples = samples[too_many:]
        with self._lock:
            surplus = max(0, self._fill + len(samples) - size)
            self._skip(surplus)
            self._taken += too_many
            place = self._taken + self._fill
            end = (self._start + self._fill) % size
            first = min(len(samples), size - end)
            self._samples[end : end + first] = samples[:first]
            self._samples[: len(samples) - first] = samples[first:]
            self._fill += len(samples)
        return place

    def read(self, out: npt.NDArray[np.int16]) -> tuple[int, int]:
        """Fill `out`, of shape (n, channels), from the start; with silence where there is not enough.

        Returns:
            The number of the first sample since the beginning, and how many are no silence.
        """
        size = self._samples.shape[0]
        with self._lock:
            count = min(len(out), self._fill)
            first = min(count, size - self._start)
            out[:first] = self._samples[self._start : self._start + first]
            out[first:count] = self._samples[: count - first]
            place = self._taken
            self._skip(count)
        out[count:] = 0
        return place, count

    def _skip(self, count: int) -> None:
        self._start = (self._start + count) % self._samples.shape[0]
        self._fill -= count
        self._taken += count
