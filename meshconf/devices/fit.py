"""Brings a captured picture to the size and format that the encoder wants, whole and undistorted, with black bars.

Runs in the device's thread; swscale does the work.
"""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from meshconf.types import PICTURE_CLOCK, PICTURE_TIME_BASE


def fit(frame: av.VideoFrame, width: int, height: int, captured: float) -> av.VideoFrame:
    """A yuv420p picture of exactly the wanted size.

    Args:
        frame: any size, any format.
        width: wanted pixels, even.
        height: wanted pixels, even.
        captured: monotonic seconds of the capture, which become the pts.
    """
    inner_width, inner_height = inner_size(frame.width, frame.height, width, height)
    scaled = frame.reformat(width=inner_width, height=inner_height, format="yuv420p", interpolation="BILINEAR")
    if (inner_width, inner_height) != (width, height):
        scaled = _with_bars(scaled.to_ndarray().astype(np.uint8, copy=False), width, height)
    elif scaled is frame:
        # reformat gives the very frame back when nothing is to do; its owner may use its buffer again.
        scaled = av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
    return timed(scaled, captured)


def timed(frame: av.VideoFrame, captured: float) -> av.VideoFrame:
    """The same frame with its capture time as pts."""
    frame.pts = int(captured * PICTURE_CLOCK)
    frame.time_base = PICTURE_TIME_BASE
    return frame


def black(width: int, height: int) -> av.VideoFrame:
    """A yuv420p picture with nothing in it.

    Args:
        width: pixels, even.
        height: pixels, even.
    """
    planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    planes[:height] = 16
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def inner_size(width: int, height: int, wanted_width: int, wanted_height: int) -> tuple[int, int]:
    """Largest even size with the picture's aspect ratio inside the wanted one; under 2 % off counts as equal."""
    scale = min(wanted_width / width, wanted_height / height)
    inner_width, inner_height = _even(width * scale), _even(height * scale)
    if inner_width > wanted_width * 0.98 and inner_height > wanted_height * 0.98:
        return wanted_width, wanted_height
    return inner_width, inner_height


def _even(value: float) -> int:
    return max(2, int(value / 2 + 0.5) * 2)


def _with_bars(picture: npt.NDArray[np.uint8], width: int, height: int) -> av.VideoFrame:
    inner_height, inner_width = picture.shape[0] * 2 // 3, picture.shape[1]
    canvas = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    canvas[:height] = 16
    top, left = (height - inner_height) // 4 * 2, (width - inner_width) // 4 * 2
    canvas[top : top + inner_height, left : left + inner_width] = picture[:inner_height]
    old, new = picture[inner_height:].reshape(2, inner_height // 2, -1), canvas[height:].reshape(2, height // 2, -1)
    new[:, top // 2 : (top + inner_height) // 2, left // 2 : (left + inner_width) // 2] = old
    return av.VideoFrame.from_ndarray(canvas, format="yuv420p")
