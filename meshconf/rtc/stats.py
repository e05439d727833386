"""How a link is doing: the counters of its media, turned into rates, in the units of the control API."""

from __future__ import annotations

import time
from dataclasses import dataclass

from aiortc import RTCPeerConnection

from meshconf.rtc.ice_hooks import round_trip_s
from meshconf.rtc.internals import ice_of
from meshconf.rtc.transport import MediaTransport


@dataclass(frozen=True)
class LinkStats:
    """A link at one moment."""

    rtt_ms: float | None
    """Smoothed round trip; None before the first measurement."""
    loss: float
    """Share of what we sent lately that was lost, 0 to 1."""
    up_bps: int
    """Bits of media a second sent since the last reading, headers and seals included."""
    down_bps: int
    """The same of what was received."""


class StatsReader:
    """Reads one link's counters; rates span the time between two readings."""

    def __init__(self, connection: RTCPeerConnection, media: MediaTransport) -> None:
        self._connection = connection
        self._media = media
        self._at = time.monotonic()
        self._octets = (0, 0)

    def read(self) -> LinkStats:
        """Take a reading."""
        media = self._media
        now, octets = time.monotonic(), (media.octets_sent, media.octets_received)
        elapsed = max(now - self._at, 0.001)
        up, down = (int(8 * (new - old) / elapsed) for new, old in zip(octets, self._octets, strict=True))
        self._at, self._octets = now, octets
        trip = round_trip_s(ice_of(self._connection))
        return LinkStats(
            rtt_ms=None if trip is None else trip * 1000,
            loss=media.estimator.loss,
            up_bps=up,
            down_bps=down,
        )
