import av
import numpy as np
import pytest

from meshconf.devices.fit import fit, inner_size


def plain(width: int, height: int, shade: int = 200) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((height, width, 3), shade, dtype=np.uint8), format="bgr24")


@pytest.mark.parametrize("size", [(1920, 1080), (640, 480), (100, 700), (641, 479), (2, 2)])
def test_every_picture_gets_the_wanted_size_and_format(size: tuple[int, int]) -> None:
    frame = fit(plain(*size), 640, 480, 2.0)
    assert (frame.width, frame.height, frame.format.name, frame.pts) == (640, 480, "yuv420p", 180_000)


def test_a_wide_picture_gets_bars_above_and_below_and_is_not_distorted() -> None:
    luma = fit(plain(1280, 720), 640, 480, 0.0).to_ndarray()[:480]
    assert (luma[:58] == 16).all() and (luma[-58:] == 16).all()
    assert (luma[64:416] > 150).all()


def test_bars_are_black_in_colour_too() -> None:
    red = av.VideoFrame.from_ndarray(np.full((480, 100, 3), (255, 0, 0), dtype=np.uint8), format="rgb24")
    picture = fit(red, 640, 480, 0.0).to_ndarray(format="rgb24")
    assert picture[:, :200].max() < 10
    assert picture[240, 320, 0] > 200 > 60 > picture[240, 320, 2]


def test_a_picture_that_fits_already_is_copied() -> None:
    source = av.VideoFrame.from_ndarray(np.full((720, 640), 50, dtype=np.uint8), format="yuv420p")
    assert fit(source, 640, 480, 1.0) is not source


def test_nearly_the_same_shape_fills_the_picture() -> None:
    assert inner_size(1366, 768, 1280, 720) == (1280, 720)
