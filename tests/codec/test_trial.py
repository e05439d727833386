from dataclasses import replace

import av
import numpy as np
import numpy.typing as npt
import pytest

from meshconf.codec import trial
from meshconf.codec.h264 import X264
from meshconf.codec.libav import Format, Implementation, LibavEncoder
from meshconf.media.encoded import EncodedFrame
from tests.codec.pictures import still


def x264() -> LibavEncoder:
    return LibavEncoder(X264, Format(trial.WIDTH, trial.HEIGHT, trial.FPS, 2_000_000, 2_000_000))


class Flawed:
    """x264 with a flaw."""

    def __init__(self, flaw: str) -> None:
        self._x264 = x264()
        self._flaw = flaw
        self._pictures = 0
        self.codec, self.name = self._x264.codec, self._x264.name

    @property
    def bitrate_bps(self) -> int:
        return self._x264.bitrate_bps

    @bitrate_bps.setter
    def bitrate_bps(self, value: int) -> None:
        if self._flaw != "deaf to bitrates":
            self._x264.bitrate_bps = value

    def steer(self, quantizer: int, blocks: npt.NDArray[np.bool_]) -> None:
        self._x264.steer(quantizer, blocks)

    def encode(self, frame: av.VideoFrame, *, keyframe: bool) -> EncodedFrame | None:
        self._pictures += 1
        if self._flaw == "deaf to keyframes":
            keyframe = False
        elif self._flaw == "one more keyframe":
            keyframe |= self._pictures == 10
        elif self._flaw == "another picture":
            frame = still(frame.width, frame.height, frame.pts or 0)
        encoded = self._x264.encode(frame, keyframe=keyframe)
        if encoded is None or self._flaw == "late":
            return None
        if self._flaw == "no parameter sets" and encoded.keyframe:
            return replace(encoded, data=encoded.data[encoded.data.index(b"\x00\x00\x01\x65") :])
        if self._flaw == "not Annex B":
            return replace(encoded, data=len(encoded.data).to_bytes(4, "big") + encoded.data[4:])
        return encoded

    def close(self) -> None:
        self._x264.close()


def test_x264_passes() -> None:
    assert trial.passes(x264(), follows_bitrate=True)
    assert trial.main("libx264") == 0


@pytest.mark.parametrize(
    "flaw",
    [
        "deaf to bitrates",
        "deaf to keyframes",
        "one more keyframe",
        "another picture",
        "late",
        "no parameter sets",
        "not Annex B",
    ],
)
def test_a_flawed_encoder_does_not_pass(flaw: str) -> None:
    assert not trial.passes(Flawed(flaw), follows_bitrate=flaw == "deaf to bitrates")


def test_an_encoder_that_is_renewed_for_a_bitrate_may_give_a_keyframe_then() -> None:
    renewed = Implementation("libx264", "H264", X264.options)
    encoder = LibavEncoder(renewed, Format(trial.WIDTH, trial.HEIGHT, trial.FPS, 2_000_000, 2_000_000))
    assert trial.passes(encoder, follows_bitrate=False)


def test_unknown_names_and_encoders_without_a_driver_fail() -> None:
    assert trial.main("h264_nosuch") == 1
    assert trial.main("h264_nvenc") == 1


def test_bytes_that_are_no_annex_b_have_no_units() -> None:
    assert trial.nal_types(b"") == [] and trial.nal_types(b"\x00\x00\x00\x09\x65") == []
    assert trial.nal_types(b"\x00\x00\x01\x67a\x00\x00\x00\x01\x68b\x00\x00\x01") == [7, 8]
