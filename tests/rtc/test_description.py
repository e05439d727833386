"""What a peer's SDP may look like."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from meshconf.rtc.certificate import Certificate
from meshconf.rtc.description import MAX_CANDIDATES, MAX_SDP_CHARS, remote_description
from tests.rtc.support import End, close

OTHER = Certificate.generate().fingerprint


@pytest.fixture
async def offer() -> AsyncIterator[str]:
    end = End()
    yield await end.link.offer()
    await close(end)


def test_the_given_fingerprint_is_the_only_one(offer: str) -> None:
    description = remote_description("offer", offer, OTHER.lower())
    for section in SessionDescription.parse(description.sdp).media:
        assert section.dtls is not None
        assert [(f.algorithm, f.value) for f in section.dtls.fingerprints] == [("sha-256", OTHER)]


CANDIDATE = "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sdp: "",
        lambda sdp: "not an sdp",
        lambda sdp: sdp[: len(sdp) // 2],
        lambda sdp: sdp.replace("m=video", "m=audio", 1),
        lambda sdp: sdp.replace("a=sendrecv", "a=inactive", 1),
        lambda sdp: sdp.replace("a=group:BUNDLE 0", "a=group:BUNDLE 9"),
        lambda sdp: sdp.replace("a=mid:1", "a=mid:0"),
        lambda sdp: sdp.replace("a=max-message-size:262144", "a=max-message-size:10"),
        lambda sdp: sdp.replace("a=ice-ufrag:", "a=candidate:x y z\r\na=ice-ufrag:"),
        lambda sdp: sdp.replace("a=ice-ufrag:", CANDIDATE * (MAX_CANDIDATES + 1) + "a=ice-ufrag:", 1),
        lambda sdp: sdp + "a=x\r\n" * MAX_SDP_CHARS,
        lambda sdp: sdp + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n",
    ],
)
def test_a_description_of_another_shape_is_refused(offer: str, spoil: Callable[[str], str]) -> None:
    spoiled = spoil(offer)
    assert spoiled != offer
    with pytest.raises(ProtocolError):
        remote_description("offer", spoiled, OTHER)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mangled_description_is_accepted_or_refused_and_never_crashes(offer: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(offer) - 1))
    length = data.draw(st.integers(0, 40))
    junk = data.draw(st.text(max_size=20))
    mangled = offer[:at] + junk + offer[at + length :]
    try:
        description = remote_description("offer", mangled, OTHER)
    except ProtocolError:
        return
    for section in SessionDescription.parse(description.sdp).media:
        assert section.dtls is not None
        assert [f.value for f in section.dtls.fingerprints] == [OTHER]
