"""What both ways to opus (libopus itself, PyAV) agree on: an encoder's settings, limits, the coders' few verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from meshconf.media.samples import Samples
from meshconf.types import SAMPLE_RATE

Application = Literal["voip", "music"]
"""What an encoder is tuned for: speech that is understood, or sound as it was."""

MAX_PACKET_SAMPLES = 120 * SAMPLE_RATE // 1000
"""Longest sound of one packet (RFC 6716, 3.2.5)."""

BITRATES = (6_000, 510_000)
"""Range of RFC 6716, 2.1.1; what is asked beyond is set to the nearest."""


def is_stereo(packet: bytes) -> bool:
    """Whether a packet was made of two channels (RFC 6716, 3.1)."""
    return bool(packet and packet[0] & 0x04)


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """Everything that an encoder can be told."""

    bitrate_bps: int
    channels: int
    application: Application
    expected_loss: int
    """Percent of packets that do not arrive; it decides how many bits go into the copy of the last packet."""
    fec: bool
    """Whether each packet may carry a coarse copy of the last one (in-band FEC; RFC 6716, 2.1.7)."""
    dtx: bool
    """Whether silence is not sent (RFC 6716, 2.1.9)."""


class PacketEncoder(Protocol):
    """Makes packets of blocks."""

    def encode(self, samples: Samples) -> bytes:
        """The packet of one block of 20 ms; empty if the coder failed."""

    def apply(self, settings: OpusSettings) -> None:
        """Turn the knobs; channels and application stay as they were."""
