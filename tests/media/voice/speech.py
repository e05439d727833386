"""Spoken words, as the package's own demonstration has them."""

from __future__ import annotations

import functools
from importlib.resources import files

import av
import numpy as np
import numpy.typing as npt

from meshconf.types import BLOCK, SAMPLE_RATE


@functools.cache
def speech() -> npt.NDArray[np.int16]:
    """Whole blocks of speech with short pauses, mono at 48 kHz; not to be changed."""
    with av.open(str(files("meshconf.cli") / "speech" / "ada.ogg")) as container:
        resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate(parts)
    samples = samples[: samples.size // BLOCK * BLOCK]
    samples.flags.writeable = False
    return samples
