"""How a link is doing: aiortc's counters turned into rates, in the units of the control API."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiortc import RTCPeerConnection
from aiortc.stats import (
    RTCInboundRtpStreamStats,
    RTCOutboundRtpStreamStats,
    RTCRemoteInboundRtpStreamStats,
    RTCStats,
    RTCTransportStats,
)

from meshconf.rtc.description import M_LINES
from meshconf.rtc.feed import FeedTrack
from meshconf.rtc.ice_hooks import round_trip_s
from meshconf.rtc.internals import ice_of
from meshconf.rtc.receive import Received
from meshconf.types import SAMPLE_RATE, SourceKind


@dataclass(frozen=True)
class OutgoingStats:
    """What went out of one source over one link, since the link began."""

    packets: int = 0
    bytes: int = 0
    """Payload, without headers."""
    dropped: int = 0
    """Encoded frames that were not sent because the link was too slow for them."""
    loss: float = 0.0
    """Share of packets that the peer missed lately, 0 to 1."""


@dataclass(frozen=True)
class IncomingStats:
    """What came in of one remote source, since the link began."""

    packets: int = 0
    lost: int = 0
    """Packets that never came; repairs count as come."""
    jitter_ms: float = 0.0
    frames: int = 0
    """Decoded and handed on: pictures, or blocks of sound."""
    dropped: int = 0
    """Decoded and not handed on."""


@dataclass(frozen=True)
class LinkStats:
    """A link at one moment."""

    rtt_ms: float | None
    """Smoothed round trip; None before the first measurement."""
    loss: float
    """Share of packets lost lately, the worse of both directions, 0 to 1."""
    up_bps: int
    """Bits a second sent since the last reading, all included."""
    down_bps: int
    outgoing: Mapping[SourceKind, OutgoingStats]
    incoming: Mapping[SourceKind, IncomingStats]


class StatsReader:
    """Reads one connection's counters; rates span the time between two readings."""

    def __init__(
        self,
        connection: RTCPeerConnection,
        tracks: Mapping[SourceKind, FeedTrack],
        received: Mapping[SourceKind, Received],
    ) -> None:
        self._connection = connection
        self._tracks = tracks
        self._received = received
        self._at = time.monotonic()
        self._octets = (0, 0)
        self._arrivals = (0, 0)

    async def read(self) -> LinkStats:
        """Take a reading."""
        outgoing: dict[SourceKind, OutgoingStats] = {}
        incoming: dict[SourceKind, IncomingStats] = {}
        octets = self._octets
        for kind, transceiver in zip(M_LINES, self._connection.getTransceivers(), strict=True):
            sent = await transceiver.sender.getStats()
            got = await transceiver.receiver.getStats()
            outgoing[kind] = _outgoing(sent.values(), self._tracks[kind])
            incoming[kind] = _incoming(got.values(), self._received[kind], kind)
            for entry in sent.values():
                if isinstance(entry, RTCTransportStats):
                    octets = (entry.bytesSent, entry.bytesReceived)
        up, down = self._rates(octets)
        trip = round_trip_s(ice_of(self._connection))
        return LinkStats(
            rtt_ms=None if trip is None else trip * 1000,
            loss=max(self._incoming_loss(incoming), *(one.loss for one in outgoing.values())),
            up_bps=up,
            down_bps=down,
            outgoing=outgoing,
            incoming=incoming,
        )

    def _rates(self, octets: tuple[int, int]) -> tuple[int, int]:
        now = time.monotonic()
        elapsed = max(now - self._at, 0.001)
        up, down = (int(8 * (new - old) / elapsed) for new, old in zip(octets, self._octets, strict=True))
        self._at, self._octets = now, octets
        return up, down

    def _incoming_loss(self, incoming: Mapping[SourceKind, IncomingStats]) -> float:
        arrived = sum(one.packets for one in incoming.values())
        lost = sum(one.lost for one in incoming.values())
        fresh, missing = arrived - self._arrivals[0], max(0, lost - self._arrivals[1])
        self._arrivals = (arrived, lost)
        return missing / (fresh + missing) if missing else 0.0


def _outgoing(report: Iterable[RTCStats], track: FeedTrack) -> OutgoingStats:
    packets = octets = 0
    loss = 0.0
    for entry in report:
        if isinstance(entry, RTCOutboundRtpStreamStats):
            packets, octets = entry.packetsSent, entry.bytesSent
        elif isinstance(entry, RTCRemoteInboundRtpStreamStats):
            loss = entry.fractionLost / 256
    return OutgoingStats(packets=packets, bytes=octets, dropped=track.dropped, loss=loss)


def _incoming(report: Iterable[RTCStats], received: Received, kind: SourceKind) -> IncomingStats:
    packets = lost = jitter = 0
    for entry in report:
        if isinstance(entry, RTCInboundRtpStreamStats):
            packets, lost, jitter = entry.packetsReceived, entry.packetsLost, entry.jitter
    clock = SAMPLE_RATE if kind.is_audio else 90_000
    return IncomingStats(
        packets=packets,
        lost=max(0, lost),
        jitter_ms=jitter * 1000 / clock,
        frames=received.frames,
        dropped=received.dropped,
    )
