"""What the tests of several encoders have in common: bitrates that change, and a decoder that proves the frames."""

from __future__ import annotations

import av

from meshconf.codec.encoder import VideoEncoder
from meshconf.media.encoded import EncodedFrame
from tests.codec.pictures import camera, psnr

_DECODERS = {"VP8": "vp8", "H264": "h264"}


class Viewer:
    """Decodes what an encoder gave, as a viewer would."""

    def __init__(self, codec: str) -> None:
        decoder = av.CodecContext.create(_DECODERS[codec], "r")
        assert isinstance(decoder, av.VideoCodecContext)
        self._decoder = decoder
        self._decoder.thread_count = 1

    def show(self, frame: EncodedFrame) -> av.VideoFrame:
        """The one picture in a frame."""
        (shown,) = self._decoder.decode(av.Packet(frame.data))
        return shown


def assert_follows_bitrate(encoder: VideoEncoder, width: int, height: int) -> None:
    """1500, 300 and 1500 kbit/s for five seconds each, obeyed within 15 % a second and a half after each change."""
    viewer = Viewer(encoder.codec)
    bits: list[int] = []
    for number, picture in enumerate(camera(width, height, 450)):
        if number in (150, 300):
            encoder.bitrate_bps = 300_000 if number == 150 else 1_500_000
        frame = encoder.encode(picture, keyframe=False)
        bits.append(8 * len(frame.data) if frame else 0)
        if frame is not None:
            assert frame.keyframe == (number == 0), f"keyframe at {number}"
            assert psnr(picture, viewer.show(frame)) > 18
    for start, wanted in ((45, 1_500_000), (195, 300_000), (345, 1_500_000)):
        rate = sum(bits[start : start + 105]) * 30 / 105
        assert 0.85 * wanted < rate < 1.15 * wanted, (start, rate)
