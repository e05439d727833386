"""RTCP of one link: what we tell of arrivals and of our clocks, and what the peer's reports change in what we send.

Runs on the event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

from meshconf.media.congestion.arrivals import INTERVAL
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.rtp import rtcp
from meshconf.rtc.feed import Feed
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.rtc.receiver import LinkReceiver
from meshconf.rtc.sender import LinkSender
from meshconf.types import SourceKind

REPORT_EVERY = 1.0
"""Seconds between two sender reports of one stream."""


class LinkReports:
    """The exchange of reports from now until `close`.

    Args:
        sender: Sends them, and does what the peer's ask for.
        receiver: Knows what arrived.
        outgoing: What we send.
        feeds: Where keyframes are asked for.
        estimator: Learns from the peer's reports what the link carries.
        probe: Says when to send a burst.
        round_trip_s: What ICE knows of it.
    """

    def __init__(
        self,
        sender: LinkSender,
        receiver: LinkReceiver,
        outgoing: Mapping[SourceKind, OutgoingStream],
        feeds: Mapping[SourceKind, Feed],
        estimator: LinkEstimator,
        probe: Callable[[LinkEstimator, float], ProbePlan | None],
        round_trip_s: Callable[[], float | None],
    ) -> None:
        self._sender = sender
        self._receiver = receiver
        self._outgoing = outgoing
        self._feeds = feeds
        self._estimator = estimator
        self._probe = probe
        self._round_trip_s = round_trip_s
        self._loop = asyncio.get_running_loop()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._every("turn", INTERVAL, self._turn)
        self._every("reports", REPORT_EVERY, self._send_reports)

    def send(self, packets: Iterable[rtcp.RtcpPacket]) -> None:
        """Send packets, as one datagram."""
        if data := rtcp.build(packets):
            self._sender.send_rtcp(data)

    def hear(self, packet: rtcp.RtcpPacket) -> None:
        """Do what a packet of the peer asks for."""
        match packet:
            case rtcp.CongestionFeedback():
                with self._sender.lock:
                    self._estimator.feedback(packet, time.monotonic())
                self._note_arrivals(packet)
                self._follow_estimate()
            case rtcp.GenericNack(media_ssrc=ssrc, sequences=sequences):
                if (stream := self._own(ssrc)) is not None:
                    self._sender.again(stream, sequences)
            case rtcp.PictureLossIndication(media_ssrc=ssrc):
                if (stream := self._own(ssrc)) is not None and stream.rung is not None:
                    self._feeds[stream.kind].request_keyframe(stream.rung)

    def close(self) -> None:
        """Send nothing of its own any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _note_arrivals(self, feedback: rtcp.CongestionFeedback) -> None:
        for arrivals in feedback.streams:
            if (stream := self._own(arrivals.ssrc)) is not None:
                stream.note_arrivals(arrivals)

    def _own(self, ssrc: int) -> OutgoingStream | None:
        return next((stream for stream in self._outgoing.values() if stream.ssrc == ssrc), None)

    def _follow_estimate(self) -> None:
        self._sender.set_target(self._estimator.target_bps, congested=self._estimator.congested)
        # Who sends nothing learns of no round trip by reports; the consent checks of ICE have one as well.
        trip = self._estimator.rtt_s or self._round_trip_s()
        if trip:
            self._receiver.set_rtt(trip)

    def _turn(self) -> None:
        """Twenty times a second: say what arrived, and see whether the link carries more or less than it did."""
        now = time.monotonic()
        while (report := self._receiver.arrivals.report(now)) is not None:
            self.send([report])
        with self._sender.lock:
            self._estimator.tick(now)
            plan = self._probe(self._estimator, now)
        if plan is not None:
            pictures = (stream for kind, stream in self._outgoing.items() if not kind.is_audio)
            self._sender.probe(pictures, plan.bytes)
        self._follow_estimate()

    def _send_reports(self) -> None:
        now, wall = time.monotonic(), time.time()
        with self._sender.lock:  # a time of one frame beside that of another would spoil lip sync
            fresh = [one for one in self._outgoing.values() if one.last_captured > now - 2 * REPORT_EVERY]
            reports = [stream.report(now, wall) for stream in fresh]
        self.send(reports)

    def _every(self, name: str, seconds: float, what: Callable[[], None]) -> None:
        """At the same moments on all links: the processor wakes up once for all of them."""

        def turn() -> None:
            wait()
            what()

        def wait() -> None:
            following = (self._loop.time() // seconds + 1) * seconds
            self._timers[name] = self._loop.call_at(following, turn)

        wait()
