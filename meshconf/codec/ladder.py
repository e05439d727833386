"""Encodes one source in every rung that somebody watches, and in no other: each once, however many watch.

A ladder belongs to one thread at a time, its encoder worker. It knows no clock: time is that of the pictures.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

import av

from meshconf.codec import h264
from meshconf.codec.choice import open_encoder
from meshconf.codec.encoder import EncoderFailed, VideoEncoder
from meshconf.codec.rung_encoder import RungEncoder, ScreenRungEncoder
from meshconf.codec.scaling import Scaler
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.media.rungs import Rung
from meshconf.types import PICTURE_CLOCK, PICTURE_TIME_BASE

_logger = logging.getLogger("meshconf.codec")

_REST_S = 5.0
"""How long a rung in which every codec failed is left alone."""
_FIRST_INTERVAL_S, _LONGEST_INTERVAL_S = 1 / 30, 1.0
"""What is taken for the time between two captures at first, and at most."""
_FIRST_WEIGHT, _INTERVALS = 4, 16
"""Over how many captures that time is averaged, and for how many of them the first guess counts."""


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
        self._encoders: dict[Rung, RungEncoder] = {}
        self._make = ScreenRungEncoder if screen else RungEncoder
        self._timestamp = -1
        self._captured: float | None = None
        self._interval_s = _FIRST_INTERVAL_S
        self._intervals = _FIRST_WEIGHT

    def set_wanted(self, bitrates_bps: Mapping[Rung, int]) -> None:
        """Say which rungs somebody watches, and with how much each is encoded; a new one starts with a keyframe."""
        for rung, slot in self._encoders.items():
            if rung not in bitrates_bps:
                slot.bitrate_bps = None
        for rung, bitrate_bps in bitrates_bps.items():
            slot = self._encoders.setdefault(rung, self._make(rung))
            if slot.bitrate_bps is None:
                slot.keyframe_wanted = True
            slot.bitrate_bps = bitrate_bps

    def set_codecs(self, codecs: Sequence[Codec]) -> None:
        """Say anew what all viewers decode, the preferred codec first; encoders of another one are replaced."""
        if tuple(codecs) != self._codecs:
            self._codecs = tuple(codecs)
            for slot in self._encoders.values():
                slot.close()
                slot.codec_at, slot.rests_until = 0, None

    def request_keyframe(self, rung: Rung) -> None:
        """Somebody cannot decode this rung without one."""
        if slot := self._encoders.get(rung):
            slot.keyframe_wanted = True

    def running(self) -> dict[Rung, str]:
        """The encoders that are open, by name, for statistics."""
        return {rung: slot.encoder.name for rung, slot in self._encoders.items() if slot.encoder is not None}

    def wake(self) -> float:
        """When the last picture should be encoded again if no other comes: monotonic seconds; never for cameras."""
        plans = (
            slot.plan for slot in self._encoders.values() if isinstance(slot, ScreenRungEncoder) and slot.bitrate_bps
        )
        return min((plan.wake for plan in plans if plan is not None), default=inf)

    def encode(self, frame: av.VideoFrame, captured: float) -> list[EncodedFrame]:
        """Encode a picture in every wanted rung whose turn it is, the largest first.

        Args:
            frame: of any size; it is not kept, and only its time is changed.
            captured: monotonic seconds of its capture.

        Returns:
            Frames with one timestamp: 90 kHz of the capture time, strictly growing from call to call.
        """
        self._note_interval(captured)
        self._timestamp = max(round(captured * PICTURE_CLOCK), self._timestamp + 1)
        frame.pts, frame.time_base = self._timestamp, PICTURE_TIME_BASE
        self._close_unwanted(captured)
        due = [slot for slot in self._encoders.values() if slot.is_due(captured, self._interval_s)]
        due.sort(key=lambda slot: slot.rung.index)
        pictures = self._scaler.scale(frame, {(slot.rung.width, slot.rung.height) for slot in due})
        encoded = (self._encode_rung(slot, pictures[slot.rung.width, slot.rung.height], captured) for slot in due)
        return [
            replace(one, captured=captured, rung=slot.rung.index)
            for slot, one in zip(due, encoded, strict=True)
            if one is not None
        ]

    def close(self) -> None:
        """Close all encoders; the ladder may be used again."""
        for slot in self._encoders.values():
            slot.close()
        self._encoders.clear()

    def _note_interval(self, captured: float) -> None:
        if self._captured is not None:
            interval = min(_LONGEST_INTERVAL_S, max(0.0, captured - self._captured))
            self._intervals = min(_INTERVALS, self._intervals + 1)
            self._interval_s += (interval - self._interval_s) / self._intervals
        self._captured = captured

    def _close_unwanted(self, captured: float) -> None:
        stale = [slot for slot in self._encoders.values() if slot.is_stale(captured)]
        for slot in stale:
            slot.close()
            del self._encoders[slot.rung]
        if stale:
            self._scaler.forget({(rung.width, rung.height) for rung in self._encoders})

    def _encode_rung(self, slot: RungEncoder, picture: av.VideoFrame, captured: float) -> EncodedFrame | None:
        # Each round either succeeds, rules an encoder out, or ends; hardware and x264 are two encoders of one codec.
        for _ in range(len(self._codecs) + 1):
            encoder = slot.encoder or self._open(slot, captured)
            if encoder is None:
                return None
            try:
                return slot.encode(encoder, picture, captured)
            except EncoderFailed as error:
                _logger.warning("%s; another encoder takes over", error)
                slot.close()
                if not h264.distrust(encoder.name):
                    slot.codec_at += 1
        return None

    def _open(self, slot: RungEncoder, captured: float) -> VideoEncoder | None:
        if slot.bitrate_bps is None or (slot.rests_until is not None and captured < slot.rests_until):
            return None
        slot.rests_until = None
        for at in range(slot.codec_at, len(self._codecs)):
            try:
                slot.encoder = self._opens(self._codecs[at], slot.rung, slot.bitrate_bps)
            except EncoderFailed as error:
                _logger.warning("%s", error)
            else:
                slot.codec_at = at
                return slot.encoder
        _logger.warning("no encoder works for %dx%d", slot.rung.width, slot.rung.height)
        slot.codec_at, slot.rests_until = 0, captured + _REST_S
        return None
