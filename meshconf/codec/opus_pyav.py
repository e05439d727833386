"""Opus by PyAV, where libopus itself cannot be reached: it encodes and decodes, but neither conceals nor recovers.

What is missing fades out with the end of what came last. New settings mean a new encoder, which is not heard.
"""

from __future__ import annotations

import av
import numpy as np

from meshconf.codec.opus_settings import MAX_PACKET_SAMPLES, OpusSettings
from meshconf.media.samples import Samples, silence
from meshconf.types import BLOCK, SAMPLE_RATE

_LAYOUTS = {1: "mono", 2: "stereo"}


class PyAVEncoder:
    """Encodes with the settings as they are; bitrate, FEC and loss cost a new context when they change."""

    def __init__(self, settings: OpusSettings) -> None:
        self._settings = settings
        self._context = _open_encoder(settings)

    def encode(self, samples: Samples) -> bytes:
        """The packet of one block; empty if FFmpeg refuses."""
        layout = _LAYOUTS[self._settings.channels]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        try:
            return b"".join(bytes(packet) for packet in self._context.encode(frame))
        except av.FFmpegError:
            return b""

    def apply(self, settings: OpusSettings) -> None:
        """Open the encoder again if anything is new."""
        if settings != self._settings:
            self._settings = settings
            self._context = _open_encoder(settings)


class PyAVDecoder:
    """Decodes; what is asked for beyond that is a fade."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._context = av.AudioCodecContext.create("libopus", "r")
        self._context.sample_rate = SAMPLE_RATE
        self._context.layout = _LAYOUTS[channels]
        self._last = silence(BLOCK, self._channels)

    def decode(self, packet: bytes) -> Samples:
        """The samples of a packet; none if FFmpeg refuses it."""
        try:
            frames = self._context.decode(av.Packet(packet)) if packet else []
        except av.FFmpegError:
            frames = []
        parts = [frame.to_ndarray().reshape(-1, self._channels) for frame in frames]
        if not parts:
            return silence(0, self._channels)
        samples = np.concatenate(parts)[:MAX_PACKET_SAMPLES].astype(np.int16)
        self._last = samples.reshape(-1) if self._channels == 1 else samples
        return self._last.copy()

    def conceal(self, samples: int) -> Samples:
        """The last sound backwards, which joins without a step, fading to silence within 20 ms."""
        made = silence(samples, self._channels)
        size = min(samples, BLOCK, self._last.shape[0])
        if size:
            fade = np.linspace(1.0, 0.0, size, dtype=np.float32)
            tail = self._last[::-1][:size]
            made[:size] = tail * (fade if self._channels == 1 else fade[:, None])
            self._last = silence(0, self._channels)
        return made

    def has_fec(self, packet: bytes) -> bool:
        """FFmpeg has no way to it."""
        return False

    def recover(self, next_packet: bytes, samples: int) -> Samples:
        """A concealment, for want of better."""
        return self.conceal(samples)


def _open_encoder(settings: OpusSettings) -> av.AudioCodecContext:
    context = av.AudioCodecContext.create("libopus", "w")
    context.sample_rate = SAMPLE_RATE
    context.layout = _LAYOUTS[settings.channels]
    context.format = "s16"
    context.bit_rate = settings.bitrate_bps
    context.options = {
        "application": "voip" if settings.application == "voip" else "audio",
        "frame_duration": "20",
        "vbr": "on",
        "fec": "1" if settings.fec else "0",
        "packet_loss": str(settings.expected_loss),
    }
    return context
