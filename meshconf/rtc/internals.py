"""Private parts of aiortc that are read or set but not replaced; each has a test that says when it moved."""

from __future__ import annotations

import socket
from typing import Any

from aioice import Connection
from aioice.ice import CandidatePair
from aiortc import RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.sdp import MediaDescription

from meshconf.errors import LocalProtocolError
from meshconf.rtc.certificate import Certificate


def private(instance: object, owner: type, name: str) -> Any:
    """Read the attribute that `owner` calls `self.__name`."""
    return vars(instance)[f"_{owner.__name__}__{name}"]


def use_certificate(connection: RTCPeerConnection, certificate: Certificate) -> None:
    """Replace the certificate that aiortc makes for itself; only before the first transceiver exists."""
    private(connection, RTCPeerConnection, "certificates")[:] = [certificate.inner]


def dtls_of(connection: RTCPeerConnection) -> RTCDtlsTransport:
    """The one DTLS transport, which all bundled sections share."""
    return connection.getTransceivers()[0].receiver.transport


def ice_of(connection: RTCPeerConnection) -> Connection:
    """The one ICE connection."""
    return dtls_of(connection).transport._connection


def nominated_pair(connection: RTCPeerConnection) -> CandidatePair | None:
    """The pair of candidates in use; None before there is any, and after the end."""
    return next(iter(ice_of(connection)._nominated.values()), None)


def socket_of(pair: CandidatePair) -> socket.socket | None:
    """asyncio's socket of a pair, which stays its own; None for a relay, and where the transport has none."""
    relayed = pair.local_candidate.type == "relay"
    own: socket.socket | None = None if relayed else pair.protocol.transport.get_extra_info("socket")
    return own


def export_keying_material(connection: RTCPeerConnection, label: str, length: int) -> bytes:
    """Keying material of the DTLS session (RFC 5705), equal on both sides.

    Raises:
        LocalProtocolError: There is no established session.
    """
    dtls = dtls_of(connection)
    if dtls.state != "connected" or dtls._ssl is None:
        raise LocalProtocolError("A link has no keys before it is connected.")
    return bytes(dtls._ssl.export_keying_material(label.encode(), length))


def remote_sections(connection: RTCPeerConnection) -> list[MediaDescription]:
    """The media sections of the peer's description, without that of the data channels."""
    pending, current = (
        private(connection, RTCPeerConnection, f"{stage}RemoteDescription") for stage in ("pending", "current")
    )
    remote = pending or current
    return [section for section in remote.media if section.kind != "application"]


def keep_media_out(transceiver: RTCRtpTransceiver) -> None:
    """Let aiortc negotiate this section and no more: it starts no task, no thread, no decoder for it."""

    async def leave_it(parameters: object) -> None:
        return None

    vars(transceiver.sender)["send"] = vars(transceiver.receiver)["receive"] = leave_it


def announce_streams(sender: RTCRtpSender, ssrc: int, rtx_ssrc: int) -> None:
    """Put these numbers into our descriptions instead of aiortc's random ones."""
    sender._ssrc, sender._rtx_ssrc = ssrc, rtx_ssrc


def abandon_sockets(connection: RTCPeerConnection) -> None:
    """Close the sockets without any farewell, when a regular close takes too long."""
    for protocol in ice_of(connection)._protocols:
        protocol.transport.abort()
