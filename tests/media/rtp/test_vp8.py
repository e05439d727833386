"""VP8 payloads: evenly cut, read back in any form that the RFC allows, and harmless in all others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rtp.vp8 import DESCRIPTOR, Vp8Part, is_keyframe, keyframe_size, parse, split
from tests.media.rtp.pictures import VP8_KEYFRAME as KEYFRAME

DELTA = bytes.fromhex("b10100")


@given(st.binary(min_size=1, max_size=5000), st.integers(DESCRIPTOR + 1, 1300), st.integers(0, 70_000))
def test_a_picture_is_cut_evenly_and_read_back(frame: bytes, budget: int, picture_id: int) -> None:
    payloads = split(frame, False, picture_id, budget)
    lengths = [len(payload) for payload in payloads]
    assert len(set(lengths[:-1])) <= 1 and lengths[-1] <= lengths[0] <= budget
    assert lengths[0] - lengths[-1] < len(lengths), "spread evenly"
    assert len(payloads) == -(-len(frame) // (budget - DESCRIPTOR)), "no more packets than needed"
    parts = [parse(payload) for payload in payloads]
    assert [part and part.start for part in parts] == [True] + [False] * (len(parts) - 1)
    assert {part and part.picture_id for part in parts} == {picture_id % 2**15}
    assert b"".join(part.data for part in parts if part) == frame


def test_of_an_empty_picture_nothing_is_sent() -> None:
    assert split(b"", False, 1, 1150) == []


def test_a_budget_without_room_for_data_is_refused() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        split(b"picture", False, 1, DESCRIPTOR)


@pytest.mark.parametrize(
    ("descriptor", "start", "picture_id"),
    [
        pytest.param("10", True, None, id="no extension"),
        pytest.param("11", False, None, id="start of the second partition"),
        pytest.param("00", False, None, id="middle"),
        pytest.param("908042", True, 0x42, id="picture id of 7 bits"),
        pytest.param("9080c2a1", True, 0x42A1, id="picture id of 15 bits"),
        pytest.param("90e0427733", True, 0x42, id="TL0PICIDX and TID"),
        pytest.param("901033", True, None, id="KEYIDX alone"),
        pytest.param("90f0ffff7733", True, 0x7FFF, id="all"),
    ],
)
def test_each_form_of_descriptor_is_read(descriptor: str, start: bool, picture_id: int | None) -> None:
    head = bytes.fromhex(descriptor)
    assert parse(head + b"data") == Vp8Part(start, picture_id, b"data")
    assert all(parse(head[:length]) is None for length in range(len(head) + 1)), "cut off, or nothing behind it"


@given(st.binary(max_size=40))
def test_no_payload_does_harm(payload: bytes) -> None:
    part = parse(payload)
    assert part is None or (part.data and payload.endswith(part.data))
    keyframe_size(payload)


def test_a_keyframe_tells_its_size() -> None:
    assert is_keyframe(KEYFRAME) and keyframe_size(KEYFRAME) == (640, 480)
    scaled = KEYFRAME[:7] + bytes([KEYFRAME[7] | 0x80, KEYFRAME[8], KEYFRAME[9] | 0x40]) + KEYFRAME[10:]
    assert keyframe_size(scaled) == (640, 480)


@pytest.mark.parametrize("data", [b"", DELTA, KEYFRAME[:9], KEYFRAME[:3] + b"\x9d\x01\x2b" + KEYFRAME[6:]])
def test_what_is_no_keyframe_has_no_size(data: bytes) -> None:
    assert not is_keyframe(data) and keyframe_size(data) is None


def test_a_keyframe_without_pixels_has_no_size() -> None:
    assert keyframe_size(KEYFRAME[:6] + bytes(8)) is None
