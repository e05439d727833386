"""A limiter that looks ahead: loud moments are turned down before they come, so that nothing clips or crackles.

The gain that each half of a millisecond needs is known 2.5 ms before it is heard. It falls over the 2 ms before a peak
and comes back within a second; what needs no gain passes sample for sample. Peaks between the samples count as well,
since a sound card draws the curve through them (ITU-R BS.1770-5, annex 2).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from meshconf.media.fractional import PHASES, TAPS, WEIGHTS

CEILING = 29_000.0
"""Highest true peak that is let through, 1 dB below full scale (EBU R 128)."""

STEP = 24
"""Samples for which one gain is worked out: 0.5 ms. A block is a whole number of them."""

_FALL = 4
"""Steps over which the gain falls."""

AHEAD = _FALL + 1
"""Steps that are held back."""

_RELEASE = 1.0 - float(np.exp(-STEP / 48_000 / 0.3))
"""Share of the missing gain that comes back with each step: a time constant of 0.3 s goes unheard."""

_WHOLE = 0.9995
"""Gain from which on it is taken for 1."""

_BETWEEN = WEIGHTS[[0, PHASES // 4, PHASES // 2, 3 * PHASES // 4]].T
"""Each sample and three places after it."""

_HARMLESS = CEILING / 2.5
"""Samples that are all below this have no curve through them that is above the ceiling."""

_RAMP = np.arange(STEP, dtype=np.float32) / STEP

_Float = npt.NDArray[np.float32]


class Limiter:
    """Limits one sound, block by block; what comes out is `AHEAD * STEP` samples late.

    Both channels of stereo are turned down together, so that nobody moves to the side.
    """

    def __init__(self, channels: int = 1) -> None:
        row = () if channels == 1 else (channels,)
        self._held = np.zeros((AHEAD * STEP, *row), dtype=np.float32)
        self._around = np.zeros((TAPS - 1, *row), dtype=np.float32)
        """The last samples, for the curve from them to the next block."""
        self._needed = np.ones(AHEAD, dtype=np.float64)
        """What gain the last steps need."""
        self._allowed = np.ones(_FALL, dtype=np.float64)
        """The same with regard to what comes, and coming back slowly."""
        self._at_rest: bool | None = True
        """None until somebody asks: in a quiet meeting that is fifty times a second, and the same each time."""

    @property
    def at_rest(self) -> bool:
        """Whether silence that came now would come out as silence and leave everything as it is."""
        if self._at_rest is None:
            whole = self._needed.min() == self._allowed.min() == 1.0
            self._at_rest = bool(whole) and not (self._held.any() or self._around.any())
        return self._at_rest

    def limit(self, sound: _Float) -> npt.NDArray[np.int16]:
        """Take the next block and give as many samples, of a little earlier.

        Args:
            sound: a whole number of steps, of shape (n,) or (n, channels); may be beyond 16 bits.
        """
        self._at_rest = None
        needed = np.concatenate([self._needed, self._gains_needed(sound)])
        before = self._allowed
        self._needed = needed[-AHEAD:]
        late = np.concatenate([self._held, sound])
        out, self._held = late[: len(sound)], late[len(sound) :]
        if min(needed.min(), before.min()) < 1.0:
            allowed = np.concatenate([before, self._released(needed)])
            self._allowed = allowed[-_FALL:]
            # No step of a fall allows more than any other of its steps needs; so neither does their mean.
            knots = np.convolve(allowed, np.full(_FALL, 1 / _FALL), "valid")
            gains = (knots[:-1, None] + np.diff(knots)[:, None] * _RAMP).ravel()
            out = out * (gains if out.ndim == 1 else gains[:, None])
        limited: npt.NDArray[np.int16] = np.rint(out).astype(np.int16)
        return limited

    def _gains_needed(self, sound: _Float) -> npt.NDArray[np.float64]:
        """For each step; peaks in its last third of a millisecond count for the next one."""
        around = np.concatenate([self._around, sound])
        self._around = around[-(TAPS - 1) :]
        if float(np.abs(around).max()) < _HARMLESS:
            return np.ones(len(sound) // STEP)
        curve = np.abs(np.lib.stride_tricks.sliding_window_view(around, TAPS, axis=0) @ _BETWEEN)
        peaks = curve.reshape(len(sound) // STEP, -1).max(axis=1)
        gains: npt.NDArray[np.float64] = CEILING / np.maximum(peaks, CEILING)
        return gains

    def _released(self, needed: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Down at once, up slowly. Each step regards the one before, itself and those to which the gain has to fall."""
        least: npt.NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(needed, AHEAD + 1).min(axis=1)
        gain = float(self._allowed[-1])
        for step, most in enumerate(least):
            gain += (1.0 - gain) * _RELEASE
            least[step] = gain = min(float(most), gain if gain < _WHOLE else 1.0)
        return least
