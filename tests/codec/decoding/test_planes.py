"""Whatever FFmpeg has decoded becomes three planes of even size."""

from __future__ import annotations

import av
import numpy as np
import pytest

from meshconf.codec.decoding.planes import planes


def grey(width: int, height: int, form: str) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, form)
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    return frame


def test_i420_is_not_copied() -> None:
    frame = grey(320, 240, "yuv420p")
    luma, blue, red = planes(frame)
    frame.planes[0].update(bytes([7]) * frame.planes[0].buffer_size)
    assert luma.shape == (240, 320) and (luma == 7).all()
    assert blue.shape == red.shape == (120, 160) and (blue == 128).all() and (red == 128).all()


@pytest.mark.parametrize(("width", "height"), [(321, 241), (320, 241), (321, 240), (3, 3)])
def test_odd_sizes_lose_a_line(width: int, height: int) -> None:
    luma, blue, red = planes(grey(width, height, "yuv420p"))
    assert luma.shape == (height & ~1, width & ~1)
    assert blue.shape == red.shape == (height // 2, width // 2)


@pytest.mark.parametrize("form", ["yuv444p", "yuv422p", "yuvj420p", "rgb24", "gray", "yuv420p10le"])
def test_pictures_of_another_form_become_i420(form: str) -> None:
    luma, blue, red = planes(grey(320, 240, form))
    assert luma.shape == (240, 320) and blue.shape == red.shape == (120, 160)
    assert luma.dtype == np.uint8


def test_views_keep_their_picture_alive() -> None:
    kept = [planes(grey(64, 48, "yuv420p"))[0] for _ in range(20)]
    assert all((luma == 128).all() for luma in kept)


def test_a_picture_of_one_pixel_is_none() -> None:
    with pytest.raises(ValueError, match="1x1"):
        planes(grey(1, 1, "yuv420p"))
