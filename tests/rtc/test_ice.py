"""Server addresses and the names of paths."""

from __future__ import annotations

import pytest
from aioice import Candidate
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy

from meshconf.errors import UsageError
from meshconf.rtc.ice import IceConfig, classify
from meshconf.types import LinkPath


def _candidate(host: str, kind: str = "host") -> Candidate:
    return Candidate(foundation="1", component=1, transport="udp", priority=1, host=host, port=5000, type=kind)


@pytest.mark.parametrize(
    ("local", "remote", "path"),
    [
        (("192.168.1.4",), ("192.168.1.9",), LinkPath.LAN),
        (("10.0.0.1",), ("192.168.1.9",), LinkPath.LAN),
        (("127.0.0.1",), ("127.0.0.1",), LinkPath.LAN),
        (("fd00::1",), ("fd00::2",), LinkPath.LAN),
        (("198.51.100.7",), ("198.51.100.9",), LinkPath.LAN),
        (("8.8.8.1",), ("8.8.8.2",), LinkPath.LAN),
        (("2a00:1:2:3::1",), ("2a00:1:2:3::2",), LinkPath.LAN),
        (("2a00:1:2:3::1",), ("2a00:1:2:4::2",), LinkPath.DIRECT),
        (("8.8.8.1",), ("9.9.9.2",), LinkPath.DIRECT),
        (("192.168.1.4",), ("8.8.8.2",), LinkPath.DIRECT),
        (("192.168.1.4",), ("192.168.1.9", "srflx"), LinkPath.DIRECT),
        (("192.168.1.4",), ("10.1.1.1", "prflx"), LinkPath.DIRECT),
        (("192.168.1.4", "relay"), ("192.168.1.9",), LinkPath.RELAY),
        (("192.168.1.4",), ("192.168.1.9", "relay"), LinkPath.RELAY),
        (("192.168.1.4",), ("0a6e7f2c.local",), LinkPath.LAN),
    ],
)
def test_the_selected_pair_names_the_path(local: tuple[str], remote: tuple[str], path: LinkPath) -> None:
    assert classify(_candidate(*local), _candidate(*remote)) is path


def test_without_servers_nobody_is_asked() -> None:
    configuration = IceConfig().configuration()
    assert configuration.iceServers == []
    assert configuration.bundlePolicy is RTCBundlePolicy.MAX_BUNDLE
    assert configuration.iceTransportPolicy is RTCIceTransportPolicy.ALL


def test_a_relay_gets_its_name_and_password_decoded() -> None:
    config = IceConfig(stun="stun:a.example", turn="turn:me:p%40ss@b.example:99?transport=tcp", relay_only=True)
    configuration = config.configuration()
    stun, turn = configuration.iceServers or []
    assert (stun.urls, stun.username) == ("stun:a.example", None)
    assert (turn.urls, turn.username, turn.credential) == ("turn:b.example:99?transport=tcp", "me", "p@ss")
    assert configuration.iceTransportPolicy is RTCIceTransportPolicy.RELAY


@pytest.mark.parametrize("url", ["a.example", "turn:a.example", "stun:", "stun:a.example:x", "http://a.example"])
def test_a_malformed_server_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        IceConfig(stun=url)


def test_relay_only_needs_a_relay() -> None:
    with pytest.raises(UsageError):
        IceConfig(relay_only=True)
