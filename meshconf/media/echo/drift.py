"""Where one sound card is by the clock of another, from times that are not exact: a Kalman filter of two states.

Two cards disagree by up to 1000 parts in a million, for as long as they run; their drivers tell times with an error of
up to some milliseconds. An echo canceller wants both away: it loses its grip at a drift of 300 parts in a million.
"""

from __future__ import annotations

from meshconf.types import SAMPLE_RATE

TIMING_ERROR = 0.002 * SAMPLE_RATE
"""Samples by which a measured position is usually off.

Drivers tell time ten times better from block to block, but beside other load they are off by milliseconds for seconds.
"""

_USUAL_DRIFT = 100e-6
"""Standard deviation of the rate of a card before anything is known of it.

Ten times this is found out within some seconds as well; a larger one would take errors of timing for drift at first.
"""

_WANDER = 1e-6
"""How much the rate changes within a second: cards become warm."""


class DriftFilter:
    """Position in the stream of one card, beside blocks of another."""

    def __init__(self, position: float) -> None:
        """Begin at a measured position, in samples."""
        self.position = position
        """Best estimate for the beginning of the next block."""
        self.rate = 0.0
        """Samples that the observed card is ahead with each sample of ours: 1e-6 is one part in a million."""
        self._position_variance = TIMING_ERROR**2
        self._covariance = 0.0
        self._rate_variance = _USUAL_DRIFT**2

    def correct(self, measured: float) -> None:
        """Take a measured position of the beginning of the block that `position` is about."""
        total = self._position_variance + TIMING_ERROR**2
        gain, rate_gain = self._position_variance / total, self._covariance / total
        error = measured - self.position
        self.position += gain * error
        self.rate += rate_gain * error
        self._rate_variance -= rate_gain * self._covariance
        self._covariance *= 1 - gain
        self._position_variance *= 1 - gain

    def advance(self, size: int) -> None:
        """Go on to the next block, after `size` samples of ours."""
        self.position += size * (1 + self.rate)
        self._position_variance += size * (2 * self._covariance + size * self._rate_variance)
        self._covariance += size * self._rate_variance
        self._rate_variance += _WANDER**2 * size / SAMPLE_RATE
