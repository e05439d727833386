"""One encoded picture or block of sound, on its way from an encoder to viewers or from a sender to our decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PictureCodec = Literal["VP8", "H264"]
Codec = Literal[PictureCodec, "opus"]
"""Names as in SDP's rtpmap."""


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """What one call of an encoder gave, whole."""

    codec: Codec
    data: bytes
    """VP8: one frame. H.264: one access unit in Annex B form. Opus: one packet."""
    keyframe: bool
    """Whether decoding can start here; always true for sound."""
    timestamp: int
    """RTP time, unwrapped: 90 kHz for pictures, 48 kHz for sound; the same moment has the same time in every rung."""
    captured: float = 0.0
    """Monotonic seconds of the capture; at a receiver, of the arrival of its last packet."""
    width: int = 0
    """Pixels; 0 where not known."""
    height: int = 0
    rung: int = 0
    """Which rung of its source's ladder it belongs to; 0 is the largest."""
