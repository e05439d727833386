"""How a link finds a path: the servers it may ask, and what to call the path that was found."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote

from aioice import Candidate
from aioice.ice import CandidatePair
from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy
from aiortc.rtcicetransport import parse_stun_turn_uri

from meshconf.errors import UsageError
from meshconf.types import LinkPath


@dataclass(frozen=True)
class IceConfig:
    """Where candidates come from; without servers, only this machine's own addresses are offered.

    Raises:
        UsageError: A URL is malformed, or `relay_only` is asked for without a TURN server.
    """

    stun: str | None = None
    """`stun:HOST[:PORT]`; its answer is waited for at most 1.5 s."""
    turn: str | None = None
    """`turn[s]:[USER:PASSWORD@]HOST[:PORT][?transport=udp|tcp]`, user and password percent-encoded."""
    relay_only: bool = False
    """Offer only the TURN server's address, which hides this machine's own from the peer."""
    loopback: bool = False
    """Offer only 127.0.0.1: both ends are on this machine, as in tests and in the demo."""

    def __post_init__(self) -> None:
        if self.relay_only and self.turn is None:
            raise UsageError("--relay-only needs a relay: give one with --turn.")
        for url, schemes in ((self.stun, ("stun:",)), (self.turn, ("turn:", "turns:"))):
            if url is not None and not (url.startswith(schemes) and _well_formed(_server(url))):
                raise UsageError(f"{schemes[0]}HOST:PORT is expected as server address.")

    def configuration(self) -> RTCConfiguration:
        """The same in aiortc's words; the list of servers is never None, which would mean Google's."""
        return RTCConfiguration(
            iceServers=[_server(url) for url in (self.stun, self.turn) if url is not None],
            iceTransportPolicy=RTCIceTransportPolicy.RELAY if self.relay_only else RTCIceTransportPolicy.ALL,
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )


def path_of(pair: CandidatePair | None) -> LinkPath | None:
    """What kind of path a nominated pair takes; None for none."""
    return None if pair is None else classify(pair.local_candidate, pair.remote_candidate)


def classify(local: Candidate, remote: Candidate) -> LinkPath:
    """Name the path between two candidates of a nominated pair."""
    if "relay" in (local.type, remote.type):
        return LinkPath.RELAY
    if local.type == remote.type == "host" and _neighbours(local.host, remote.host):
        return LinkPath.LAN
    return LinkPath.DIRECT


def _server(url: str) -> RTCIceServer:
    scheme, _, rest = url.partition(":")
    login, at, host = rest.rpartition("@")
    if not at:
        return RTCIceServer(urls=url)
    user, _, password = login.partition(":")
    return RTCIceServer(urls=f"{scheme}:{host}", username=unquote(user), credential=unquote(password))


def _well_formed(server: RTCIceServer) -> bool:
    try:
        parse_stun_turn_uri(str(server.urls))
    except ValueError:
        return False
    return True


def _neighbours(one: str, other: str) -> bool:
    try:
        a, b = ipaddress.ip_address(one), ipaddress.ip_address(other)
    except ValueError:  # an mDNS name: only ever used on the same link
        return True
    if a.is_private and b.is_private:
        return True
    # Publicly numbered machines on one cable; the usual prefix lengths, since aioice does not tell the real ones.
    return a.version == b.version and b in ipaddress.ip_network((a, 24 if a.version == 4 else 64), strict=False)
