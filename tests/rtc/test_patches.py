"""Says loudly when a private part of aiortc or aioice that we use has moved or changed.

A failure here after an upgrade: read the library's new code, adapt the hook, then write the new digest down.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from aioice import Candidate, Connection, ice
from aioice.ice import CandidatePair, StunProtocol
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCSctpTransport
from aiortc.codecs import is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcsctptransport import InboundStream
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

from meshconf.rtc import patches
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.internals import (
    announce_streams,
    dtls_of,
    ice_of,
    keep_media_out,
    nominated_pair,
    remote_sections,
    use_certificate,
)
from tests.rtc.wire import sessions

REPLACED = {
    "query_consent": "fe49173a650a378a",
    "datagram_received": "ff4c8b910d45fb3a",
    "get_host_addresses": "d4a54f9a68c39ff1",
    "get_component_candidates": "118597a9fcb703f9",
    "decode_params": "2ee53946e23f05a3",
    "_receive_chunk": "830bae988365ba89",
}
"""Digest of each original that a hook stands in for."""

RELIED_ON: list[tuple[Any, str]] = [
    (RTCDtlsTransport._recv_next, "998076720c05aa13"),
    (RTCDtlsTransport._setup_srtp, "75cc6ec308f16da1"),
    (vars(RTCPeerConnection)["_RTCPeerConnection__connect"], "9199a73a7cde4776"),
    (vars(RTCDtlsTransport)["_RTCDtlsTransport__run"], "24d63d929a104e16"),
    (RTCSctpTransport._handle_data, "8661b724e20776bb"),
    (RTCSctpTransport._receive_data_chunk, "790c2bb8cd0f5dd7"),
    (RTCSctpTransport._receive_sack_chunk, "4b35ccf1372cdec8"),
    (RTCSctpTransport._receive_forward_tsn_chunk, "a7b72a09e9c4bb20"),
    (RTCSctpTransport._update_advanced_peer_ack_point, "b10416e34e18a3db"),
    (InboundStream, "b63993b481ece97b"),
    (RTCRtpSender.stop, "38c1e92baf8e2997"),
    (RTCRtpReceiver.stop, "63734b6894ce67a5"),
    (Session, "73f96aee05655c94"),
]
"""Code that is not replaced, whose inner ways we count on.

What becomes of datagrams that we let through; which keys are whose, with which window; that senders and receivers are
started by two calls and by nothing else, and stop without harm when they never were; how long a session lives. What
SCTP keeps of chunks, how it walks through them, which it gives up, and that a refused one ends the connection.
"""


def _digest(code: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(code).encode()).hexdigest()[:16]


@pytest.mark.parametrize("hook", patches.HOOKS, ids=lambda hook: hook.name)
def test_each_original_is_the_one_that_its_hook_was_written_for(hook: patches.Hook) -> None:
    hook.check()
    assert _digest(hook.original) == REPLACED[hook.name], f"{hook.name} has changed: adapt its hook"


@pytest.mark.parametrize(("code", "digest"), RELIED_ON, ids=lambda value: getattr(value, "__qualname__", ""))
def test_what_the_hooks_rely_on_is_unchanged(code: Callable[..., Any], digest: str) -> None:
    assert _digest(code) == digest, f"{code.__qualname__} has changed: read it and adapt meshconf.rtc"


def test_applying_twice_installs_each_hook_once() -> None:
    patches.apply()
    patches.apply()
    for hook in patches.HOOKS:
        assert vars(hook.owner)[hook.name] is hook.replacement
        assert hook.original is not hook.replacement


@pytest.mark.parametrize(
    ("name", "parameters"), [("query_consent", ("self", "more")), ("gone_in_the_next_version", ("self",))]
)
def test_a_library_that_moved_is_refused(name: str, parameters: tuple[str, ...]) -> None:
    with pytest.raises(patches.HookMoved, match="locked versions"):
        patches.Hook(Connection, name, lambda self: None, parameters).check()


async def test_private_parts_that_are_read_are_where_they_were() -> None:
    connection = RTCPeerConnection()
    certificate = Certificate.generate()
    use_certificate(connection, certificate)
    connection.addTransceiver("video")
    dtls = dtls_of(connection)
    assert dtls.getLocalParameters().fingerprints[0].value == certificate.fingerprint
    assert isinstance(dtls, RTCDtlsTransport) and dtls._ssl is None
    assert dtls._tx_srtp is None and dtls._rx_srtp is None
    inner = ice_of(connection)
    assert inner._nominated == {} and inner._protocols == [] and inner._remote_candidates == []
    assert inner._queue.qsize() == 0 and inner._query_consent_task is None and inner._closing is False
    candidate = Candidate("1", 1, "udp", 1, "10.0.0.1", 1, "host")
    assert candidate._network_host == "10.0.0.1"
    protocol = StunProtocol(inner)
    protocol.local_candidate = candidate
    assert protocol.receiver is inner
    pair = inner._nominated[1] = CandidatePair(protocol, candidate)
    assert nominated_pair(connection) is pair
    assert pair.remote_addr == ("10.0.0.1", 1)
    inner._nominated.clear()
    await connection.close()


async def test_descriptions_announce_our_streams_and_are_read_again() -> None:
    one, other = RTCPeerConnection(), RTCPeerConnection()
    for connection in (one, other):
        transceiver = connection.addTransceiver("video")
        announce_streams(transceiver.sender, 0x1234, 0x5678)
        connection.createDataChannel("ctl")
    await one.setLocalDescription()
    await other.setRemoteDescription(one.localDescription)
    (section,) = remote_sections(other)
    assert [source.ssrc for source in section.ssrc] == [0x1234, 0x5678]
    codecs = other.getTransceivers()[0]._codecs
    repeated = [codec.parameters["apt"] for codec in codecs if is_rtx(codec)]
    assert repeated == [codec.payloadType for codec in codecs if codec.name in ("VP8", "H264")]
    await one.close()
    await other.close()


async def test_aiortc_starts_nothing_for_a_section_that_is_kept_out() -> None:
    connection = RTCPeerConnection()
    transceiver = connection.addTransceiver("video")
    keep_media_out(transceiver)
    threads, tasks = threading.active_count(), len(asyncio.all_tasks())
    await transceiver.sender.send(None)  # type: ignore[arg-type]
    await transceiver.receiver.receive(None)  # type: ignore[arg-type]
    assert (threading.active_count(), len(asyncio.all_tasks())) == (threads, tasks)
    await connection.close()


def test_the_binding_of_libsrtp_is_where_it_was() -> None:
    session = sessions()[0]._tx_srtp
    assert ffi.typeof(session._srtp) is ffi.typeof("srtp_t *")
    for name in ("srtp_protect", "srtp_protect_rtcp", "srtp_unprotect", "srtp_unprotect_rtcp"):
        arguments = [kind.cname for kind in ffi.typeof(getattr(lib, name)).args]
        assert len(arguments) == 3 and arguments[1:] == ["void *", "int *"], name


def test_the_hooked_module_is_the_one_that_is_used() -> None:
    assert sys.modules["aioice.ice"] is ice
    assert "get_host_addresses" in Connection.gather_candidates.__code__.co_names
