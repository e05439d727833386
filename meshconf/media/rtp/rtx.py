"""Retransmissions (RFC 4588): a packet sent once more, on an SSRC of its own, behind its original sequence number."""

from __future__ import annotations

from meshconf.media.rtp.packet import RtpPacket


def wrap(payload: bytes, sequence: int) -> bytes:
    """The payload of a retransmission.

    Args:
        payload: of the packet as it was first sent.
        sequence: of that packet; cut to 16 bits.
    """
    return (sequence & 0xFFFF).to_bytes(2, "big") + payload


def unwrap(packet: RtpPacket, *, payload_type: int, ssrc: int) -> RtpPacket | None:
    """The packet as it was first sent; None if there is none inside, as in padding that only probes the link.

    Args:
        packet: received on the SSRC of retransmissions.
        payload_type: the one that the payload type of this retransmission stands for (`apt` in SDP).
        ssrc: the one that this SSRC repeats.
    """
    payload = packet.payload
    if len(payload) <= 2:
        return None
    sequence = int.from_bytes(payload[:2], "big")
    return packet._replace(payload_type=payload_type, sequence=sequence, ssrc=ssrc, payload=payload[2:])
