"""Frames as packets that all links share, and what is patched for each of them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.media.rtp import h264, vp8
from meshconf.media.rtp.packet import HEADER, parse
from meshconf.media.send.packets import PAYLOAD, Packets, patch

IPV6_UDP_SEAL_RELAY = 40 + 8 + 16 + 2 + 4


def _read(packets: Packets, payload_type: int = 97) -> list[bytes]:
    """The payloads, once the packets are patched as for some link."""
    payloads = []
    for number, packet in enumerate(packets.packets):
        buffer = bytearray(b"??" + packet)
        patch(buffer, 2, payload_type, 65_535 - number)
        read = parse(bytes(buffer[2:]))
        assert read is not None
        assert read[:5] == (payload_type & 0x7F, 65_535 - number, packets.timestamp & 0xFFFFFFFF, 7, payload_type > 127)
        payloads.append(read.payload)
    return payloads


@given(st.integers(4, 60_000), st.integers(0, 2**40), st.booleans())
def test_a_vp8_picture_comes_out_as_it_went_in(size: int, timestamp: int, marker: bool) -> None:
    data = b"\x11" + random.Random(size).randbytes(size - 1)
    packets = Packets(EncodedFrame("VP8", data, False, timestamp), 7, timestamp, 0x1234)
    parts = [vp8.parse(payload) for payload in _read(packets, 97 | marker << 7)]
    assert b"".join(part.data for part in parts if part) == data
    assert [part.start for part in parts if part] == [True] + [False] * (len(parts) - 1)
    assert {part.picture_id for part in parts if part} == {0x1234}
    lengths = list(map(len, packets.packets))
    assert len(set(lengths[:-1])) <= 1 and lengths[-1] <= lengths[0], "the kernel can cut this"
    assert packets.octets == sum(lengths)
    assert max(lengths) + IPV6_UDP_SEAL_RELAY <= 1280


@given(st.lists(st.integers(2, 4_000), min_size=1, max_size=8))
def test_an_h264_picture_comes_out_as_it_went_in(sizes: list[int]) -> None:
    rng = random.Random(len(sizes))
    units = [b"\x65" + rng.randbytes(size - 1).replace(b"\0", b"\1") for size in sizes]
    data = b"".join(b"\0\0\0\1" + unit for unit in units)
    packets = Packets(EncodedFrame("H264", data, True, 5), 7, 5, 0)
    parts = [h264.parse(payload) for payload in _read(packets)]
    assert list(h264.units(b"".join(part.data for part in parts if part))) == units
    assert max(map(len, packets.packets)) <= HEADER + PAYLOAD


def test_sound_is_one_packet_of_any_length() -> None:
    for size in (1, 80, 1_275):
        packets = Packets(EncodedFrame("opus", b"o" * size, True, 960), 7, 960, 3)
        assert _read(packets, 96) == [b"o" * size]


@pytest.mark.parametrize(("codec", "data"), [("VP8", b""), ("H264", b""), ("H264", b"\0\0\0\1\x09\x10")])
def test_a_frame_of_nothing_is_no_packets(codec: Codec, data: bytes) -> None:
    assert Packets(EncodedFrame(codec, data, False, 0), 7, 0, 0).packets == []
