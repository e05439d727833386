import av
import numpy as np
import pytest

from meshconf.devices.screen_converter import Pixels, ScreenConverter

WIDTH, HEIGHT = 96, 322


def noise(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)


def shown(picture: av.VideoFrame | None) -> Pixels:
    assert picture is not None and (picture.width, picture.height) == (WIDTH, HEIGHT)
    return picture.to_ndarray().astype(np.uint8, copy=False)


@pytest.mark.parametrize("rows", [slice(0, 1), slice(63, 65), slice(130, 131), slice(321, 322), slice(0, HEIGHT)])
def test_a_picture_of_which_some_rows_changed_is_as_if_all_had(rows: slice) -> None:
    converter = ScreenConverter()
    before, after = noise(1), noise(1)
    after[rows] = noise(2)[rows]
    first = converter.convert(before)
    kept = shown(first).copy()
    assert np.array_equal(shown(converter.convert(after)), shown(ScreenConverter().convert(after)))
    # What was given before may still be in use.
    assert np.array_equal(shown(first), kept)


def test_the_same_picture_is_none() -> None:
    converter = ScreenConverter()
    assert converter.convert(noise(1)) is not None
    assert converter.convert(noise(1)) is None
    assert converter.convert(noise(2)) is not None
    assert converter.convert(noise(2)) is None
