"""VP8 over RTP (RFC 7741): cutting pictures into payloads, reading payloads, and what a picture tells of itself.

What we write has a descriptor of four bytes: the extension bit, the start of the first partition, and a picture id of
15 bits. What we read may be anything that the RFC allows, or nothing that it allows.
"""

from __future__ import annotations

from typing import NamedTuple

DESCRIPTOR = 4
"""Bytes before the data in each payload that we write."""

_EXTENDED, _START, _PARTITION = 0x80, 0x10, 0x07
_PICTURE_ID, _TL0_INDEX, _LAYER_OR_KEY_INDEX, _LONG = 0x80, 0x40, 0x30, 0x80

_START_CODE = b"\x9d\x01\x2a"
_KEYFRAME_HEADER = 10


class Vp8Part(NamedTuple):
    """One payload, without its descriptor."""

    start: bool
    """Whether a picture begins here: the start of its first partition."""
    picture_id: int | None
    """7 or 15 bits, which wrap; None where the sender gives none."""
    data: bytes
    """Never empty."""


def split(frame: bytes, keyframe: bool, picture_id: int, budget: int) -> list[bytes]:
    """Cut a picture into payloads, in order.

    All payloads are of one length, but for the last, which may be shorter: UDP segmentation offload asks for that.

    Args:
        frame: one VP8 frame; of an empty one nothing is sent.
        keyframe: not needed here, since the frame itself says so; all payload formats are called alike.
        picture_id: cut to 15 bits.
        budget: the most bytes of a payload, descriptor included.

    Raises:
        ValueError: the budget leaves no room for data.
    """
    if budget <= DESCRIPTOR:
        raise ValueError(f"a payload of {budget} bytes has no room for a picture")
    length = len(frame)
    count = -(-length // (budget - DESCRIPTOR))
    if not count:
        return []
    size = -(-length // count)
    number = (_LONG << 8 | picture_id & 0x7FFF).to_bytes(2, "big")
    first = bytes((_EXTENDED | _START, _PICTURE_ID)) + number
    further = bytes((_EXTENDED, _PICTURE_ID)) + number
    payloads = [further + frame[at : at + size] for at in range(size, length, size)]
    payloads.insert(0, first + frame[:size])
    return payloads


def parse(payload: bytes) -> Vp8Part | None:
    """Read a payload; None if its descriptor is cut off or nothing follows it."""
    length = len(payload)
    if length < 2:
        return None
    first, at, picture_id = payload[0], 1, None
    if first & _EXTENDED:
        extension, at = payload[1], 2
        if extension & _PICTURE_ID:
            if length < 4:
                return None
            picture_id, at = payload[2], 3
            if picture_id & _LONG:
                picture_id, at = (picture_id & 0x7F) << 8 | payload[3], 4
        if extension & _TL0_INDEX:
            at += 1
        if extension & _LAYER_OR_KEY_INDEX:
            at += 1
    if at >= length:
        return None
    return Vp8Part(first & (_START | _PARTITION) == _START, picture_id, payload[at:])


def is_keyframe(data: bytes) -> bool:
    """Whether decoding can start with this frame: told by its tag, and by the start code that has to follow it.

    The first bytes of a frame are enough.
    """
    return len(data) >= _KEYFRAME_HEADER and not data[0] & 0x01 and data[3:6] == _START_CODE


def keyframe_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from the uncompressed header of a keyframe (RFC 6386, 9.1); None if it is none."""
    if not is_keyframe(data):
        return None
    # The upper two bits of each are a wish for scaling, which no decoder carries out.
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    height = int.from_bytes(data[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None
