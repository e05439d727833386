"""Samples between the samples: a signal read at any place and at almost any pace."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TAPS = 16
"""Samples that are weighed for each new one, half of them on each side."""

PHASES = 256
"""Places between two samples that are told apart: the error is 60 dB below speech."""

_Float = npt.NDArray[np.float32]


def _table() -> _Float:
    """Windowed sinc functions, one row for each place between two samples."""
    offsets = np.arange(TAPS) - (TAPS // 2 - 1) - np.arange(PHASES + 1)[:, None] / PHASES
    window = np.i0(8.0 * np.sqrt(np.clip(1 - (offsets / (TAPS / 2)) ** 2, 0, 1))) / np.i0(8.0)
    weights = np.sinc(offsets) * window
    table: _Float = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return table


WEIGHTS = _table()
"""Row n weighs the `TAPS` samples around a place n / `PHASES` after the one in the middle, at `TAPS / 2 - 1`."""


def read_between(samples: npt.NDArray[np.int16], start: float, step: float, size: int) -> npt.NDArray[np.int16]:
    """Read `size` samples at `start`, `start + step` and so on.

    Args:
        samples: the signal; at least `TAPS / 2` samples stand around every place that is read.
        start: index of the first place, with a fraction.
        step: from one place to the next, near 1.
        size: how many.
    """
    places = start + step * np.arange(size)
    whole = np.floor(places).astype(np.intp)
    phases = np.rint((places - whole) * PHASES).astype(np.intp)
    around = np.lib.stride_tricks.sliding_window_view(samples, TAPS)[whole - (TAPS // 2 - 1)]
    between = np.einsum("ij,ij->i", around, WEIGHTS[phases])
    read: npt.NDArray[np.int16] = np.clip(np.rint(between), -32768, 32767).astype(np.int16)
    return read
