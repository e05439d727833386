"""Recorded speech, and how loud things are."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

import meshconf.cli
from meshconf.types import SAMPLE_RATE

Wave = npt.NDArray[np.float64]
"""Sound at 48 kHz in units of 16-bit samples."""

_FOLDER = Path(meshconf.cli.__file__).parent / "speech"


def recorded(name: str, seconds: float, rms_db: float) -> Wave:
    """A recorded voice, repeated as often as need be.

    Args:
        name: `ada`, `grace` or `you`.
        seconds: how long.
        rms_db: how loud it is on the whole, in dB of full scale.
    """
    with av.open(str(_FOLDER / f"{name}.ogg")) as file:
        resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        frames = [part.to_ndarray()[0] for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    voice = np.concatenate(frames).astype(np.float64)
    return np.resize(voice * 10 ** ((rms_db - level_db(voice)) / 20), int(seconds * SAMPLE_RATE))


def level_db(wave: npt.ArrayLike) -> float:
    """Root mean square in dB of full scale; -120 for silence."""
    mean = float(np.mean(np.square(np.asarray(wave, dtype=np.float64))))
    return max(-120.0, 10 * float(np.log10(mean / 32768**2))) if mean > 0 else -120.0
