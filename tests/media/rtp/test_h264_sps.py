"""Picture sizes from parameter sets as x264 writes them, and from such as nobody should write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.media.rtp.h264_sps import size


class BitWriter:
    """Writes what `size` reads."""

    def __init__(self) -> None:
        self._bits = ""

    def fixed(self, value: int, count: int) -> BitWriter:
        self._bits += f"{value:0{count}b}"
        return self

    def golomb(self, *values: int) -> BitWriter:
        for value in values:
            self._bits += "0" * ((value + 1).bit_length() - 1) + f"{value + 1:b}"
        return self

    def unit(self) -> bytes:
        bits = self._bits + "1" + "0" * (-(len(self._bits) + 1) % 8)
        return b"\x67" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def high(chroma: int = 1, *, separate: int = 0) -> BitWriter:
    """The front of a parameter set of High 4:4:4 Predictive, up to its scaling lists."""
    writer = BitWriter().fixed(244, 8).fixed(0, 8).fixed(31, 8).golomb(0, chroma)
    if chroma == 3:
        writer.fixed(separate, 1)
    return writer.golomb(0, 0).fixed(0, 1)


def tail(writer: BitWriter, *, columns: int = 20, rows: int = 12, crop: tuple[int, ...] = ()) -> bytes:
    """The rest: picture order of the second kind, and sizes in macroblocks."""
    writer.golomb(0, 2, 1).fixed(0, 1).golomb(columns - 1, rows - 1).fixed(1, 1).fixed(1, 1)
    return writer.fixed(bool(crop), 1).golomb(*crop).unit()


@pytest.mark.parametrize(
    ("unit", "pixels"),
    [
        pytest.param("6742c01eda0280f684000003000400000300f23c58ba80", (640, 480), id="baseline"),
        pytest.param("6742c014da05067e7840000003004000000f23c50aa8", (320, 180), id="cropped"),
        pytest.param("6742c028da01e0089f9610000003001000000303c8f1832a", (1920, 1080), id="full HD"),
        pytest.param("67640015ace4050cfc9080000003008000001e0f8a1524", (320, 180), id="interlaced"),
        pytest.param("67640028acb200f0044fcb08000003000800000301e078c19240", (1920, 1080), id="high"),
    ],
)
def test_what_x264_writes_is_read(unit: str, pixels: tuple[int, int]) -> None:
    assert size(bytes.fromhex(unit)) == pixels


@pytest.mark.parametrize(
    ("chroma", "separate", "pixels"),
    [(0, 0, (314, 185)), (1, 0, (308, 178)), (2, 0, (308, 185)), (3, 0, (314, 185)), (3, 1, (314, 185))],
)
def test_a_crop_counts_in_samples_of_chroma(chroma: int, separate: int, pixels: tuple[int, int]) -> None:
    assert size(tail(high(chroma, separate=separate).fixed(0, 1), crop=(2, 4, 3, 4))) == pixels


def test_scaling_lists_are_passed_over() -> None:
    lists = high().fixed(1, 1)
    lists.fixed(1, 1).golomb(*[1] * 16)  # sixteen deltas of one
    lists.fixed(1, 1).golomb(16)  # a delta of -8: the next scale is zero, which ends the list
    assert size(tail(lists.fixed(0, 6))) == (320, 192)


def test_bytes_that_only_prevent_start_codes_are_passed_over() -> None:
    writer = BitWriter().fixed(66, 8).fixed(0, 8).fixed(0, 8).golomb(63, 0, 2, 1).fixed(0, 1).golomb(19, 11)
    unit = writer.fixed(1, 1).fixed(1, 1).fixed(0, 1).unit()
    assert b"\0\0\2" in unit
    assert size(unit.replace(b"\0\0\2", b"\0\0\3\2")) == (320, 192)


def test_frame_numbers_in_a_cycle_are_passed_over() -> None:
    writer = BitWriter().fixed(66, 8).fixed(0, 8).fixed(30, 8).golomb(0, 0, 1).fixed(0, 1).golomb(0, 0, 3, 5, 6, 7)
    writer.golomb(1).fixed(0, 1).golomb(19, 11).fixed(1, 1).fixed(1, 1).fixed(0, 1)
    assert size(writer.unit()) == (320, 192)


def test_a_picture_of_nothing_or_too_much_has_no_size() -> None:
    assert size(tail(high().fixed(0, 1), crop=(80, 80, 0, 0))) is None
    assert size(tail(high().fixed(0, 1), columns=5000)) is None


def test_a_cut_parameter_set_has_no_size() -> None:
    whole = bytes.fromhex("6742c01eda0280f684")
    assert [size(whole[:length]) for length in range(8)] == [None] * 8


@given(st.binary(max_size=700))
def test_no_bytes_do_harm(data: bytes) -> None:
    size(data)
    size(b"\x67\xf4\0\x1f" + data)
