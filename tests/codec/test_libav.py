import av
import pytest

from meshconf.codec.encoder import EncoderFailed
from meshconf.codec.libav import LIBVPX, Format, Implementation, LibavEncoder
from meshconf.errors import LocalProtocolError
from tests.codec.pictures import camera, psnr, still
from tests.codec.rates import Viewer


def vp8(bitrate_bps: int = 400_000) -> LibavEncoder:
    return LibavEncoder(LIBVPX, Format(160, 120, 30, bitrate_bps, 4 * bitrate_bps))


def test_pictures_come_back_with_their_own_time() -> None:
    encoder, viewer = vp8(), Viewer("VP8")
    for picture in camera(160, 120, 10, noise=0):
        assert picture.pts is not None
        picture.pts += 123_456_789
        pts = picture.pts
        frame = encoder.encode(picture, keyframe=False)
        assert frame is not None and frame.timestamp == pts == picture.pts
        shown = viewer.show(frame)
    assert psnr(picture, shown) > 30


def test_where_a_bitrate_needs_a_new_encoder_it_is_rare() -> None:
    encoder = vp8()
    keys: list[int] = []
    for number, picture in enumerate(camera(160, 120, 240)):
        # A wish that changes with each picture, as a shaky link would give.
        encoder.bitrate_bps = 100_000 if number % 2 else 390_000
        frame = encoder.encode(picture, keyframe=False)
        if frame and frame.keyframe:
            keys.append(number)
    assert keys[0] == 0 and 30 <= keys[1] <= 32
    assert len(keys) == 2, "a higher bitrate waits for ten seconds"


def test_a_keyframe_that_is_due_anyway_brings_the_bitrate() -> None:
    encoder = vp8()
    sizes: list[int] = []
    for number, picture in enumerate(camera(160, 120, 40)):
        if number == 5:
            encoder.bitrate_bps = 60_000
        frame = encoder.encode(picture, keyframe=number == 10)
        sizes.append(len(frame.data) if frame else 0)
    assert sum(sizes[11:40]) * 8 / (29 / 30) < 120_000


@pytest.mark.parametrize("name", ["h264_nosuch", "opus", "h264_nvenc"])
def test_an_encoder_that_is_not_there_is_an_error_of_ours(name: str) -> None:
    if name == "h264_nvenc" and name not in av.codecs_available:
        pytest.skip("this libavcodec knows no NVENC")
    implementation = Implementation(name, "H264", lambda _: {})
    with pytest.raises(EncoderFailed, match=name):
        LibavEncoder(implementation, Format(160, 120, 30, 100_000, 100_000))


def test_an_encoder_that_holds_pictures_back_is_refused() -> None:
    # B frames of x264 without zerolatency.
    implementation = Implementation("libx264", "H264", lambda _: {"preset": "medium", "bf": "2"})
    encoder = LibavEncoder(implementation, Format(160, 120, 30, 100_000, 100_000))
    with pytest.raises(EncoderFailed, match="holds"):
        for picture in camera(160, 120, 80):
            encoder.encode(picture, keyframe=False)


def test_a_closed_encoder_says_so() -> None:
    encoder = vp8()
    encoder.close()
    encoder.close()
    with pytest.raises(LocalProtocolError):
        encoder.encode(still(160, 120), keyframe=False)


def test_odd_sizes_and_no_bitrate_are_refused() -> None:
    with pytest.raises(ValueError):
        LibavEncoder(LIBVPX, Format(161, 120, 30, 100_000, 100_000))
    with pytest.raises(ValueError):
        vp8().bitrate_bps = 0
