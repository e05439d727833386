"""Opus through libopus, set for voices: 20 ms, variable bitrate, with redundancy for a loss of 5 %.

An encoder belongs to one thread at a time; a block takes a quarter of a millisecond.
"""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from meshconf.errors import LocalProtocolError
from meshconf.types import BLOCK, SAMPLE_RATE

_TIME_BASE = Fraction(1, SAMPLE_RATE)


class OpusEncoder:
    """Encodes one sound source once, for everybody who listens."""

    def __init__(self, bitrate_bps: int = 32_000) -> None:
        """Open the encoder.

        Args:
            bitrate_bps: mean bitrate to keep to.
        """
        context = av.AudioCodecContext.create("libopus", "w")
        context.sample_rate = SAMPLE_RATE
        context.layout = "mono"
        context.format = "s16"
        context.time_base = _TIME_BASE
        context.bit_rate = bitrate_bps
        context.options = {
            "application": "voip",
            "frame_duration": "20",
            "vbr": "on",
            "fec": "1",
            "packet_loss": "5",
        }
        self._context = context
        self._blocks = 0

    def encode(self, samples: npt.NDArray[np.int16]) -> list[av.Packet[av.AudioStream]]:
        """Encode the next 20 ms.

        Args:
            samples: `BLOCK` mono samples at 48 kHz.

        Returns:
            One packet. Its pts counts samples at 48 kHz from 0, gapless over the encoder's life: who stops a source and
            starts it again adds the pause.

        Raises:
            LocalProtocolError: the block has another length.
        """
        if samples.shape != (BLOCK,):
            raise LocalProtocolError("a block of sound to encode has 960 samples")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, dtype=np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = _TIME_BASE
        frame.pts = self._blocks * BLOCK
        packets = list(self._context.encode(frame))
        for packet in packets:
            # libopus counts its look-ahead as negative time; RTP wants the time of the block.
            packet.pts = packet.dts = self._blocks * BLOCK
            self._blocks += 1
        return packets
