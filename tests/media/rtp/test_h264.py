"""H.264 payloads: Annex B to packets and back, keyframes known by their NAL units, and no harm from lying lengths."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rtp.h264 import MOST_UNITS, H264Part, is_keyframe, keyframe_size, parse, split, units
from tests.media.rtp.pictures import DELTA, IDR, PPS, SPS, START, annex_b

UNITS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 23).filter(lambda kind: kind not in (9, 12)), st.integers(0, 3000)).map(
        lambda unit: bytes((unit[0] << 5 | unit[1],)) + b"\x7f" * unit[2]
    ),
    max_size=8,
)


def joined(payloads: list[bytes]) -> bytes:
    parts = [parse(payload) for payload in payloads]
    assert None not in parts
    return b"".join(part.data for part in parts if part)


@given(UNITS, st.integers(4, 1300))
def test_an_access_unit_is_cut_and_read_back(nal_units: list[bytes], budget: int) -> None:
    frame = annex_b(*nal_units)
    payloads = split(frame, False, 0, budget)
    assert all(0 < len(payload) <= budget for payload in payloads)
    assert joined(payloads) == frame


@given(UNITS, st.integers(4, 1300))
def test_the_fragments_of_a_unit_are_of_one_length(nal_units: list[bytes], budget: int) -> None:
    payloads = split(annex_b(*nal_units), False, 0, budget)
    for fragmented, run in groupby(payloads, lambda payload: payload[0] & 0x1F == 28):
        fragments: list[int] = []
        for payload in run if fragmented else ():
            fragments = [] if payload[1] & 0x80 else fragments
            fragments.append(len(payload))
            if payload[1] & 0x40:
                assert len(fragments) > 1 and len(set(fragments[:-1])) == 1
                assert 0 <= fragments[0] - fragments[-1] < len(fragments), "spread evenly"


def test_parameter_sets_share_a_packet() -> None:
    payloads = split(annex_b(SPS, PPS, IDR), True, 0, 1150)
    assert payloads[0][0] & 0x1F == 24 and {payload[0] & 0x1F for payload in payloads[1:]} == {28}
    assert payloads[0][0] & 0x60 == 0x60, "as important as the most important of them"
    parts = [parse(payload) for payload in payloads]
    assert [part and part.start for part in parts] == [True, True] + [False] * (len(parts) - 2)
    assert [part and part.parameters for part in parts] == [True] + [False] * (len(parts) - 1)


def test_a_small_picture_is_one_packet() -> None:
    assert split(annex_b(b"\x41small"), False, 0, 1150) == [b"\x41small"]
    assert len(split(annex_b(SPS, PPS, b"\x65small"), True, 0, 1150)) == 1


def test_delimiters_and_filler_stay_at_home() -> None:
    assert joined(split(annex_b(b"\x09\xf0", SPS, PPS, b"\x65x", b"\x0c\xff\xff"), True, 0, 1150)) == annex_b(
        SPS, PPS, b"\x65x"
    )


def test_start_codes_of_both_lengths_are_found() -> None:
    assert list(units(b"\0\0\1" + SPS + b"\0\0\0\0\1" + PPS + b"\0\0\1\0\0\1\x65x\0\0")) == [SPS, PPS, b"\x65x"]
    assert list(units(b"no start code")) == [] and split(b"", False, 0, 1150) == []


def test_a_budget_without_room_for_data_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        split(annex_b(DELTA), False, 0, 3)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xe5data", id="forbidden bit"),
        pytest.param(b"\x60data", id="type 0"),
        pytest.param(b"\x79\0\1\0\4data", id="STAP-B"),
        pytest.param(b"\x7d\x85\0\1data", id="FU-B"),
        pytest.param(b"\x7c\x85", id="fragment of nothing"),
        pytest.param(b"\x78", id="aggregate of nothing"),
        pytest.param(b"\x78\0", id="length cut off"),
        pytest.param(b"\x78\0\0", id="empty unit"),
        pytest.param(b"\x78\0\5data", id="unit beyond the end"),
    ],
)
def test_what_mode_1_does_not_know_is_refused(payload: bytes) -> None:
    assert parse(payload) is None


@given(st.binary(max_size=60))
def test_no_payload_does_harm(payload: bytes) -> None:
    part = parse(payload)
    assert part is None or part.data
    keyframe_size(payload)
    is_keyframe(START + payload)


def test_a_fragmented_parameter_set_begins_a_keyframe() -> None:
    payloads = split(annex_b(b"\x67" + b"\x7f" * 300), True, 0, 100)
    assert parse(payloads[0]) == H264Part(True, True, START + b"\x67" + payloads[0][2:])


def test_a_keyframe_has_an_idr_slice_and_its_parameters() -> None:
    assert is_keyframe(annex_b(SPS, PPS, IDR))
    assert not is_keyframe(annex_b(IDR)) and not is_keyframe(annex_b(SPS, PPS, DELTA)) and not is_keyframe(b"")


def test_of_a_picture_cut_into_crumbs_only_the_first_are_looked_at() -> None:
    crumbs = [DELTA[:1]] * MOST_UNITS
    assert is_keyframe(annex_b(SPS, IDR, *crumbs))
    assert not is_keyframe(annex_b(SPS, *crumbs, IDR))
    assert keyframe_size(annex_b(*crumbs, SPS)) is None


def test_a_keyframe_tells_its_size() -> None:
    assert keyframe_size(annex_b(SPS, PPS, IDR)) == (640, 480)
    assert keyframe_size(annex_b(DELTA)) is None
