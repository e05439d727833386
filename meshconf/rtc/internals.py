"""Private parts of aiortc that are read or set but not replaced; each has a test that says when it moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aioice import Candidate, Connection
from aiortc import RTCPeerConnection, RTCRtpSender
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport

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


def selected_pair(connection: RTCPeerConnection) -> tuple[Candidate, Candidate] | None:
    """Local and remote candidate in use; None before there is any, and after the end."""
    pair = next(iter(ice_of(connection)._nominated.values()), None)
    return (pair.local_candidate, pair.remote_candidate) if pair else None


def export_keying_material(connection: RTCPeerConnection, label: str, length: int) -> bytes:
    """Keying material of the DTLS session (RFC 5705), equal on both sides.

    Raises:
        LocalProtocolError: There is no established session.
    """
    dtls = dtls_of(connection)
    if dtls.state != "connected" or dtls._ssl is None:
        raise LocalProtocolError("A link has no keys before it is connected.")
    return bytes(dtls._ssl.export_keying_material(label.encode(), length))


def answer_keyframe_requests(sender: RTCRtpSender, answer: Callable[[], None]) -> None:
    """Have a viewer's PLI or FIR call `answer`: aiortc would ask an encoder of its own, and there is none."""
    sender._send_keyframe = answer  # type: ignore[method-assign]


def frames_waiting(track: MediaStreamTrack) -> int:
    """How many decoded frames of a remote track wait to be read."""
    return int(track._queue.qsize())  # type: ignore[attr-defined]


def abandon_sockets(connection: RTCPeerConnection) -> None:
    """Close the sockets without any farewell, when a regular close takes too long."""
    for protocol in ice_of(connection)._protocols:
        protocol.transport.abort()
