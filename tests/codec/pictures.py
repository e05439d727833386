"""Pictures to encode: a patch of soft texture that wanders over another, under the noise of a camera."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
import numpy.typing as npt


def camera(width: int, height: int, count: int, fps: int = 30, *, noise: float = 4.0) -> Iterator[av.VideoFrame]:
    """Pictures that need any bitrate one likes to give them; pts in 90 kHz from 0."""
    random = np.random.default_rng(7)
    wall, head = (_texture(random, height * 2, width * 2) for _ in range(2))
    grain = [random.normal(0, noise, (height, width)) for _ in range(8)]
    for number in range(count):
        luma = wall[:height, :width] + grain[number % len(grain)]
        left, top = (int(side / 4 * (1 + np.sin(number / 9 + turn))) for side, turn in ((width, 0), (height, 1)))
        within = int(height / 2 * (1 + np.sin(number / 20)))
        luma[top : top + height // 2, left : left + width // 2] = head[within:, :][: height // 2, : width // 2]
        planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
        planes[:height] = np.clip(luma, 16, 235)
        yield frame_of(planes, number * 90_000 // fps)


def frame_of(planes: npt.NDArray[np.uint8], pts: int) -> av.VideoFrame:
    """An I420 picture at a time."""
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts = pts
    return frame


def still(width: int, height: int, pts: int = 0) -> av.VideoFrame:
    """A grey picture."""
    return frame_of(np.full((height * 3 // 2, width), 128, dtype=np.uint8), pts)


def psnr(one: av.VideoFrame, other: av.VideoFrame) -> float:
    """Likeness of two pictures' luma in dB."""
    first, second = (frame.to_ndarray()[: frame.height].astype(np.float64) for frame in (one, other))
    return float(10 * np.log10(255**2 / max(1e-9, ((first - second) ** 2).mean())))


def _texture(random: np.random.Generator, height: int, width: int) -> npt.NDArray[np.float64]:
    """Noise whose power falls with frequency, as it does in photographs; mean 120, deviation 35."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    power = 1 / np.maximum(np.hypot(rows, columns), 1 / max(height, width)) ** 1.2
    turns = np.exp(2j * np.pi * random.random(power.shape))
    texture = np.fft.irfft2(power * turns, s=(height, width))
    return np.asarray(120 + 35 * (texture - texture.mean()) / texture.std())
