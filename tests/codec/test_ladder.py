from __future__ import annotations

import logging

import av
import numpy as np
import numpy.typing as npt
import pytest

from meshconf.codec import h264
from meshconf.codec.encoder import EncoderFailed, VideoEncoder
from meshconf.codec.h264 import HARDWARE
from meshconf.codec.ladder import Ladder
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.media.rungs import Rung, ladder
from meshconf.types import SourceKind
from tests.codec.pictures import camera, still
from tests.codec.rates import Viewer

FULL, HALF, QUARTER = ladder(SourceKind.CAMERA, 640, 360, 30)


class FakeEncoder:
    """Notes what it is told; fails when it is told to."""

    def __init__(self, codec: Codec, name: str, rung: Rung, bitrate_bps: int) -> None:
        self.codec, self.name, self.rung, self.bitrate_bps = codec, name, rung, bitrate_bps
        self.pictures: list[av.VideoFrame] = []
        self.keyframes: list[int] = []
        self.steered: list[tuple[int, int]] = []
        self.drops = self.fails = self.closed = False

    def encode(self, frame: av.VideoFrame, *, keyframe: bool) -> EncodedFrame | None:
        assert not self.closed and (frame.width, frame.height) == (self.rung.width, self.rung.height)
        if self.fails:
            raise EncoderFailed("broken")
        keyframe |= not self.pictures
        self.pictures.append(frame)
        if self.drops:
            return None
        assert frame.pts is not None
        if keyframe:
            self.keyframes.append(frame.pts)
        return EncodedFrame(self.codec, b"data", keyframe, frame.pts, width=frame.width, height=frame.height)

    def steer(self, quantizer: int, blocks: npt.NDArray[np.bool_]) -> None:
        self.steered.append((quantizer, int(blocks.sum())))

    def close(self) -> None:
        self.closed = True


class Bench:
    """A ladder over fakes, and a camera whose time passes as fast as we like."""

    def __init__(self, *codecs: Codec, screen: bool = False) -> None:
        self.opened: list[FakeEncoder] = []
        self.broken: set[str] = set()
        self.hardware: str | None = None
        self.ladder = Ladder(codecs or ("VP8", "H264"), screen=screen, opens=self.open)
        self.now = 100.0

    def open(self, codec: Codec, rung: Rung, bitrate_bps: int) -> VideoEncoder:
        name = self.hardware if codec == "H264" and self.hardware else codec
        if name in self.broken:
            raise EncoderFailed(f"no {name}")
        self.opened.append(FakeEncoder(codec, name, rung, bitrate_bps))
        return self.opened[-1]

    def run(self, seconds: float, fps: int = 30, size: tuple[int, int] = (640, 360)) -> list[EncodedFrame]:
        frames: list[EncodedFrame] = []
        for _ in range(round(seconds * fps)):
            frames += self.ladder.encode(still(*size), self.now)
            self.now += 1 / fps
        return frames


def test_nothing_is_encoded_while_nobody_watches() -> None:
    bench = Bench()
    assert bench.run(0.5) == [] and bench.opened == []


def test_only_wanted_rungs_are_encoded_each_in_its_size_and_with_one_time() -> None:
    bench = Bench()
    bench.ladder.set_wanted({QUARTER: 50_000, FULL: 900_000})
    first = bench.ladder.encode(still(640, 360), 100.0)
    assert [(f.rung, f.width, f.height, f.keyframe) for f in first] == [(0, 640, 360, True), (2, 160, 90, True)]
    assert {f.timestamp for f in first} == {9_000_000} and {f.captured for f in first} == {100.0}
    assert [(e.rung.index, e.bitrate_bps) for e in bench.opened] == [(0, 900_000), (2, 50_000)]


def test_time_grows_though_captures_share_a_moment_or_go_back() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(1.0)
    moments = (101.0, 101.0, 100.9, 101.1)
    times = [f.timestamp for now in moments for f in bench.ladder.encode(still(640, 360), now)]
    assert times == [9_090_000, 9_090_001, 9_090_002, 9_099_000]


@pytest.mark.parametrize(("fps", "expected"), [(30, 30), (25, 30), (20, 30), (15, 30), (10, 20)])
def test_a_rung_of_fewer_pictures_takes_them_evenly(fps: int, expected: int) -> None:
    bench = Bench()
    bench.ladder.set_wanted({QUARTER: 50_000})
    bench.run(1.0, fps)
    times = [f.captured for f in bench.run(2.0, fps)]
    assert abs(len(times) - expected) <= 1
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert max(gaps) - min(gaps) <= 1 / fps + 1e-6


def test_a_jittery_camera_loses_no_pictures_and_slips_no_phase() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000, QUARTER: 50_000})
    taken: list[tuple[int, int]] = []
    for number in range(120):
        jitter = 0.013 * (-1) ** (number // 2)
        for frame in bench.ladder.encode(still(640, 360), 100 + number / 30 + jitter):
            taken.append((frame.rung, number))
    assert [number for rung, number in taken if rung == 0] == list(range(120))
    quarter = [number for rung, number in taken if rung == 2 and number >= 30]
    assert {later - earlier for earlier, later in zip(quarter, quarter[1:], strict=False)} == {2}


def test_a_new_bitrate_needs_no_new_encoder() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.1)
    bench.ladder.set_wanted({FULL: 300_000})
    bench.run(0.1)
    (encoder,) = bench.opened
    assert encoder.bitrate_bps == 300_000 and len(encoder.keyframes) == 1


def test_requests_for_keyframes_are_answered_together_every_300_ms() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000, HALF: 300_000})
    frames: list[EncodedFrame] = []
    for _ in range(60):
        bench.ladder.request_keyframe(FULL)
        frames += bench.run(1 / 30)
    keys = [f.captured for f in frames if f.keyframe and f.rung == 0]
    assert len(keys) in (6, 7)
    assert all(later - earlier >= 0.3 for earlier, later in zip(keys, keys[1:], strict=False))
    assert sum(f.keyframe for f in frames if f.rung == 1) == 1


def test_a_keyframe_that_was_dropped_is_tried_again() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(1.0)
    bench.opened[0].drops = True
    bench.ladder.request_keyframe(FULL)
    assert bench.run(0.1) == []
    bench.opened[0].drops = False
    assert [f.keyframe for f in bench.run(0.1)] == [True, False, False]


def test_a_keyframe_waits_for_no_slow_rung() -> None:
    bench = Bench()
    bench.ladder.set_wanted({QUARTER: 50_000})
    for _ in range(6):
        bench.run(0.5)
        bench.ladder.request_keyframe(QUARTER)
        (frame,) = bench.run(1 / 30)
        assert frame.keyframe
        bench.run(1 / 30)


def test_an_encoder_that_nobody_needs_is_kept_for_two_seconds() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000, HALF: 300_000})
    bench.run(0.5)
    bench.ladder.set_wanted({FULL: 900_000})
    assert {f.rung for f in bench.run(1.5)} == {0}
    bench.ladder.set_wanted({FULL: 900_000, HALF: 200_000})
    back = [f for f in bench.run(0.1) if f.rung == 1]
    assert back[0].keyframe and len(bench.opened) == 2 and bench.opened[1].bitrate_bps == 200_000
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(2.1)
    assert bench.opened[1].closed and bench.ladder.running() == {FULL: "VP8"}


def test_an_encoder_that_fails_is_replaced_by_another_codec_with_the_same_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.5)
    bench.opened[0].fails = True
    with caplog.at_level(logging.WARNING, "meshconf.codec"):
        (frame,) = bench.run(1 / 30)
    assert frame.codec == "H264" and frame.keyframe and bench.opened[0].closed
    assert "broken" in caplog.text
    assert {f.codec for f in bench.run(1.0)} == {"H264"}


def test_hardware_that_fails_is_replaced_by_software_of_its_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h264, "_distrusted", set())
    bench = Bench("H264", "VP8")
    bench.hardware = HARDWARE[1].name
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.1)
    bench.opened[0].fails = True
    bench.hardware = None
    assert [f.codec for f in bench.run(1 / 30)] == ["H264"]
    assert bench.ladder.running() == {FULL: "H264"} and h264._distrusted == {HARDWARE[1].name}


def test_when_every_codec_fails_the_rung_rests_and_the_others_go_on() -> None:
    bench = Bench("H264", "VP8")
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.1)
    bench.broken = {"VP8", "H264"}
    bench.ladder.set_wanted({FULL: 900_000, HALF: 300_000})
    assert {f.rung for f in bench.run(1.0)} == {0}
    bench.broken = set()
    assert {f.rung for f in bench.run(3.5)} == {0}
    assert {f.rung for f in bench.run(1.0)} == {0, 1}


def test_codecs_may_change_when_a_viewer_comes_who_decodes_only_one() -> None:
    bench = Bench("H264", "VP8")
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.1)
    bench.ladder.set_codecs(["H264", "VP8"])
    assert not bench.opened[0].closed
    bench.ladder.set_codecs(["VP8"])
    first, *_ = bench.run(0.1)
    assert first.codec == "VP8" and first.keyframe and bench.opened[0].closed


def test_a_closed_ladder_holds_nothing_and_may_begin_again() -> None:
    bench = Bench()
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.1)
    bench.ladder.close()
    assert bench.opened[0].closed and bench.run(0.1) == []
    bench.ladder.set_wanted({FULL: 900_000})
    assert bench.run(0.1)[0].keyframe


def test_a_request_for_a_rung_that_nobody_watches_is_forgotten() -> None:
    bench = Bench()
    bench.ladder.request_keyframe(HALF)
    assert bench.run(0.1) == []


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_what_real_encoders_give_can_be_decoded(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h264, "hardware", lambda: None)
    real = Ladder([codec])
    real.set_wanted({FULL: 800_000, HALF: 250_000, QUARTER: 60_000})
    viewers = {rung.index: Viewer(codec) for rung in (FULL, HALF, QUARTER)}
    counts = dict.fromkeys(viewers, 0)
    for number, picture in enumerate(camera(640, 360, 20)):
        for frame in real.encode(picture, 50 + number / 30):
            shown = viewers[frame.rung].show(frame)
            assert (shown.width, shown.height) == (frame.width, frame.height)
            counts[frame.rung] += 1
    assert counts[0] == counts[1] == 20 and 9 <= counts[2] <= 12
    real.close()


def test_a_screen_that_stands_is_encoded_once_and_then_repeated_now_and_then() -> None:
    bench = Bench(screen=True)
    assert bench.ladder.wake() == float("inf")
    bench.ladder.set_wanted({FULL: 900_000})
    assert 5 <= len(bench.run(5.0)) < 8
    (encoder,) = bench.opened
    assert encoder.steered[0][1] == 40 * 23 and {blocks for _, blocks in encoder.steered[1:]} == {0}
    assert bench.now - 1 / 30 < bench.ladder.wake() < bench.now + 2.01


def test_a_screen_has_a_whole_picture_for_whoever_needs_one() -> None:
    bench = Bench(screen=True)
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(2.0)
    bench.ladder.request_keyframe(FULL)
    (keyframe,) = bench.run(0.1)
    assert keyframe.keyframe and bench.opened[0].steered[-1][1] == 40 * 23


def test_a_new_encoder_of_a_screen_begins_with_all_blocks() -> None:
    bench = Bench(screen=True)
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(1.0)
    bench.opened[0].fails = True
    bench.run(1.5)
    assert bench.opened[1].codec == "H264" and bench.opened[1].steered[0][1] == 40 * 23


def test_a_screen_whose_picture_was_dropped_is_tried_again() -> None:
    bench = Bench(screen=True)
    bench.ladder.set_wanted({FULL: 900_000})
    bench.run(0.05)
    bench.opened[0].drops = True
    bench.ladder.request_keyframe(FULL)
    bench.run(0.5)
    assert len(bench.opened[0].pictures) > 5 and bench.opened[0].steered[-1][1] == 40 * 23
