import sys
from collections.abc import Iterator

import pytest

from meshconf.codec import h264
from meshconf.codec.encoder import VideoEncoder
from meshconf.codec.h264 import HARDWARE, X264, open_h264
from meshconf.codec.libav import Format, LibavEncoder
from meshconf.codec.trial import nal_types
from tests.codec.pictures import camera, still
from tests.codec.rates import Viewer, assert_follows_bitrate

_SLICE, _IDR, _SEI, _SPS, _PPS = 1, 5, 6, 7, 8


@pytest.fixture(autouse=True)
def nothing_known_of_hardware() -> Iterator[None]:
    find = h264._find_hardware
    find.cache_clear()
    h264._distrusted.clear()
    yield
    find.cache_clear()
    h264._distrusted.clear()


def x264(width: int, height: int, bitrate_bps: int, ceiling_bps: int) -> VideoEncoder:
    return LibavEncoder(X264, Format(width, height, 30, bitrate_bps, ceiling_bps))


def test_the_bitrate_of_x264_is_followed_without_a_keyframe() -> None:
    assert_follows_bitrate(x264(320, 240, 1_500_000, 3_000_000), 320, 240)


def test_each_picture_is_one_slice_and_each_keyframe_brings_its_parameter_sets() -> None:
    encoder, viewer = x264(320, 180, 500_000, 1_000_000), Viewer("H264")
    for number, picture in enumerate(camera(320, 180, 20)):
        frame = encoder.encode(picture, keyframe=number in (0, 12))
        assert frame is not None and frame.keyframe == (number in (0, 12))
        types = [kind for kind in nal_types(frame.data) if kind != _SEI]
        assert types == ([_SPS, _PPS, _IDR] if frame.keyframe else [_SLICE])
        viewer.show(frame)
        if frame.keyframe:
            sps = frame.data.index(b"\x00\x00\x01\x67") + 4
            assert frame.data[sps] == 66, "baseline"


def test_a_viewer_can_begin_at_a_later_keyframe() -> None:
    encoder, viewer = x264(160, 120, 300_000, 600_000), Viewer("H264")
    frames = [encoder.encode(picture, keyframe=n == 8) for n, picture in enumerate(camera(160, 120, 12))]
    for frame in frames[8:]:
        assert frame is not None
        viewer.show(frame)


def test_a_bitrate_above_the_ceiling_is_reached_with_the_next_keyframe() -> None:
    encoder = x264(320, 240, 300_000, 400_000)
    sizes: list[int] = []
    for number, picture in enumerate(camera(320, 240, 150)):
        if number == 30:
            encoder.bitrate_bps = 1_200_000
        frame = encoder.encode(picture, keyframe=number == 60)
        assert frame is not None and frame.keyframe == (number in (0, 60))
        sizes.append(8 * len(frame.data))
    assert sum(sizes[45:60]) * 2 < 500_000
    assert sum(sizes[90:150]) / 2 == pytest.approx(1_200_000, rel=0.15)


def test_hardware_is_tried_once_in_order_and_the_first_that_works_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(h264, "_candidates", lambda: iter(HARDWARE[:3]))

    def survives(name: str) -> bool:
        tried.append(name)
        return name == HARDWARE[1].name

    monkeypatch.setattr(h264, "_survives_trial", survives)
    assert h264.hardware() is HARDWARE[1] and h264.hardware() is HARDWARE[1]
    assert tried == [HARDWARE[0].name, HARDWARE[1].name]


def test_hardware_that_failed_in_a_call_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h264, "_find_hardware", lambda: HARDWARE[0])
    assert h264.distrust(HARDWARE[0].name)
    assert h264.hardware() is None
    assert not h264.distrust(HARDWARE[0].name) and not h264.distrust("libx264")


def test_x264_takes_over_where_hardware_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    # NVENC without a driver refuses to open; the same as a size that it does not like.
    monkeypatch.setattr(h264, "_find_hardware", lambda: HARDWARE[1])
    encoder = open_h264(Format(160, 120, 30, 100_000, 200_000))
    assert encoder.name == "libx264"
    assert encoder.encode(still(160, 120), keyframe=True) is not None


def test_a_trial_tells_good_from_bad_and_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert h264._survives_trial("libx264")
    assert not h264._survives_trial("h264_nosuch")
    monkeypatch.setattr(h264, "TRIAL_SECONDS", 0.01)
    assert not h264._survives_trial("libx264"), "it hung"
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert not h264._survives_trial("libx264"), "it could not be started"
