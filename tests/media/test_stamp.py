import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media import stamp


@given(st.integers(0, 2**40), st.sampled_from([(64, 320), (240, 320), (480, 640), (180, 160)]))
def test_what_is_painted_is_read(ms: int, size: tuple[int, int]) -> None:
    picture = np.full(size, 90, dtype=np.uint8)
    stamp.paint(picture, ms)
    assert stamp.read(picture) == ms % stamp.WRAP


def test_noise_like_that_of_a_codec_does_no_harm() -> None:
    picture = np.full((480, 640), 90, dtype=np.uint8)
    stamp.paint(picture, 123456789)
    noise = np.random.default_rng(1).normal(0, 25, picture.shape)
    assert stamp.read(np.clip(picture + noise, 0, 255).astype(np.uint8)) == 123456789


@pytest.mark.parametrize("shade", [0, 16, 128, 235, 255])
def test_a_plain_picture_carries_no_stamp(shade: int) -> None:
    assert stamp.read(np.full((480, 640), shade, dtype=np.uint8)) is None


def test_a_flipped_block_is_noticed() -> None:
    picture = np.full((480, 640), 90, dtype=np.uint8)
    stamp.paint(picture, 5)
    picture[0:16, 0:16] = 235 - picture[0:16, 0:16] + 16
    assert stamp.read(picture) is None


def test_a_picture_too_small_for_a_stamp_reads_as_none() -> None:
    assert stamp.read(np.zeros((8, 8), dtype=np.uint8)) is None
