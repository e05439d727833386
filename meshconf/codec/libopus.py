"""Opus (RFC 6716) by libopus itself: an encoder with knobs that turn while it runs, a decoder that makes up and mends.

FFmpeg's wrapper hides what voices need most: concealment of what was lost, the copy of the last packet in the next one
(in-band FEC), silence that costs nothing (DTX). The library lies inside PyAV's wheel; it is tried once, when first
needed, and without one that works everything goes through PyAV (`opus_pyav`), with none of the three.

Any thread may use a coder, one at a time.
"""

from __future__ import annotations

from dataclasses import replace

from meshconf.codec.libopus_binding import LibraryDecoder, LibraryEncoder, load
from meshconf.codec.opus_pyav import PyAVDecoder, PyAVEncoder
from meshconf.codec.opus_settings import (
    BITRATES,
    Application,
    OpusSettings,
    PacketEncoder,
)
from meshconf.errors import LocalProtocolError
from meshconf.media.encoded import EncodedFrame
from meshconf.media.samples import Samples
from meshconf.media.voice.decoder import VoiceDecoder
from meshconf.media.voice.supply import DTX_BYTES
from meshconf.types import BLOCK


class OpusEncoder:
    """Encodes one source of sound once, for everybody who listens: blocks of 20 ms, variable bitrate."""

    def __init__(self, bitrate_bps: int = 32_000, channels: int = 1, application: Application = "voip") -> None:
        """Open an encoder.

        Args:
            bitrate_bps: mean bitrate to keep to.
            channels: 1, or 2 for stereo.
            application: what it is tuned for.

        Raises:
            LocalProtocolError: there are more channels, or none.
        """
        _require_channels(channels)
        self._settings = OpusSettings(_clamp(bitrate_bps, BITRATES), channels, application, 5, True, False)
        library = load()
        self._coder: PacketEncoder = (
            PyAVEncoder(self._settings) if library is None else LibraryEncoder(library, self._settings)
        )
        self._shape = (BLOCK,) if channels == 1 else (BLOCK, channels)
        self._blocks = 0
        self._silent = False

    @property
    def bitrate_bps(self) -> int:
        """Mean bitrate; may be set at any time, without a seam in the sound."""
        return self._settings.bitrate_bps

    @bitrate_bps.setter
    def bitrate_bps(self, bitrate_bps: int) -> None:
        self._apply(replace(self._settings, bitrate_bps=_clamp(bitrate_bps, BITRATES)))

    @property
    def expected_loss(self) -> int:
        """Percent of packets that listeners lose; 5 at first. At 0 no packet carries a copy of the last."""
        return self._settings.expected_loss

    @expected_loss.setter
    def expected_loss(self, percent: int) -> None:
        self._apply(replace(self._settings, expected_loss=_clamp(percent, (0, 100))))

    @property
    def fec(self) -> bool:
        """Whether packets may carry a copy of the last; on at first. libopus decides from bitrate and loss."""
        return self._settings.fec

    @fec.setter
    def fec(self, on: bool) -> None:
        self._apply(replace(self._settings, fec=on))

    @property
    def dtx(self) -> bool:
        """Whether silence is not sent; off at first."""
        return self._settings.dtx

    @dtx.setter
    def dtx(self, on: bool) -> None:
        self._apply(replace(self._settings, dtx=on))

    def encode(self, samples: Samples, captured: float = 0.0) -> EncodedFrame | None:
        """Encode the next 20 ms.

        Args:
            samples: `BLOCK` samples at 48 kHz; for stereo of shape (BLOCK, 2).
            captured: monotonic seconds of the capture.

        Returns:
            One packet; None where there is nothing to send: in silence under `dtx`, once the packet that announces it
            is out. Its timestamp counts all blocks from 0, sent or not; who stops a source and starts it again adds the
            pause.

        Raises:
            LocalProtocolError: the block has another shape.
        """
        if samples.shape != self._shape:
            raise LocalProtocolError("a block of sound to encode has 960 samples of each channel")
        timestamp = self._blocks * BLOCK
        self._blocks += 1
        data = self._coder.encode(samples)
        was_silent, self._silent = self._silent, self._settings.dtx and len(data) <= DTX_BYTES
        if not data or (was_silent and self._silent):
            return None
        return EncodedFrame("opus", data, True, timestamp, captured)

    def _apply(self, settings: OpusSettings) -> None:
        self._settings = settings
        self._coder.apply(settings)


def open_opus_decoder(channels: int = 1) -> VoiceDecoder:
    """A decoder of one voice. Whatever a peer sends ends in samples or in none, and never in an exception.

    Args:
        channels: how many to give; what was sent with more or fewer is mixed.

    Raises:
        LocalProtocolError: there are more than two, or none.
    """
    _require_channels(channels)
    library = load()
    return PyAVDecoder(channels) if library is None else LibraryDecoder(library, channels)


def _clamp(number: int, bounds: tuple[int, int]) -> int:
    return max(bounds[0], min(bounds[1], number))


def _require_channels(channels: int) -> None:
    if channels not in (1, 2):
        raise LocalProtocolError("opus carries one or two channels here")
