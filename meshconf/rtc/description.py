"""Checks the SDP of the peer before aiortc sees it: shape, size, and the fingerprint that the handshake vouches for."""

from __future__ import annotations

from aiortc import RTCSessionDescription
from aiortc.sdp import MediaDescription, SessionDescription

from meshconf.errors import ProtocolError
from meshconf.rtc.certificate import checked_fingerprint
from meshconf.rtc.channels import LARGEST_MESSAGE
from meshconf.types import SourceKind

M_LINES = (SourceKind.MIC, SourceKind.CAMERA, SourceKind.SCREEN, SourceKind.MEDIA)
"""The order of the media sections, the same in every description; the data channels follow."""

MAX_SDP_CHARS = 32_768
MAX_CANDIDATES = 64
"""A peer with more addresses than this would make us probe strangers on its behalf."""

_PAYLOAD_TYPES = range(96, 128)
"""What may be handed out (RFC 3551, 6); of the rest some are no numbers of RTP, and some would look like RTCP."""

_SHAPE = [*("audio" if kind.is_audio else "video" for kind in M_LINES), "application"]


def remote_description(kind: str, text: str, fingerprint: str) -> RTCSessionDescription:
    """Turn the peer's SDP into one that can be applied.

    Args:
        kind: "offer" or "answer".
        text: The SDP, untrusted.
        fingerprint: SHA-256 of the certificate that the peer must show; replaces whatever the SDP says.

    Raises:
        ProtocolError: The SDP is not of the one shape that meshconf uses.
    """
    fingerprint = checked_fingerprint(fingerprint)
    if len(text) > MAX_SDP_CHARS:
        raise ProtocolError("The peer's session description is too long.")
    pinned = _pin(text, fingerprint)
    try:
        parsed = SessionDescription.parse(pinned)
    except Exception as error:  # aiortc's parser fails in any way it likes on bad input
        raise ProtocolError("The peer's session description is malformed.") from error
    _check(parsed, fingerprint)
    return RTCSessionDescription(sdp=pinned, type=kind)


def _pin(text: str, fingerprint: str) -> str:
    """Drop every fingerprint and put the right one at session level, from where all sections inherit it."""
    lines = [line for line in text.splitlines() if not line.lower().startswith("a=fingerprint")]
    first_media = next((i for i, line in enumerate(lines) if line.startswith("m=")), len(lines))
    lines.insert(first_media, f"a=fingerprint:sha-256 {fingerprint}")
    return "\r\n".join(lines) + "\r\n"


def _check(parsed: SessionDescription, fingerprint: str) -> None:
    if [section.kind for section in parsed.media] != _SHAPE:
        raise ProtocolError("The peer's session description has other media sections than ours.")
    mids = [section.rtp.muxId for section in parsed.media]
    bundle = next((group.items for group in parsed.group if group.semantic == "BUNDLE"), [])
    if len(set(mids)) != len(mids) or bundle != mids:
        raise ProtocolError("The peer's session description is not bundled.")
    for section in parsed.media:
        _check_section(section, fingerprint)
    limit = parsed.media[-1].sctpCapabilities
    if limit is None or 0 < limit.maxMessageSize < LARGEST_MESSAGE:
        raise ProtocolError("The peer's data channels take only short messages.")


def _check_section(section: MediaDescription, fingerprint: str) -> None:
    shown = section.dtls.fingerprints if section.dtls else []
    if [(f.algorithm, f.value) for f in shown] != [("sha-256", fingerprint)]:
        raise ProtocolError("The peer's session description carries a fingerprint that was not vouched for.")
    if section.kind != "application" and section.direction != "sendrecv":
        raise ProtocolError("The peer's session description closes a media direction.")
    if any(codec.payloadType not in _PAYLOAD_TYPES for codec in section.rtp.codecs):
        raise ProtocolError("The peer's session description gives out payload types that cannot be used.")
    if len(section.ice_candidates) > MAX_CANDIDATES:
        raise ProtocolError("The peer's session description lists too many addresses.")
