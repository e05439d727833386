"""What is painted is read, by whatever way the picture went; and nothing is read that was not painted."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.codec.choice import open_encoder
from meshconf.codec.decoding.decoder import PictureDecoder
from meshconf.codec.scaling import Scaler
from meshconf.media import stamp
from meshconf.media.rungs import ladder
from meshconf.types import SourceKind

kinds = st.sampled_from([SourceKind.CAMERA, SourceKind.SCREEN])
sizes = st.tuples(st.integers(160, 960), st.integers(90, 540)).map(lambda size: (size[0] * 2, size[1] * 2))
times = st.integers(0, 2**40)


def _stamped(width: int, height: int, ms: int, seed: int) -> av.VideoFrame:
    """A picture with the noise of a sensor everywhere, under the stamp as well."""
    random = np.random.default_rng(seed)
    picture = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    picture[:height] = random.integers(0, 255)
    stamp.paint(picture, ms)
    noise = random.normal(0, 8, (height, width))
    picture[:height] = np.clip(picture[:height] + noise, 0, 255).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
    frame.pts = 0
    return frame


def _luma(frame: av.VideoFrame) -> stamp.Picture:
    luma: stamp.Picture = frame.to_ndarray()[: frame.height].astype(np.uint8)
    return luma


@settings(max_examples=25, deadline=None)
@given(kinds, sizes, times, st.integers(0, 1_000))
def test_it_is_read_in_every_rung_of_every_source(kind: SourceKind, size: tuple[int, int], ms: int, seed: int) -> None:
    rungs = {(rung.width, rung.height) for rung in ladder(kind, *size, 30)}
    for scaled in Scaler().scale(_stamped(*size, ms, seed), rungs).values():
        assert stamp.read(_luma(scaled)) == ms % stamp.WRAP, f"{scaled.width}x{scaled.height}"


@settings(max_examples=25, deadline=None)
@given(sizes, times, st.sampled_from([3 / 4, 2 / 3, 1 / 3, 3 / 8]), st.integers(0, 1_000))
def test_it_is_read_after_a_capture_was_made_to_fit(size: tuple[int, int], ms: int, scale: float, seed: int) -> None:
    smaller = [round(side * scale / 2) * 2 for side in size]
    (scaled,) = Scaler().scale(_stamped(*size, ms, seed), [(smaller[0], smaller[1])]).values()
    assert stamp.read(_luma(scaled)) == ms % stamp.WRAP


@pytest.mark.parametrize("height", [720, 360, 180])
def test_it_is_read_in_every_rung_of_a_camera_after_vp8(height: int) -> None:
    rung = next(rung for rung in ladder(SourceKind.CAMERA, 1280, 720, 30) if rung.height == height)
    encoder, decoder = open_encoder("VP8", rung.width, rung.height, rung.fps, rung.min_bps), PictureDecoder("VP8")
    size = (rung.width, rung.height)
    for number in range(4):
        ms = 1_700_000_000_000 + number * 33
        scaled = Scaler().scale(_stamped(1280, 720, ms, number), [size])[size]
        scaled.pts = number * 3_000
        encoded = encoder.encode(scaled, keyframe=False)
        if encoded is not None:
            picture = decoder.decode(encoded.data)
            assert picture is not None
            assert stamp.read(_luma(picture)) == ms % stamp.WRAP, number
    encoder.close()


@given(st.integers(0, 10_000), st.booleans())
def test_what_was_not_painted_is_not_read(seed: int, black_and_white: bool) -> None:
    random = np.random.default_rng(seed)
    picture = random.integers(0, 256, (180, 320), dtype=np.uint8)
    if black_and_white:  # such as text
        picture = np.where(picture > 127, 235, 16).astype(np.uint8)
    assert stamp.read(picture) is None


def test_a_view_of_a_plane_with_a_stride_is_read() -> None:
    plane = np.full((480, 704), 90, dtype=np.uint8)
    stamp.paint(plane[:, :640], 77)
    assert stamp.read(plane[:, :640]) == 77


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
