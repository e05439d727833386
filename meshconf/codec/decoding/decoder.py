"""FFmpeg's own VP8 and H.264 decoders: one frame in, one picture out, one thread, nothing larger than 4K.

Knows no stream, no order and no bus. What it is given comes from strangers.
"""

from __future__ import annotations

from typing import cast

import av
from av.codec.context import Flags

from meshconf.media.encoded import Codec
from meshconf.media.rtp import vp8

MAX_PIXELS = 3840 * 2160
"""Pixels of the largest picture that is decoded."""

_DECODERS = {"VP8": "vp8", "H264": "h264"}  # FFmpeg's own vp8 costs a fifth less than libvpx


class Undecodable(Exception):
    """These bytes make no picture; decoding can go on with a keyframe only."""


class PictureDecoder:
    """Decodes one stream.

    Args:
        codec: "VP8" or "H264".
    """

    def __init__(self, codec: Codec) -> None:
        self._is_vp8 = codec == "VP8"
        context = cast(av.VideoCodecContext, av.CodecContext.create(_DECODERS[codec], "r"))
        context.thread_count = 1
        # A stream that reorders pictures would be shown late; calls do not.
        context.flags |= Flags.low_delay
        # Checked by FFmpeg wherever a stream sets its size, before anything is allocated.
        context.options = {"max_pixels": str(MAX_PIXELS)}
        self._context = context

    def decode(self, data: bytes) -> av.VideoFrame | None:
        """Decode one frame.

        Args:
            data: As in `EncodedFrame.data`.

        Returns:
            The newest picture that came out; None for a frame that is not to be shown.

        Raises:
            Undecodable: It is broken, too large, or refers to pictures that never came.
        """
        if not data:
            raise Undecodable("nothing to decode")  # FFmpeg would take it for the end of the stream
        if self._is_vp8:
            _check_vp8(data)
        try:
            pictures = self._context.decode(av.Packet(data))
        except (av.FFmpegError, ValueError) as error:
            raise Undecodable(str(error)) from error
        if any(picture.is_corrupt for picture in pictures):
            raise Undecodable("parts of the picture are made up")
        return pictures[-1] if pictures else None


def _check_vp8(data: bytes) -> None:
    """Read what a keyframe says of its size, before anything is done for it."""
    if data[0] & 1:
        return
    size = vp8.keyframe_size(data)
    if size is None:
        raise Undecodable("a keyframe without its header")
    width, height = size
    if width * height > MAX_PIXELS:
        raise Undecodable(f"a picture of {width}x{height}")
