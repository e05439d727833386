"""One rung of a ladder and its encoder: whose turn it is, and when it may begin anew."""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.video.plane import VideoPlane

from meshconf.codec.encoder import VideoEncoder
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rungs import Rung
from meshconf.media.screen.plan import ScreenPlan

KEYFRAME_INTERVAL_S = 0.3
"""Requests for keyframes of a rung are answered together, at most this often."""
_LINGER_S = 2.0
"""How long an encoder that nobody needs is kept: layouts change back and forth."""
_ALL_PICTURES = 0.9
"""A rung that wants at least this share of the pictures takes all: cameras do not keep time exactly."""


@dataclass(slots=True)
class RungEncoder:
    """One rung of the ladder and its encoder, if it is open."""

    rung: Rung
    bitrate_bps: int | None = None
    """None while nobody watches."""
    encoder: VideoEncoder | None = None
    codec_at: int = 0
    """Which of the ladder's codecs it uses; those before have failed."""
    rests_until: float | None = None
    share: float = 0.0
    """How much of a picture is due: each that comes adds the rung's share, each that is taken takes 1."""
    keyframe_wanted: bool = True
    last_keyframe: float | None = None
    unwanted_since: float | None = None

    def is_stale(self, captured: float) -> bool:
        """Whether nobody has watched for a while."""
        if self.bitrate_bps is not None:
            self.unwanted_since = None
            return False
        if self.unwanted_since is None:
            self.unwanted_since = captured
        return captured - self.unwanted_since >= _LINGER_S

    def is_due(self, captured: float, interval_s: float) -> bool:
        """Whether it takes this picture: evenly as many as its frame rate allows, and one that may be a keyframe."""
        if self.bitrate_bps is None:
            return False
        ratio = self.rung.fps * interval_s
        if ratio >= _ALL_PICTURES:
            ratio = 1.0
        self.share += ratio
        # Halfway between two pictures, so that jitter does not choose now this one, now that.
        if self.share < 1 - ratio / 2 and not self.may_have_keyframe(captured):
            return False
        self.share = max(-0.5, min(0.5, self.share - 1))
        return True

    def encode(self, encoder: VideoEncoder, picture: av.VideoFrame, captured: float) -> EncodedFrame | None:
        """Encode a picture, as a keyframe if one is wanted and not too soon after the last."""
        if self.bitrate_bps is not None and encoder.bitrate_bps != self.bitrate_bps:
            encoder.bitrate_bps = self.bitrate_bps
        frame = encoder.encode(picture, keyframe=self.may_have_keyframe(captured))
        if frame is not None and frame.keyframe:
            self.keyframe_wanted, self.last_keyframe = False, captured
        return frame

    def close(self) -> None:
        """Close the encoder; the next one starts with a keyframe."""
        if self.encoder is not None:
            self.encoder.close()
            self.encoder = None
        self.keyframe_wanted = True

    def may_have_keyframe(self, captured: float) -> bool:
        """Whether one is wanted, and not too soon after the last."""
        last = self.last_keyframe
        return self.keyframe_wanted and (last is None or captured - last >= KEYFRAME_INTERVAL_S)


@dataclass(slots=True)
class ScreenRungEncoder(RungEncoder):
    """A rung of a screen: looks at every new picture, and encodes when its plan says so."""

    plan: ScreenPlan | None = None
    _seen: av.VideoFrame | None = None
    """The picture that the plan has looked at last."""
    _begun: VideoEncoder | None = None
    """The encoder that has encoded something, so that the next picture need not be a keyframe."""

    def is_due(self, captured: float, interval_s: float) -> bool:
        """Whether anybody watches."""
        return self.bitrate_bps is not None

    def encode(self, encoder: VideoEncoder, picture: av.VideoFrame, captured: float) -> EncodedFrame | None:
        """Encode what the plan says of a picture, which may be none of it."""
        if self.bitrate_bps is None:
            return None
        plan = self.plan = self.plan or ScreenPlan(picture.width, picture.height, self.rung.fps)
        if picture is not self._seen:
            plan.look([_pixels(plane) for plane in picture.planes], captured)
            self._seen = picture
        keyframe = self.may_have_keyframe(captured) or encoder is not self._begun
        shot = plan.next(self.bitrate_bps, captured, keyframe=keyframe)
        if shot is None:
            return None
        if encoder.bitrate_bps != self.bitrate_bps:
            encoder.bitrate_bps = self.bitrate_bps
        encoder.steer(shot.quantizer, shot.blocks)
        frame = encoder.encode(picture, keyframe=keyframe)
        if frame is None:
            plan.dropped(captured)
            return None
        self._begun = encoder
        plan.encoded(shot, len(frame.data), captured)
        if frame.keyframe:
            self.keyframe_wanted, self.last_keyframe = False, captured
        return frame


def _pixels(plane: VideoPlane) -> npt.NDArray[np.uint8]:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
