"""What of a picture in FFmpeg's hands goes on a bus: three planes, not copied where it is I420 already."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from meshconf.pictures.i420 import Planes


def planes(picture: av.VideoFrame) -> Planes:
    """The planes of a picture, as views that keep it alive; odd sizes, which a bus lacks, lose a line.

    Raises:
        ValueError: It is smaller than 2x2 pixels, or of a form that cannot be converted.
    """
    width, height = picture.width & ~1, picture.height & ~1
    if not width or not height:
        raise ValueError(f"a picture of {picture.width}x{picture.height}")
    if picture.format.name != "yuv420p":
        try:
            picture = picture.reformat(format="yuv420p", threads=1)
        except av.FFmpegError as error:
            raise ValueError(str(error)) from error
    luma, blue, red = (_view(plane) for plane in picture.planes)
    half = slice(height // 2), slice(width // 2)
    return luma[:height, :width], blue[half], red[half]


def _view(plane: av.video.plane.VideoPlane) -> npt.NDArray[np.uint8]:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
