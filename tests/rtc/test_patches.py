"""Says loudly when a private part of aiortc or aioice that we use has moved or changed.

A failure here after an upgrade: read the library's new code, adapt the hook, then write the new digest down.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aioice import Candidate, Connection, ice
from aiortc import RTCPeerConnection, RTCRtpSender
from aiortc.jitterbuffer import JitterBuffer
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from aiortc.rtcrtpreceiver import RemoteStreamTrack, RTCRtpReceiver

from meshconf.rtc import patches
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.internals import dtls_of, ice_of, private, use_certificate

REPLACED = {
    "query_consent": "fe49173a650a378a",
    "datagram_received": "ff4c8b910d45fb3a",
    "get_host_addresses": "d4a54f9a68c39ff1",
    "get_component_candidates": "118597a9fcb703f9",
    "_RTCRtpReceiver__stop_decoder": "108105d17e257dba",
    "_handle_rtp_packet": "4e54983d021a6336",
}
"""Digest of each original that a hook stands in for."""

RELIED_ON: list[tuple[Any, str]] = [
    (RTCRtpSender._next_encoded_frame, "89dd9fa4fb33741c"),
    (RTCRtpSender._handle_rtcp_packet, "a4ee4c7355f8de7a"),
    (JitterBuffer, "17030fbb0982258d"),
]
"""Code that is not replaced, whose inner ways we count on: packets in, keyframe requests, the buffer's fields."""


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
    transceiver = connection.addTransceiver("video")
    receiver = transceiver.receiver
    for name in ("decoder_queue", "decoder_error", "decoder_thread", "codecs", "kind", "timestamp_mapper"):
        private(receiver, RTCRtpReceiver, name)
    assert isinstance(private(receiver, RTCRtpReceiver, "jitter_buffer"), JitterBuffer)
    dtls = dtls_of(connection)
    assert dtls.getLocalParameters().fingerprints[0].value == certificate.fingerprint
    assert isinstance(dtls, RTCDtlsTransport) and dtls._ssl is None
    inner = ice_of(connection)
    assert inner._nominated == {} and inner._protocols == [] and inner._remote_candidates == []
    assert inner._queue.qsize() == 0 and inner._query_consent_task is None
    assert hasattr(RemoteStreamTrack("audio"), "_queue")
    assert callable(transceiver.sender._send_keyframe)
    candidate = Candidate("1", 1, "udp", 1, "10.0.0.1", 1, "host")
    assert candidate._network_host == "10.0.0.1"
    assert issubclass(RemoteStreamTrack, MediaStreamTrack)
    await connection.close()


def test_packets_of_an_unknown_source_still_cannot_be_told_apart() -> None:
    """Once aiortc registers the SSRC of retransmissions, RTX may be offered again: see `PeerLink._add_section`."""
    router = RtpRouter()
    for ssrc in (1, 2):
        router.register_receiver(object(), ssrcs=[ssrc], payload_types=[97, 98])  # type: ignore[arg-type]
    rtx = type("Packet", (), {"ssrc": 3, "payload_type": 98})()
    assert router.route_rtp(rtx) is None


def test_the_hooked_module_is_the_one_that_is_used() -> None:
    assert sys.modules["aioice.ice"] is ice
    assert "get_host_addresses" in Connection.gather_candidates.__code__.co_names
