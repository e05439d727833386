"""H.264 over RTP (RFC 6184, packetization-mode 1): Annex B to payloads and back.

We write single NAL unit packets, STAP-A for small neighbours (parameter sets), and FU-A for what is larger than a
packet; we read the same three. All else (interleaving) belongs to mode 2, which nobody negotiates.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from meshconf.media.rtp import h264_sps

MOST_UNITS = 256
"""NAL units that are looked at for what a keyframe has: its parameters come first, and its slices are of one kind."""

_START_CODE = b"\0\0\0\1"
_TYPE, _NRI, _FORBIDDEN = 0x1F, 0x60, 0x80
_IDR, _SPS, _DELIMITER, _FILLER = 5, 7, 9, 12
_LAST_SINGLE, _STAP_A, _FU_A = 23, 24, 28
_FU_START, _FU_END = 0x80, 0x40


class H264Part(NamedTuple):
    """One payload as a piece of Annex B: the pieces of a picture, put together in order, are the access unit."""

    start: bool
    """Whether a NAL unit begins here; a picture cannot begin with a piece for which this is false."""
    parameters: bool
    """Whether a sequence parameter set begins here, as it does where a keyframe begins."""
    data: bytes
    """Never empty."""


def split(frame: bytes, keyframe: bool, picture_id: int, budget: int) -> list[bytes]:
    """Cut an access unit into payloads, in order.

    The fragments of one NAL unit are of one length, but for the last, which may be shorter (UDP segmentation offload
    asks for that). Delimiters and filler are left out: timestamp and marker say the same.

    Args:
        frame: one access unit in Annex B form; of one without NAL units nothing is sent.
        keyframe: not needed here; all payload formats are called alike.
        picture_id: not needed here.
        budget: the most bytes of a payload, headers included.

    Raises:
        ValueError: the budget leaves no room for data.
    """
    if budget < 4:
        raise ValueError(f"a payload of {budget} bytes has no room for a picture")
    payloads: list[bytes] = []
    small: list[bytes] = []
    filled = 1
    for unit in units(frame):
        if unit[0] & _TYPE in (_DELIMITER, _FILLER):
            continue
        if filled + 2 + len(unit) > budget:
            payloads += _aggregate(small)
            small, filled = [], 1
        if filled + 2 + len(unit) <= budget:
            small.append(unit)
            filled += 2 + len(unit)
        elif len(unit) <= budget:
            payloads.append(unit)
        else:
            payloads += _fragments(unit, budget)
    return payloads + _aggregate(small)


def parse(payload: bytes) -> H264Part | None:
    """Read a payload; None if it is none of packetization-mode 1, or its lengths lie."""
    if not payload or payload[0] & _FORBIDDEN:
        return None
    kind = payload[0] & _TYPE
    if kind == _FU_A:
        return _parse_fragment(payload)
    if kind == _STAP_A:
        return _parse_aggregate(payload)
    if 1 <= kind <= _LAST_SINGLE:
        return H264Part(True, kind == _SPS, _START_CODE + payload)
    return None


def units(data: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B stream, without start codes; none is empty."""
    at = data.find(b"\0\0\1")
    while at >= 0:
        following = data.find(b"\0\0\1", at + 3)
        # No NAL unit ends with a zero (7.4.1): those before a start code belong to it.
        unit = data[at + 3 : following if following >= 0 else len(data)].rstrip(b"\0")
        if unit:
            yield unit
        at = following


def is_keyframe(data: bytes) -> bool:
    """Whether decoding can start with this access unit (Annex B): it has an IDR slice and the parameters for it."""
    lacking = {_SPS, _IDR}
    for unit in islice(units(data), MOST_UNITS):
        lacking.discard(unit[0] & _TYPE)
        if not lacking:
            return True
    return False


def keyframe_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from the first sequence parameter set in an access unit (Annex B), if it has one."""
    for unit in islice(units(data), MOST_UNITS):
        if unit[0] & _TYPE == _SPS:
            return h264_sps.size(unit)
    return None


def _aggregate(small: list[bytes]) -> list[bytes]:
    if len(small) < 2:
        return small
    importance = max(unit[0] & _NRI for unit in small)
    pieces = [bytes((importance | _STAP_A,))]
    for unit in small:
        pieces += (len(unit).to_bytes(2, "big"), unit)
    return [b"".join(pieces)]


def _fragments(unit: bytes, budget: int) -> list[bytes]:
    length = len(unit) - 1
    count = -(-length // (budget - 2))
    size = -(-length // count)
    indicator, kind = unit[0] & _NRI | _FU_A, unit[0] & _TYPE
    payloads = []
    for at in range(1, len(unit), size):
        flags = (_FU_START if at == 1 else 0) | (_FU_END if at + size > length else 0)
        payloads.append(bytes((indicator, flags | kind)) + unit[at : at + size])
    return payloads


def _parse_fragment(payload: bytes) -> H264Part | None:
    if len(payload) < 3:
        return None
    header = payload[1]
    if not header & _FU_START:
        return H264Part(False, False, payload[2:])
    kind = header & _TYPE
    unit = bytes((payload[0] & _NRI | kind,)) + payload[2:]
    return H264Part(True, kind == _SPS, _START_CODE + unit)


def _parse_aggregate(payload: bytes) -> H264Part | None:
    pieces: list[bytes] = []
    parameters = False
    at = 1
    while at < len(payload):
        end = at + 2 + int.from_bytes(payload[at : at + 2], "big")
        if end > len(payload) or end == at + 2:
            return None
        parameters = parameters or payload[at + 2] & _TYPE == _SPS
        pieces += (_START_CODE, payload[at + 2 : end])
        at = end
    return H264Part(True, parameters, b"".join(pieces)) if pieces else None
