import numpy as np
import pytest

from meshconf.codec import libvpx, vp8
from meshconf.codec.encoder import EncoderFailed
from meshconf.codec.vp8 import Vp8Encoder
from meshconf.errors import LocalProtocolError
from tests.codec.pictures import camera, psnr, still
from tests.codec.rates import Viewer, assert_follows_bitrate


def test_the_bitrate_is_followed_without_a_keyframe() -> None:
    assert_follows_bitrate(Vp8Encoder(320, 240, 30, 1_500_000), 320, 240)


def test_a_keyframe_comes_when_asked_for_and_only_then() -> None:
    encoder = Vp8Encoder(160, 120, 30, 200_000)
    frames = [encoder.encode(picture, keyframe=n == 12) for n, picture in enumerate(camera(160, 120, 20))]
    assert [n for n, frame in enumerate(frames) if frame and frame.keyframe] == [0, 12]


def test_a_frame_tells_what_it_is() -> None:
    frame = Vp8Encoder(160, 120, 30, 200_000).encode(still(160, 120, 4711), keyframe=False)
    assert frame is not None
    assert (frame.codec, frame.keyframe, frame.timestamp, frame.width, frame.height) == ("VP8", True, 4711, 160, 120)


@pytest.mark.parametrize("screen", [False, True])
def test_rows_with_padding_are_read_in_place(screen: bool) -> None:
    encoder, viewer = Vp8Encoder(150, 90, 30, 2_000_000, screen=screen), Viewer("VP8")
    for picture in camera(150, 90, 20, noise=0):
        assert picture.planes[0].line_size > 150
        frame = encoder.encode(picture, keyframe=False)
        assert frame is not None
        likeness = psnr(picture, viewer.show(frame))
    assert likeness > 35


def test_a_picture_after_a_pause_is_no_larger_than_others() -> None:
    encoder = Vp8Encoder(320, 240, 30, 500_000)
    for picture in camera(320, 240, 60):
        assert picture.pts is not None
        picture.pts += 0 if picture.pts < 45 * 3000 else 10 * 90_000
        frame = encoder.encode(picture, keyframe=picture.pts == 45 * 3000 + 10 * 90_000)
        if frame and frame.keyframe:
            assert len(frame.data) * 8 < 0.2 * 500_000


def test_pictures_are_dropped_when_the_bitrate_is_far_too_low() -> None:
    encoder = Vp8Encoder(320, 240, 30, 20_000)
    frames = [encoder.encode(picture, keyframe=False) for picture in camera(320, 240, 60)]
    assert any(frame is None for frame in frames)
    assert sum(len(frame.data) for frame in frames if frame) * 8 / 2 < 60_000


def test_pictures_of_another_size_or_without_a_growing_time_are_refused() -> None:
    encoder = Vp8Encoder(160, 120, 30, 200_000)
    encoder.encode(still(160, 120, 100), keyframe=False)
    untimed = still(160, 120)
    untimed.pts = None
    for picture in (still(320, 240, 200), still(160, 120, 100), untimed):
        with pytest.raises(LocalProtocolError):
            encoder.encode(picture, keyframe=False)


@pytest.mark.parametrize(
    "arguments", [(161, 120, 30, 1000), (160, 121, 30, 1000), (160, 120, 0, 1000), (160, 120, 30, 0), (0, 0, 1, 1)]
)
def test_an_impossible_encoder_is_refused(arguments: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError):
        Vp8Encoder(*arguments)


def test_a_closed_encoder_says_so_and_may_be_closed_again() -> None:
    encoder = Vp8Encoder(160, 120, 30, 200_000)
    encoder.close()
    encoder.close()
    with pytest.raises(LocalProtocolError):
        encoder.encode(still(160, 120), keyframe=False)
    with pytest.raises(LocalProtocolError):
        encoder.bitrate_bps = 100_000


def test_a_bitrate_of_nothing_is_refused() -> None:
    encoder = Vp8Encoder(160, 120, 30, 200_000)
    with pytest.raises(ValueError):
        encoder.bitrate_bps = 0
    assert encoder.bitrate_bps == 200_000


def test_the_self_check_passes_here_and_fails_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    vp8.works.cache_clear()
    assert vp8.works()
    monkeypatch.setattr(libvpx, "load", lambda: None)
    vp8.works.cache_clear()
    assert not vp8.works()
    vp8.works.cache_clear()


def test_what_was_coarse_becomes_sharp_in_one_picture_and_then_costs_next_to_nothing() -> None:
    encoder, viewer = Vp8Encoder(320, 240, 30, 500_000, screen=True), Viewer("VP8")
    everything, nothing = np.ones((15, 20), np.bool_), np.zeros((15, 20), np.bool_)
    (picture,) = camera(320, 240, 1)
    likeness, sizes = [], []
    for number, (quantizer, blocks) in enumerate([(56, everything), (8, everything), (56, nothing)]):
        picture.pts = number * 3000
        encoder.steer(quantizer, blocks)
        frame = encoder.encode(picture, keyframe=False)
        assert frame is not None
        likeness.append(psnr(picture, viewer.show(frame)))
        sizes.append(len(frame.data))
    assert likeness[0] < 35 < 40 < likeness[1] == likeness[2]
    assert sizes[2] < 100


def test_only_the_blocks_that_are_named_change() -> None:
    encoder, viewer = Vp8Encoder(320, 240, 30, 500_000, screen=True), Viewer("VP8")
    first, second = camera(320, 240, 2)
    left = np.zeros((15, 20), np.bool_)
    left[:, :10] = True
    shown = []
    for picture, blocks in ((first, np.ones((15, 20), np.bool_)), (second, left)):
        encoder.steer(8, blocks)
        frame = encoder.encode(picture, keyframe=False)
        assert frame is not None
        shown.append(viewer.show(frame).to_ndarray()[:240])
    changed = shown[0] != shown[1]
    assert changed[:, :160].any() and not changed[:, 160:].any()


def test_blocks_that_do_not_fit_the_picture_are_refused() -> None:
    encoder = Vp8Encoder(320, 240, 30, 500_000, screen=True)
    with pytest.raises(EncoderFailed):
        encoder.steer(8, np.ones((14, 20), np.bool_))
