"""What the play-out of a voice asks of a decoder."""

from __future__ import annotations

from typing import Protocol

from meshconf.media.samples import Samples


class VoiceDecoder(Protocol):
    """Makes samples of packets; never raises, whatever the bytes."""

    def decode(self, packet: bytes) -> Samples:
        """The sound of a packet, at most 120 ms; none if it is broken."""

    def conceal(self, samples: int) -> Samples:
        """As many made-up samples, going on from what was decoded last."""

    def has_fec(self, packet: bytes) -> bool:
        """Whether the packet carries a copy of the one before it."""

    def recover(self, next_packet: bytes, samples: int) -> Samples:
        """The last `samples` before `next_packet`, from the copy in it."""
