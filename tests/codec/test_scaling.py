import numpy as np

from meshconf.codec.scaling import Scaler
from tests.codec.pictures import camera, frame_of, still


def test_a_picture_that_fits_is_not_touched() -> None:
    frame = still(320, 240, 900)
    assert Scaler().scale(frame, [(320, 240)]) == {(320, 240): frame}


def test_halves_are_the_mean_of_four_pixels_and_keep_the_time() -> None:
    (frame,) = camera(320, 240, 1)
    frame.pts = 900
    scaled = Scaler().scale(frame, [(160, 120)])[160, 120]
    luma = frame.to_ndarray()[:240].astype(float).reshape(120, 2, 160, 2).mean(axis=(1, 3))
    assert np.abs(scaled.to_ndarray()[:120] - luma).max() <= 1
    assert (scaled.width, scaled.height, scaled.format.name, scaled.pts) == (160, 120, "yuv420p", 900)


def test_the_smallest_is_made_from_the_next_larger_one() -> None:
    scaler = Scaler()
    scaler.scale(still(320, 240), [(80, 60), (320, 240), (160, 120)])
    assert set(scaler._reformatters) == {((320, 240), (160, 120)), ((160, 120), (80, 60))}


def test_a_source_of_another_shape_or_size_is_made_to_fit() -> None:
    pictures = Scaler().scale(still(200, 100), [(320, 240), (160, 120)])
    assert {size: (p.width, p.height) for size, p in pictures.items()} == {s: s for s in ((320, 240), (160, 120))}


def test_sizes_that_are_not_needed_are_forgotten() -> None:
    scaler = Scaler()
    scaler.scale(still(320, 240), [(160, 120), (80, 60)])
    scaler.forget([(80, 60)])
    assert set(scaler._reformatters) == {((160, 120), (80, 60))}


def test_grey_stays_grey() -> None:
    picture = Scaler().scale(frame_of(np.full((360, 320), 77, dtype=np.uint8), 0), [(80, 60)])[80, 60]
    assert (picture.to_ndarray() == 77).all()
