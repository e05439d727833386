"""Voices for aiortc: packets of PyAV around what our own encoder makes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av

from meshconf.codec import libopus
from meshconf.codec.opus_settings import Samples
from meshconf.types import SAMPLE_RATE


class OpusEncoder:
    """Encodes one sound source once, for everybody who listens."""

    def __init__(self, bitrate_bps: int = 32_000) -> None:
        """Open the encoder.

        Args:
            bitrate_bps: mean bitrate to keep to.
        """
        self._encoder = libopus.OpusEncoder(bitrate_bps)

    def encode(self, samples: Samples) -> list[av.Packet[Any]]:
        """Encode the next 20 ms.

        Args:
            samples: `BLOCK` mono samples at 48 kHz.

        Returns:
            One packet, its pts as the timestamp of `libopus.OpusEncoder`.

        Raises:
            LocalProtocolError: the block has another length.
        """
        frame = self._encoder.encode(samples)
        if frame is None:
            return []
        packet: av.Packet[Any] = av.Packet(frame.data)
        packet.pts = packet.dts = frame.timestamp
        packet.time_base = Fraction(1, SAMPLE_RATE)
        return [packet]
