"""Packets as pieces of pictures."""

from __future__ import annotations

from meshconf.media.encoded import PictureCodec
from meshconf.media.receive.fragments import Fragment, read
from meshconf.media.rtp.packet import RtpPacket
from tests.media.rtp.pictures import DELTA, IDR, PPS, SPS, VP8_KEYFRAME, annex_b


def piece(codec: PictureCodec | None, payload: bytes) -> Fragment:
    return read(RtpPacket(96, 7, 9000, 1, True, payload), codec, 1.5, True)


def test_a_vp8_payload() -> None:
    assert piece("VP8", b"\x10" + VP8_KEYFRAME) == Fragment(
        "VP8", 9000, True, True, True, VP8_KEYFRAME, True, 1.5, True
    )
    assert not piece("VP8", b"\x00" + VP8_KEYFRAME).keyframe, "in the middle of a picture it is no header"


def test_an_h264_payload() -> None:
    assert piece("H264", SPS) == Fragment("H264", 9000, True, True, True, annex_b(SPS), True, 1.5, True)
    assert not piece("H264", DELTA).keyframe and not piece("H264", IDR).keyframe and not piece("H264", PPS).keyframe


def test_padding_is_intact_and_what_is_malformed_is_not() -> None:
    assert piece("VP8", b"").intact and not piece("VP8", b"").data
    assert not piece("VP8", b"\x80").intact and not piece("H264", b"\x80").intact
    assert not piece(None, b"payload").intact, "nobody negotiated its payload type"
