"""Packets of sound as they are handed on."""

from __future__ import annotations

from meshconf.media.rtp.packet import RtpPacket
from meshconf.rtc.incoming import IncomingSound, SoundPacket
from meshconf.types import SourceKind


def _packet(sequence: int, timestamp: int, payload: bytes = b"opus", payload_type: int = 96) -> RtpPacket:
    return RtpPacket(payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7, False, payload)


def test_numbers_go_on_over_their_wraps_and_back_for_what_is_late() -> None:
    sound = IncomingSound(SourceKind.MIC, 96)
    order = [0, 1, 4, 2, 3, 3]
    taken = [sound.take(_packet(0xFFFE + step, 0xFFFFF000 + step * 960), 1.0 + step) for step in order]
    first = taken[0]
    assert first is not None
    assert taken == [
        SoundPacket(first.sequence + step, first.timestamp + step * 960, b"opus", 1.0 + step) for step in order
    ]
    assert (sound.packets, sound.octets) == (6, 24)


def test_packets_of_another_kind_are_not_sound() -> None:
    sound = IncomingSound(SourceKind.MEDIA, 96)
    assert sound.take(_packet(1, 1, payload_type=0), 0.0) is None
    assert (sound.packets, sound.octets) == (0, 0)
    taken = sound.take(_packet(1, 1, b""), 0.0)
    assert taken is not None and taken.payload == b""
