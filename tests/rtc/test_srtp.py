"""Sealing in place against pylibsrtp's own sessions, and bytes that are not the peer's."""

from __future__ import annotations

import random

import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport
from hypothesis import given
from hypothesis import strategies as st
from pylibsrtp import Session

from meshconf.media.rtp import rtcp
from meshconf.media.rtp.packet import write_header
from meshconf.rtc.srtp import LONGEST, TRAILER, SealingBuffer, SrtpReceiver, SrtpSender
from tests.rtc.wire import sessions


def _packet(sequence: int, payload: bytes, ssrc: int = 0xABCD) -> bytes:
    packet = bytearray(12) + payload
    write_header(packet, 0, payload_type=97, sequence=sequence, timestamp=9, ssrc=ssrc, marker=False)
    return bytes(packet)


def _sealed(dtls: RTCDtlsTransport, packets: list[bytes]) -> list[bytes]:
    """Packets sealed one behind the other in one buffer, as frames are."""
    sender = SrtpSender(dtls)
    buffer = SealingBuffer(sum(map(len, packets)) + 16 * len(packets) + TRAILER)
    at, sealed = 0, []
    for packet in packets:
        buffer.bytes[at : at + len(packet)] = packet
        length = sender.seal(buffer, at, len(packet))
        sealed.append((at, length))
        at += length
    return [bytes(buffer.view[at : at + length]) for at, length in sealed]


@given(st.lists(st.binary(max_size=1200), min_size=1, max_size=12))
def test_what_is_sealed_in_place_is_what_libsrtp_seals(payloads: list[bytes]) -> None:
    here, there = sessions()
    packets = [_packet(7 + number, payload) for number, payload in enumerate(payloads)]
    sealed = _sealed(here, packets)
    assert [len(data) - len(packet) for data, packet in zip(sealed, packets, strict=True)] == [16] * len(packets)
    theirs: Session = there._rx_srtp
    assert [theirs.unprotect(data) for data in sealed] == packets


def test_what_libsrtp_seals_is_opened() -> None:
    here, there = sessions()
    session: Session = here._tx_srtp
    receiver = SrtpReceiver(there)
    packet = _packet(1, b"sound")
    assert receiver.open(session.protect(packet)) == packet
    report = rtcp.build([rtcp.PictureLossIndication(1, 2)])
    assert receiver.open_rtcp(session.protect_rtcp(report)) == report


def test_reports_go_through_and_one_that_is_too_long_is_not_sent() -> None:
    here, there = sessions()
    sender, receiver = SrtpSender(here), SrtpReceiver(there)
    for octets in (8, 1200, LONGEST - TRAILER):
        report = b"\x80\xc8" + (octets // 4 - 1).to_bytes(2) + bytes(octets - 4)
        sealed = sender.seal_rtcp(report)
        assert receiver.open_rtcp(sealed) == report
    assert sender.seal_rtcp(b"\x80\xc8" + bytes(LONGEST - TRAILER - 1)) == b""
    assert sender.seal_rtcp(b"\x80\xc8" + bytes(10 * LONGEST)) == b""


def test_what_was_here_before_is_told_from_what_is_forged() -> None:
    here, there = sessions()
    receiver = SrtpReceiver(there)
    first, second = _sealed(here, [_packet(1, b"sound"), _packet(2, b"more of it")])
    assert receiver.open(first) is not None and not receiver.repeated
    assert receiver.open(first) is None and receiver.repeated
    assert receiver.open(second[:-1] + bytes([second[-1] ^ 1])) is None and not receiver.repeated
    assert receiver.open(second) is not None and not receiver.repeated


def test_what_is_no_rtp_is_not_sealed() -> None:
    sender = SrtpSender(sessions()[0])
    assert sender.seal(SealingBuffer(100), 0, 4) == 0
    assert sender.seal_rtcp(b"\x80") == b""


def test_a_forged_a_truncated_and_a_repeated_packet_are_refused() -> None:
    here, there = sessions()
    receiver = SrtpReceiver(there)
    packet = _packet(100, b"payload" * 20)
    (sealed,) = _sealed(here, [packet])
    for length in range(len(sealed)):
        assert receiver.open(sealed[:length]) is None
    for at in range(len(sealed)):
        forged = bytearray(sealed)
        forged[at] ^= 0x40
        assert receiver.open(bytes(forged)) is None
    assert receiver.open(sealed + b"x") is None
    assert receiver.open(sealed) == packet
    assert receiver.open(sealed) is None
    (foreign,) = _sealed(sessions()[0], [_packet(101, b"payload")])
    assert receiver.open(foreign) is None


def test_late_packets_within_the_window_are_opened_once_each() -> None:
    here, there = sessions()
    receiver = SrtpReceiver(there)
    sealed = _sealed(here, [_packet(number & 0xFFFF, b"%d" % number) for number in range(65_000, 65_900)])
    first, *rest = sealed
    random.Random(3).shuffle(rest)
    assert receiver.open(first) is not None, "from here on the receiver knows where the numbers wrap"
    assert all(receiver.open(data) is not None for data in rest)
    assert not any(receiver.open(data) for data in sealed)


@pytest.mark.parametrize("octets", [LONGEST + 1, 3 * LONGEST, 65_000])
def test_a_datagram_that_is_too_long_is_refused(octets: int) -> None:
    receiver = SrtpReceiver(sessions()[1])
    assert receiver.open(b"\x80" + bytes(octets - 1)) is None
    assert receiver.open_rtcp(b"\x80\xc8" + bytes(octets - 2)) is None


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x80", b"\x9f\x61", b"\xbf\xff", b"\x80\xc8", b"\xa0\xce"]))
def test_no_bytes_of_a_stranger_are_opened(junk: bytes, start: bytes) -> None:
    receiver = SrtpReceiver(sessions()[1])
    assert receiver.open(start + junk) is None
    assert receiver.open_rtcp(start + junk) is None
