"""Retransmissions: the packet that comes out is the one that was lost."""

from __future__ import annotations

import pytest

from meshconf.media.rtp.packet import RtpPacket
from meshconf.media.rtp.rtx import unwrap, wrap

LOST = RtpPacket(96, 65_535, 4_000_000_000, 0xCAFE, True, b"payload")


def retransmitted(payload: bytes) -> RtpPacket:
    return RtpPacket(97, 12, LOST.timestamp, 0xBEEF, LOST.marker, payload)


def test_the_lost_packet_comes_back() -> None:
    packet = retransmitted(wrap(LOST.payload, LOST.sequence))
    assert unwrap(packet, payload_type=96, ssrc=0xCAFE) == LOST


def test_an_unwrapped_sequence_number_is_cut_to_its_bits() -> None:
    assert wrap(b"payload", 65_536 + 3) == b"\0\3payload"


@pytest.mark.parametrize("payload", [b"", b"\0", b"\0\3"])
def test_padding_is_no_packet(payload: bytes) -> None:
    assert unwrap(retransmitted(payload), payload_type=96, ssrc=0xCAFE) is None
