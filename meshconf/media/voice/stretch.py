"""Longer and shorter speech at the same pitch: one or more whole pitch periods are repeated or left out.

WSOLA (Verhelst and Roelands, 1993) as NetEq uses it: where the sound is most like itself a little later or earlier, it
jumps there over a cross-fade.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from meshconf.media.samples import Samples, shaped
from meshconf.types import SAMPLE_RATE

SHORTEST = 25 * SAMPLE_RATE // 10_000
"""Samples of the shortest jump: 2.5 ms, a period of 400 Hz."""

LONGEST = 15 * SAMPLE_RATE // 1000
"""Samples of the longest jump: 15 ms, a period of 67 Hz."""

OVERLAP = 10 * SAMPLE_RATE // 1000
"""Samples of the cross-fade, and of what is compared."""

_COARSE = 6
"""The search looks at 8 kHz first: voices repeat below 4 kHz, or not at all."""

_AS_GOOD = 0.95
"""A longer jump is taken if it is nearly as alike as the best: fewer seams."""

_RISE = (np.sin((np.arange(OVERLAP) + 0.5) * (np.pi / 2 / OVERLAP)) ** 2).astype(np.float32)

_Float = npt.NDArray[np.float32]


def squeeze(samples: Samples, most: int, likeness: float) -> Samples | None:
    """Leave out up to `most` samples right at the start.

    Args:
        samples: at least `LONGEST + OVERLAP`.
        most: how many may go.
        likeness: least normalised correlation of the two ends of the jump, -1 to have it anyway.

    Returns:
        The shorter sound; None if there is no good jump.
    """
    most = min(most, LONGEST)
    if most < SHORTEST:
        return None
    wide = samples[: most + OVERLAP].astype(np.float32)
    middle = _middle(wide)
    jump, found = _best_jump(middle[:OVERLAP], middle[SHORTEST:])
    if found < likeness:
        return None
    jump += SHORTEST
    return np.concatenate([_blend(wide[:OVERLAP], wide[jump : jump + OVERLAP]), samples[jump + OVERLAP :]])


def stretch(history: Samples, samples: Samples, likeness: float) -> Samples | None:
    """Repeat a little of `samples`.

    Args:
        history: what came before, at least `LONGEST`.
        samples: at least `OVERLAP`; the jump back is from the end.
        likeness: as for `squeeze`.

    Returns:
        The longer sound; None if there is no good jump.
    """
    wide = np.concatenate([history[-LONGEST:], samples]).astype(np.float32)
    middle = _middle(wide)
    # From the longest jump back to the shortest, so turned round for the same preference.
    jump, found = _best_jump(middle[-OVERLAP:][::-1], middle[-LONGEST - OVERLAP : -SHORTEST][::-1])
    if found < likeness:
        return None
    jump += SHORTEST
    end = len(wide) - jump
    tail = wide[end:].astype(np.int16)
    return np.concatenate([samples[:-OVERLAP], _blend(wide[-OVERLAP:], wide[end - OVERLAP : end]), tail])


def _blend(old: _Float, new: _Float) -> Samples:
    blended: Samples = np.rint(old + (new - old) * shaped(_RISE, old)).astype(np.int16)
    return blended


def _middle(wide: _Float) -> _Float:
    """What both channels of stereo have in common: they jump together."""
    return wide if wide.ndim == 1 else wide.mean(axis=1, dtype=np.float32)


def _best_jump(template: _Float, region: _Float) -> tuple[int, float]:
    """Where in `region` something like `template` begins, and how like it is."""
    coarse = _likeness(_thin(template), _thin(region))
    best = int(coarse.argmax())
    padded = np.concatenate([[-2.0], coarse, [-2.0]])
    is_peak = (coarse >= padded[:-2]) & (coarse >= padded[2:]) & (coarse >= coarse[best] * _AS_GOOD)
    if coarse[best] > 0:
        best = int(np.flatnonzero(is_peak)[-1])
    low = max(0, (best - 1) * _COARSE)
    high = min(region.size - OVERLAP, (best + 1) * _COARSE)
    fine = _likeness(template, region[low : high + OVERLAP])
    best = int(fine.argmax())
    return low + best, float(fine[best])


def _thin(samples: _Float) -> _Float:
    whole = samples.size // _COARSE * _COARSE
    thinned: _Float = samples[:whole].reshape(-1, _COARSE).mean(axis=1)
    return thinned


def _likeness(template: _Float, region: _Float) -> _Float:
    """Normalised cross-correlation at each place; digital silence is like digital silence."""
    products = np.correlate(region, template, "valid")
    sums = np.concatenate([[0.0], np.cumsum(np.square(region, dtype=np.float64))])
    energies = (sums[template.size :] - sums[: -template.size]) * float(np.dot(template, template))
    floor = 1e-6 * template.size**2
    alike: _Float = ((products + floor) / (np.sqrt(np.maximum(energies, 0.0)) + floor)).astype(np.float32)
    return alike
