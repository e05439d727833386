"""Encodes one source in every rung that somebody watches, and in no other: each once, however many watch.

A ladder belongs to one thread at a time, its encoder worker. It knows no clock: time is that of the pictures.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import av

from meshconf.codec import h264
from meshconf.codec.choice import open_encoder
from meshconf.codec.encoder import CLOCK_RATE, EncoderFailed, VideoEncoder
from meshconf.codec.scaling import Scaler
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.media.rungs import Rung

_logger = logging.getLogger("meshconf.codec")

KEYFRAME_INTERVAL_S = 0.3
"""Requests for keyframes of a rung are answered together, at most this often."""
_LINGER_S = 2.0
"""How long an encoder that nobody needs is kept: layouts change back and forth."""
_REST_S = 5.0
"""How long a rung in which every codec failed is left alone."""
_ALL_PICTURES = 0.9
"""A rung that wants at least this share of the pictures takes all: cameras do not keep time exactly."""
_FIRST_INTERVAL_S, _LONGEST_INTERVAL_S = 1 / 30, 1.0
"""What is taken for the time between two captures at first, and at most."""
_FIRST_WEIGHT, _INTERVALS = 4, 16
"""Over how many captures that time is averaged, and for how many of them the first guess counts."""

_TIME_BASE = Fraction(1, CLOCK_RATE)

OpenEncoder = Callable[[Codec, Rung, int], VideoEncoder]
"""Opens an encoder for a rung and a first bitrate, or raises EncoderFailed."""


class Ladder:
    """The encoders of one source."""

    def __init__(
        self, codecs: Sequence[Codec] = ("VP8", "H264"), *, screen: bool = False, opens: OpenEncoder | None = None
    ) -> None:
        """Start with nothing wanted.

        Args:
            codecs: what all viewers decode, the preferred one first; the others take over when it fails.
            screen: whether the pictures show text and drawings.
            opens: opens encoders; the best that this machine has by default.
        """
        self._codecs = tuple(codecs)
        self._opens: OpenEncoder = opens or (
            lambda codec, rung, bitrate_bps: open_encoder(
                codec, rung.width, rung.height, rung.fps, bitrate_bps, max_bps=rung.max_bps, screen=screen
            )
        )
        self._scaler = Scaler()
        self._steps: dict[Rung, _Step] = {}
        self._timestamp = -1
        self._captured: float | None = None
        self._interval_s = _FIRST_INTERVAL_S
        self._intervals = _FIRST_WEIGHT

    def set_wanted(self, bitrates_bps: Mapping[Rung, int]) -> None:
        """Say which rungs somebody watches, and with how much each is encoded; a new one starts with a keyframe."""
        for rung, step in self._steps.items():
            if rung not in bitrates_bps:
                step.bitrate_bps = None
        for rung, bitrate_bps in bitrates_bps.items():
            step = self._steps.setdefault(rung, _Step(rung))
            if step.bitrate_bps is None:
                step.keyframe_wanted = True
            step.bitrate_bps = bitrate_bps

    def set_codecs(self, codecs: Sequence[Codec]) -> None:
        """Say anew what all viewers decode, the preferred codec first; encoders of another one are replaced."""
        if tuple(codecs) != self._codecs:
            self._codecs = tuple(codecs)
            for step in self._steps.values():
                step.close()
                step.codec_at, step.rests_until = 0, None

    def request_keyframe(self, rung: Rung) -> None:
        """Somebody cannot decode this rung without one."""
        if step := self._steps.get(rung):
            step.keyframe_wanted = True

    def running(self) -> dict[Rung, str]:
        """The encoders that are open, by name, for statistics."""
        return {rung: step.encoder.name for rung, step in self._steps.items() if step.encoder is not None}

    def encode(self, frame: av.VideoFrame, captured: float) -> list[EncodedFrame]:
        """Encode a picture in every wanted rung whose turn it is, the largest first.

        Args:
            frame: of any size; it is not kept, and only its time is changed.
            captured: monotonic seconds of its capture.

        Returns:
            Frames with one timestamp: 90 kHz of the capture time, strictly growing from call to call.
        """
        self._note_interval(captured)
        self._timestamp = max(round(captured * CLOCK_RATE), self._timestamp + 1)
        frame.pts, frame.time_base = self._timestamp, _TIME_BASE
        self._close_unwanted(captured)
        due = [step for step in self._steps.values() if step.is_due(captured, self._interval_s)]
        due.sort(key=lambda step: step.rung.index)
        pictures = self._scaler.scale(frame, {(step.rung.width, step.rung.height) for step in due})
        encoded = (self._encode_step(step, pictures[step.rung.width, step.rung.height], captured) for step in due)
        return [
            replace(one, captured=captured, rung=step.rung.index)
            for step, one in zip(due, encoded, strict=True)
            if one is not None
        ]

    def close(self) -> None:
        """Close all encoders; the ladder may be used again."""
        for step in self._steps.values():
            step.close()
        self._steps.clear()

    def _note_interval(self, captured: float) -> None:
        if self._captured is not None:
            interval = min(_LONGEST_INTERVAL_S, max(0.0, captured - self._captured))
            self._intervals = min(_INTERVALS, self._intervals + 1)
            self._interval_s += (interval - self._interval_s) / self._intervals
        self._captured = captured

    def _close_unwanted(self, captured: float) -> None:
        stale = [step for step in self._steps.values() if step.is_stale(captured)]
        for step in stale:
            step.close()
            del self._steps[step.rung]
        if stale:
            self._scaler.forget({(rung.width, rung.height) for rung in self._steps})

    def _encode_step(self, step: _Step, picture: av.VideoFrame, captured: float) -> EncodedFrame | None:
        # Each round either succeeds, rules an encoder out, or ends; hardware and x264 are two encoders of one codec.
        for _ in range(len(self._codecs) + 1):
            encoder = step.encoder or self._open(step, captured)
            if encoder is None:
                return None
            try:
                return step.encode(encoder, picture, captured)
            except EncoderFailed as error:
                _logger.warning("%s; another encoder takes over", error)
                step.close()
                if not h264.distrust(encoder.name):
                    step.codec_at += 1
        return None

    def _open(self, step: _Step, captured: float) -> VideoEncoder | None:
        if step.bitrate_bps is None or (step.rests_until is not None and captured < step.rests_until):
            return None
        step.rests_until = None
        for at in range(step.codec_at, len(self._codecs)):
            try:
                step.encoder = self._opens(self._codecs[at], step.rung, step.bitrate_bps)
            except EncoderFailed as error:
                _logger.warning("%s", error)
            else:
                step.codec_at = at
                return step.encoder
        _logger.warning("no encoder works for %dx%d", step.rung.width, step.rung.height)
        step.codec_at, step.rests_until = 0, captured + _REST_S
        return None


@dataclass(slots=True)
class _Step:
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
        if self.share < 1 - ratio / 2 and not self._may_have_keyframe(captured):
            return False
        self.share = max(-0.5, min(0.5, self.share - 1))
        return True

    def encode(self, encoder: VideoEncoder, picture: av.VideoFrame, captured: float) -> EncodedFrame | None:
        """Encode a picture, as a keyframe if one is wanted and not too soon after the last."""
        if self.bitrate_bps is not None and encoder.bitrate_bps != self.bitrate_bps:
            encoder.bitrate_bps = self.bitrate_bps
        frame = encoder.encode(picture, keyframe=self._may_have_keyframe(captured))
        if frame is not None and frame.keyframe:
            self.keyframe_wanted, self.last_keyframe = False, captured
        return frame

    def close(self) -> None:
        """Close the encoder; the next one starts with a keyframe."""
        if self.encoder is not None:
            self.encoder.close()
            self.encoder = None
        self.keyframe_wanted = True

    def _may_have_keyframe(self, captured: float) -> bool:
        last = self.last_keyframe
        return self.keyframe_wanted and (last is None or captured - last >= KEYFRAME_INTERVAL_S)
