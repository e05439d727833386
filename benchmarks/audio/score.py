"""How good a voice still is: PESQ, wide band (ITU-T P.862.2), by the `pesq` package, which is ITU's own code."""

from __future__ import annotations

import importlib.util

import numpy as np
import numpy.typing as npt

from benchmarks.audio.heard import Heard
from meshconf.types import SAMPLE_RATE

_RATE = 16_000
_PIECE_S = 8.0
"""Seconds that are scored at a time, as P.862 has it; the mean of all pieces counts."""
_FIRST_S = 2.0
_EDGE = 255
"""Length of the low-pass before every third sample is taken."""


def missing() -> str | None:
    """Why there can be no scores, or None when there can."""
    if importlib.util.find_spec("pesq") is None:
        return "pesq is not installed: pip install meshconf[benchmark]"
    return None


def mos(heard: Heard) -> float | None:
    """Mean opinion score, 1.0 to 4.6; None without the package. A piece in which nothing is heard has 1."""
    if missing() is not None:
        return None
    from pesq import NoUtterancesError, pesq  # type: ignore[import-untyped, import-not-found, unused-ignore]

    scores = []
    delay = round(float(np.nanmedian(heard.delays)) * SAMPLE_RATE)
    length = round(_PIECE_S * SAMPLE_RATE)
    for start in range(round(_FIRST_S * SAMPLE_RATE), heard.sound.size - delay - length, length):
        said = _narrowed(heard.said[start : start + length])
        came = _narrowed(heard.sound[start + delay : start + delay + length])
        try:
            scores.append(float(pesq(_RATE, said, came, "wb")))
        except NoUtterancesError:
            scores.append(1.0)
    return float(np.mean(scores)) if scores else None


def _narrowed(sound: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """At 16 kHz."""
    at = np.arange(_EDGE) - _EDGE // 2
    low_pass = np.sinc(at / 3.2) / 3.2 * np.hamming(_EDGE)
    narrow = np.convolve(sound.astype(np.float64), low_pass, "same")[::3]
    clipped: npt.NDArray[np.int16] = np.clip(np.rint(narrow), -32768, 32767).astype(np.int16)
    return clipped
