"""Which codec and which encoder: what this machine has, what the viewers decode, and what the processor can afford."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import av

from meshconf.codec import h264, vp8
from meshconf.codec.encoder import EncoderFailed, VideoEncoder
from meshconf.codec.libav import LIBVPX, Format, LibavEncoder
from meshconf.codec.vp8 import Vp8Encoder
from meshconf.media.encoded import Codec

_logger = logging.getLogger("meshconf.codec")

_CEILING = 4
"""How far above its first bitrate an encoder may have to go, where nobody says so."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A codec and why it was taken, for statistics and logs."""

    codec: Codec
    reason: str


def available_codecs() -> tuple[Codec, ...]:
    """What can be encoded here, best supported first; the first call may take a second or two.

    Every WebRTC endpoint decodes both (RFC 7742, 5), but a libavcodec may be built without either encoder.
    """
    vp8_here = vp8.works() or LIBVPX.name in av.codecs_available
    h264_here = h264.software() or h264.hardware() is not None
    found: list[Codec] = []
    if vp8_here:
        found.append("VP8")
    if h264_here:
        found.append("H264")
    return tuple(found)


def preferred(decodable: Collection[Codec], *, cpu_short: bool = False) -> Choice:
    """The codec to use now.

    Args:
        decodable: what every viewer decodes.
        cpu_short: whether this machine falls behind.

    Raises:
        EncoderFailed: nothing that we can encode can be decoded by all.
    """
    usable = [codec for codec in available_codecs() if codec in decodable]
    if not usable:
        raise EncoderFailed("no video codec is common to this machine and all viewers")
    if "H264" in usable and (hardware := h264.hardware()):
        choice = Choice("H264", f"{hardware.name} encodes in hardware")
    elif len(usable) == 1:
        choice = Choice(usable[0], "the only video codec common to all")
    elif cpu_short:
        choice = Choice("H264", "the processor is short, and x264 costs half of VP8")
    else:
        choice = Choice("VP8", "the most even picture for the bitrate without hardware")
    _logger.debug("%s: %s", choice.codec, choice.reason)
    return choice


def by_preference(decodable: Sequence[Codec], *, cpu_short: bool = False) -> tuple[Codec, ...]:
    """The codecs that all viewers decode, the one to use now first; see `preferred`."""
    first = preferred(decodable, cpu_short=cpu_short).codec
    return (first, *(codec for codec in decodable if codec != first))


def open_encoder(
    codec: Codec,
    width: int,
    height: int,
    fps: int,
    bitrate_bps: int,
    *,
    max_bps: int | None = None,
    screen: bool = False,
) -> VideoEncoder:
    """Open the best encoder of a codec that works.

    Args:
        codec: VP8 or H264.
        width: pixels, even.
        height: pixels, even.
        fps: highest frame rate that will come.
        bitrate_bps: mean bitrate to begin with.
        max_bps: highest bitrate that will be asked for; going beyond may cost a keyframe.
        screen: whether the pictures show text and drawings.

    Raises:
        ValueError: the size is odd, anything is not positive, or the codec is none for pictures.
        EncoderFailed: no encoder of this codec works here.
    """
    wanted = Format(width, height, fps, bitrate_bps, max(bitrate_bps, max_bps or _CEILING * bitrate_bps))
    if codec == "H264":
        return h264.open_h264(wanted)
    if codec != "VP8":
        raise ValueError(f"{codec} is no codec for pictures")
    if vp8.works():
        return Vp8Encoder(width, height, fps, bitrate_bps, screen=screen)
    return LibavEncoder(LIBVPX, wanted)
