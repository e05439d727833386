"""How many bytes a picture of a screen will need, learned from those before it. Pure."""

from __future__ import annotations

from collections.abc import Callable

SHARP, COARSEST = 8, 56
"""Quantizers of VP8, 0 to 63: with the first no difference can be seen, with the last small text can still be read."""

_BYTES = {SHARP: 1.90, 12: 1.70, 20: 1.47, 30: 1.25, 40: 1.00, 50: 0.67, COARSEST: 0.50}
"""What a page of text takes with each quantizer, compared with 40."""

QUANTIZERS = tuple(_BYTES)
"""Those that are used, the finest first."""

_FIRST = 0.035
"""Bytes for each step of detail with quantizer 40: a page of small text, white and coloured on black."""

_LEARNING = 0.3
_OVERHEAD = 500
"""Bytes of a picture of 1920x1080 in which nothing changed."""

_REFINED = 1.1
"""Sharpening in steps costs so much more than encoding sharply at first."""


class Sizes:
    """Guesses for pictures of one kind: those that come after stillness, those of a motion, or those that sharpen."""

    def __init__(self) -> None:
        self._bytes_per_detail = _FIRST

    def guess(self, detail: float, quantizer: int, before: int | None = None) -> float:
        """Bytes of a picture.

        Args:
            detail: how much there is to see in the blocks to encode, see `Changes.detail`.
            quantizer: how coarse, one of `QUANTIZERS`.
            before: the quantizer in which the viewer has them already, if they did not change since.
        """
        return _OVERHEAD + self._bytes_per_detail * detail * _share(quantizer, before)

    def learn(self, octets: int, detail: float, quantizer: int, before: int | None = None) -> None:
        """A picture turned out to have so many bytes."""
        units = detail * _share(quantizer, before)
        if units > 0 and octets > 2 * _OVERHEAD:
            seen = (octets - _OVERHEAD) / units
            # One odd picture must not spoil the next guess by more than this.
            seen = min(max(seen, self._bytes_per_detail / 4), self._bytes_per_detail * 4)
            self._bytes_per_detail += _LEARNING * (seen - self._bytes_per_detail)


def finest(affordable: float, guess: Callable[[int], float], *, limit: int = SHARP) -> int:
    """The finest quantizer with which a picture has at most so many bytes; the coarsest if none has.

    Args:
        affordable: bytes.
        guess: bytes for a quantizer.
        limit: no finer than this.
    """
    fitting = (one for one in QUANTIZERS if one >= limit and guess(one) <= affordable)
    return next(fitting, COARSEST)


def _share(quantizer: int, before: int | None) -> float:
    if before is None:
        return _BYTES[quantizer]
    return max(0.0, _REFINED * (_BYTES[quantizer] - _BYTES[before]))
