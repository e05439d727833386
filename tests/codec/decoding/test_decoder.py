"""FFmpeg's decoders behind our door: one in, one out; whatever strangers send is a picture or one error."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import cast

import av
import pytest

from meshconf.codec.decoding.decoder import MAX_PIXELS, PictureDecoder, Undecodable
from meshconf.codec.decoding.planes import planes
from meshconf.media import stamp
from meshconf.media.encoded import Codec
from tests.codec.decoding.clips import brightness, clip

CODECS: tuple[Codec, ...] = ("VP8", "H264")


def encoded(encoder: str, form: str, width: int, height: int) -> bytes:
    """One keyframe of a form or size that our own encoders do not make."""
    context = cast(av.VideoCodecContext, av.CodecContext.create(encoder, "w"))
    context.width, context.height, context.pix_fmt, context.time_base = width, height, form, Fraction(1, 30)
    context.framerate = Fraction(30)
    context.options = {"preset": "ultrafast", "tune": "zerolatency"} if encoder == "libx264" else {}
    frame = av.VideoFrame(width, height, form)
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


@pytest.mark.parametrize("codec", CODECS)
def test_each_frame_gives_its_picture_at_once(codec: Codec) -> None:
    decoder = PictureDecoder(codec)
    for number, frame in enumerate(clip(codec, 320, 240, 20)):
        decoded = decoder.decode(frame.data)
        assert decoded is not None
        luma, blue, red = planes(decoded)
        assert stamp.read(luma) == number
        assert abs(int(luma[-20, 160]) - brightness(number)) < 12
        assert luma.shape == (240, 320) and blue.shape == red.shape == (120, 160)


@pytest.mark.parametrize("codec", CODECS)
def test_a_stream_without_its_keyframe_is_undecodable(codec: Codec) -> None:
    decoder = PictureDecoder(codec)
    with pytest.raises(Undecodable):
        decoder.decode(clip(codec, 320, 240, 20)[3].data)


@pytest.mark.parametrize("codec", CODECS)
def test_nothing_is_not_the_end(codec: Codec) -> None:
    decoder = PictureDecoder(codec)
    with pytest.raises(Undecodable):
        decoder.decode(b"")
    assert decoder.decode(clip(codec, 320, 240, 20)[0].data) is not None


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("seed", range(4))
def test_hostile_bytes_are_pictures_or_undecodable(codec: Codec, seed: int) -> None:
    dice = random.Random(seed)
    frames = clip(codec, 320, 240, 20)
    for _ in range(30):
        decoder = PictureDecoder(codec)
        for frame in frames[:4]:
            data = bytearray(frame.data)
            kind = dice.choice(["whole", "cut", "flipped", "noise"])
            if kind == "cut":
                del data[dice.randrange(len(data)) :]
            elif kind == "flipped":
                for _ in range(8):
                    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            elif kind == "noise":
                data = bytearray(dice.randbytes(dice.randrange(1, 2000)))
            try:
                decoded = decoder.decode(bytes(data))
                if decoded is not None:
                    luma, blue, red = planes(decoded)
                    assert luma.size == 4 * blue.size == 4 * red.size
            except Undecodable:
                pass


def test_a_vp8_keyframe_that_claims_too_many_pixels_is_refused_unseen() -> None:
    data = bytearray(clip("VP8", 320, 240, 20)[0].data)
    for width, height, fine in ((3840, 2160, True), (3842, 2160, False), (16383, 16383, False)):
        data[6:10] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
        try:
            PictureDecoder("VP8").decode(bytes(data))
        except Undecodable as error:
            assert fine or str(width) in str(error), "refused by its header"
        else:
            assert fine
    with pytest.raises(Undecodable, match="header"):
        PictureDecoder("VP8").decode(bytes(data[:9]))


@pytest.mark.may_block("one picture of 9 million pixels is encoded")
def test_an_h264_picture_of_too_many_pixels_is_refused() -> None:
    width, height = 4096, 2304
    assert width * height > MAX_PIXELS
    with pytest.raises(Undecodable):
        PictureDecoder("H264").decode(encoded("libx264", "yuv420p", width, height))
