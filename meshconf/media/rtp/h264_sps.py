"""The picture size in a sequence parameter set of H.264 (7.3.2.1.1): the one thing of it that a receiver wants to know.

The bytes come from a peer: every loop ends with the bits, and what makes no sense is no size.
"""

from __future__ import annotations

_WITH_CHROMA_FORMAT = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""profile_idc values whose parameter sets tell their chroma format."""

_READ = 512
"""Bytes looked at; sizes stand near the front, even after scaling lists."""

_LARGEST = 16384
"""Pixels of a side; no level allows more."""


def size(unit: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, cropped.

    Args:
        unit: the NAL unit, its header byte included.
    """
    try:
        return _size(_Bits(unit[1:_READ].replace(b"\0\0\3", b"\0\0")))
    except EOFError:
        return None


class _Bits:
    """Reads bits, the highest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """An unsigned number of `count` bits, u(n); EOFError at the end."""
        self._left -= count
        if self._left < 0:
            raise EOFError
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        """An Exp-Golomb number, ue(v) (9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """The same with a sign, se(v) (9.1.1)."""
        number = self.unsigned()
        return (number + 1) // 2 if number & 1 else -(number // 2)


def _size(bits: _Bits) -> tuple[int, int] | None:
    profile = bits.take(8)
    bits.take(16)  # constraints, level
    bits.unsigned()  # its id
    chroma, separate = 1, 0
    if profile in _WITH_CHROMA_FORMAT:
        chroma = bits.unsigned()
        if chroma == 3:
            separate = bits.take(1)
        bits.unsigned()  # bit depths
        bits.unsigned()
        bits.take(1)
        if bits.take(1):
            _skip_scaling_lists(bits, 12 if chroma == 3 else 8)
    bits.unsigned()  # bits of frame numbers
    _skip_picture_order(bits)
    bits.unsigned()  # reference frames
    bits.take(1)
    columns, rows = bits.unsigned() + 1, bits.unsigned() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    left = right = top = bottom = 0
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
    # Crops count in samples of chroma (table 6-1, 7-19 to 7-22), rows of fields twice.
    subsampled = chroma if not separate else 0
    across = 2 if subsampled in (1, 2) else 1
    down = (2 if subsampled == 1 else 1) * (2 - frames_only)
    width = 16 * columns - across * (left + right)
    height = 16 * rows * (2 - frames_only) - down * (top + bottom)
    return (width, height) if 0 < width <= _LARGEST and 0 < height <= _LARGEST else None


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.unsigned()
        bits.unsigned()
        for _ in range(bits.unsigned()):
            bits.unsigned()


def _skip_scaling_lists(bits: _Bits, count: int) -> None:
    for number in range(count):
        if not bits.take(1):
            continue
        scale = 8
        for _ in range(16 if number < 6 else 64):
            if scale:  # zero ends the list
                scale = (scale + bits.signed()) % 256
