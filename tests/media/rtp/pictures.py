"""Pictures as encoders write them, cut to what the tests of payloads need."""

from __future__ import annotations

SPS = bytes.fromhex("6742c01eda0280f684000003000400000300f23c58ba80")
PPS = bytes.fromhex("68ce3c80")
"""The parameter sets of an H.264 stream, 640x480."""
IDR = b"\x65\x88" + bytes(range(1, 256)) * 20
DELTA = b"\x41\x9a" + bytes(range(1, 256)) * 10
"""Its slices, as far as their first bytes tell."""
START = b"\0\0\0\1"
"""What stands before each of them in Annex B."""

VP8_KEYFRAME = bytes.fromhex("107c009d012a8002e00100070708")
"""The first bytes of a keyframe of libvpx, 640x480."""


def annex_b(*nal_units: bytes) -> bytes:
    """An H.264 access unit of these."""
    return b"".join(START + unit for unit in nal_units)
