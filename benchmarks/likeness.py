"""How like two pictures are: structural similarity (Wang et al. 2004) and the peak signal-to-noise ratio."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]
"""One channel: (height, width)."""

_WINDOW = 8
"""Pixels of the squares that are compared, about a letter of small text; they lie at every place."""
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one: Plane, other: Plane) -> float:
    """1 for pictures that are the same, near 0 for such as have nothing in common; both of one size."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    mean_a, mean_b = _means(a), _means(b)
    variance = _means(a * a) - mean_a**2 + _means(b * b) - mean_b**2
    covariance = _means(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    return float((likeness / ((mean_a**2 + mean_b**2 + _C1) * (variance + _C2))).mean())


def psnr(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Decibels; at most 99, for pictures that are the same."""
    error = float(((one.astype(np.float64) - other) ** 2).mean())
    return min(99.0, 10 * np.log10(255**2 / error)) if error else 99.0


def _means(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mean of each window, from sums of everything above and to the left."""
    sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0), axis=1, out=sums[1:, 1:])
    far, near = slice(_WINDOW, None), slice(None, -_WINDOW)
    return (sums[far, far] - sums[near, far] - sums[far, near] + sums[near, near]) / _WINDOW**2
