"""RTP packets: what we write is what we read, and no bytes do harm."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rtp.packet import HEADER, RtpPacket, Unwrapper, parse, write_header


def packet(payload: bytes, *, marker: bool = False, sequence: int = 7) -> bytearray:
    data = bytearray(HEADER) + payload
    write_header(data, 0, payload_type=96, sequence=sequence, timestamp=2**32 + 5, ssrc=0xDEADBEEF, marker=marker)
    return data


def test_a_written_header_is_read_back() -> None:
    read = parse(bytes(packet(b"picture", marker=True, sequence=65_536 + 3)))
    assert read == RtpPacket(96, 3, 5, 0xDEADBEEF, True, b"picture")


def test_sources_extension_and_padding_are_not_payload() -> None:
    data = packet(b"")
    data[0] |= 0x20 | 0x10 | 0x02
    whole = bytes(data) + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4) + b"picture" + b"\0\0\3"
    read = parse(whole)
    assert read is not None and read.payload == b"picture"


@given(st.binary(max_size=80))
def test_no_bytes_do_harm(data: bytes) -> None:
    read = parse(data)
    assert read is None or len(read.payload) <= len(data) - HEADER


@given(st.binary(min_size=HEADER, max_size=60))
def test_no_flags_do_harm(data: bytes) -> None:
    parse(bytes([data[0] & 0x3F | 0x80]) + data[1:])


@given(st.lists(st.integers(-300, 300), max_size=300), st.integers(0, 65_535))
def test_numbers_that_wrap_are_followed_both_ways(steps: list[int], first: int) -> None:
    unwrapper, true = Unwrapper(16), first + 65_536
    assert unwrapper.unwrap(first) == true
    for step in steps:
        true += step
        assert unwrapper.unwrap(true % 65_536) == true


def test_a_number_never_falls_below_zero() -> None:
    unwrapper = Unwrapper(16)
    numbers = [unwrapper.unwrap(n % 65_536) for n in range(200_000, 0, -30_000)]
    assert min(numbers) >= 0
