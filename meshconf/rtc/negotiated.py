"""What the two descriptions of a link agree on: payload types, and the streams that the peer will send."""

from __future__ import annotations

from dataclasses import dataclass

from aiortc import RTCPeerConnection
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription

from meshconf.errors import ProtocolError
from meshconf.media.encoded import Codec
from meshconf.rtc.description import M_LINES
from meshconf.rtc.internals import remote_sections
from meshconf.types import SourceKind


@dataclass(frozen=True)
class Section:
    """One media section as negotiated."""

    kind: SourceKind
    codecs: dict[int, Codec]
    """What both sides can do, by payload type, the offerer's favourite first."""
    rtx_types: dict[int, int]
    """Payload type of retransmissions by payload type."""
    ssrc: int
    """Of the peer's stream."""
    rtx_ssrc: int | None
    """Of the peer's retransmissions."""


def sections(connection: RTCPeerConnection) -> list[Section]:
    """What was negotiated, in the order of `M_LINES`.

    Raises:
        ProtocolError: The peer announces streams in a way that meshconf does not.
    """
    found = [
        _section(kind, transceiver._codecs, remote)
        for kind, transceiver, remote in zip(
            M_LINES, connection.getTransceivers(), remote_sections(connection), strict=True
        )
    ]
    ssrcs = [ssrc for section in found for ssrc in (section.ssrc, section.rtx_ssrc) if ssrc is not None]
    if len(set(ssrcs)) != len(ssrcs):
        raise ProtocolError("The peer announces two streams under one number.")
    return found


_NAMES: dict[str, Codec] = {"VP8": "VP8", "H264": "H264", "opus": "opus"}


def _section(kind: SourceKind, codecs: list[RTCRtpCodecParameters], remote: MediaDescription) -> Section:
    known: dict[int, Codec] = {}
    repeats: dict[int, int] = {}
    for codec in codecs:
        number, original = codec.payloadType, codec.parameters.get("apt")
        if number is None:
            continue
        if is_rtx(codec) and isinstance(original, int):
            repeats[original] = number
        elif (name := _NAMES.get(codec.name)) is not None:
            known[number] = name
    streams = [source.ssrc for source in remote.ssrc if 0 <= source.ssrc < 1 << 32]
    if not known or len(streams) != (1 if kind.is_audio else 2):
        raise ProtocolError(f"The peer's {kind} section announces no stream that can be used.")
    return Section(kind, known, repeats, streams[0], None if kind.is_audio else streams[1])
