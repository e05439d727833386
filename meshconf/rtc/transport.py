"""The media of one link: RTP and RTCP over the DTLS transport that aiortc set up, both ways, without aiortc's own.

Ties together the route (`route`), what goes out (`sender`, `outgoing`), what comes in (`receiver`, `incoming`) and the
reports about both (`reports`). Runs on the event loop, but for `submit`, which the encoding threads call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiortc import RTCPeerConnection

from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.rtp import rtcp
from meshconf.media.send.packets import Packets
from meshconf.rtc.feed import Feed
from meshconf.rtc.incoming import IncomingPictures, IncomingSound
from meshconf.rtc.internals import dtls_of
from meshconf.rtc.negotiated import sections
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.rtc.receiver import LinkReceiver, MediaSink
from meshconf.rtc.reports import LinkReports
from meshconf.rtc.route import MediaRoute
from meshconf.rtc.sender import LinkSender
from meshconf.rtc.srtp import SrtpReceiver, SrtpSender
from meshconf.types import LinkPath, SourceKind

log = logging.getLogger("meshconf.rtc")

FOLLOW_EVERY = 1.0
"""Seconds between two looks at what pair of candidates ICE uses."""

START_BPS = {LinkPath.LAN: 3_000_000, LinkPath.DIRECT: 800_000, LinkPath.RELAY: 500_000}
"""Where the rate of a link begins: a LAN nearly always carries a whole picture, and then nobody sees it grow."""


class MediaTransport:
    """All media of one link.

    Args:
        feeds: What we send.
        sink: Takes what arrives.
        probe: Says when to send a burst.
    """

    def __init__(
        self,
        feeds: Mapping[SourceKind, Feed],
        sink: MediaSink,
        probe: Callable[[LinkEstimator, float], ProbePlan | None],
    ) -> None:
        self._feeds = feeds
        self._probe = probe
        self._loop = asyncio.get_running_loop()
        self._route: MediaRoute | None = None
        self._follower: asyncio.TimerHandle | None = None
        self._sender: LinkSender | None = None
        self._receiver = LinkReceiver(sink, {kind: feed.ssrc for kind, feed in feeds.items()})
        self._rtcp: LinkReports | None = None
        self.estimator = LinkEstimator()
        """What the link carries."""
        # Pictures wait for `show`: a keyframe that comes before the peer knows whose it is would be thrown away there,
        # and the next one may come no sooner than 0.3 s later.
        self.outgoing = {
            kind: OutgoingStream(kind, feed.ssrc, feed.rtx_ssrc, rung=0 if kind.is_audio else None)
            for kind, feed in feeds.items()
        }

    @property
    def running(self) -> bool:
        """Whether media can go out."""
        return self._sender is not None

    @property
    def octets_sent(self) -> int:
        """Bytes of RTP and RTCP that left, seals included."""
        return self._sender.octets if self._sender else 0

    @property
    def octets_received(self) -> int:
        """Bytes of RTP and RTCP that arrived, seals included."""
        return self._receiver.octets

    @property
    def sounds(self) -> Mapping[SourceKind, IncomingSound]:
        """The peer's sounds; none before it is known what was agreed on."""
        return self._receiver.sounds

    @property
    def pictures(self) -> Mapping[SourceKind, IncomingPictures]:
        """The peer's pictures; none before it is known what was agreed on."""
        return self._receiver.pictures

    @property
    def reports(self) -> Mapping[SourceKind, rtcp.SenderReport]:
        """The last times of one moment on the peer's clock and on a stream's: what sound and picture are aligned by."""
        return self._receiver.reports

    @property
    def discarded(self) -> frozenset[SourceKind]:
        """Sources of the peer that nobody here wants; see `discard`."""
        return self._receiver.discarded

    # Life.

    def start(self, connection: RTCPeerConnection) -> None:
        """Keys and route are known: begin. Further calls change nothing.

        Raises:
            ProtocolError: The peer announces streams in a way that meshconf does not.
            OSError: No socket is to be had.
        """
        route = MediaRoute(connection, self._receiver.take)
        path = route.path
        if path is None or self._sender is not None:
            return
        agreed = sections(connection)
        for section in agreed:
            stream = self.outgoing[section.kind]
            stream.payload_types = {codec: number for number, codec in section.codecs.items()}
            stream.rtx_types = section.rtx_types
        self._route = route
        outlet = route.follow()
        if outlet is None:
            return
        self.estimator = LinkEstimator(START_BPS[path])
        dtls = dtls_of(connection)
        self._sender = LinkSender(SrtpSender(dtls), outlet, self.estimator)
        self._rtcp = LinkReports(
            self._sender,
            self._receiver,
            self.outgoing,
            self._feeds,
            self.estimator,
            self._probe,
            lambda: route.round_trip_s,
        )
        self._receiver.start(SrtpReceiver(dtls), agreed, self._rtcp)
        self._follower = self._loop.call_later(FOLLOW_EVERY, self._follow, route, self._sender)
        for kind, feed in self._feeds.items():
            feed.attach(self)
            if (rung := self.outgoing[kind].rung) is not None:
                feed.request_keyframe(rung)

    def close(self) -> None:
        """End both ways; nothing is called any more."""
        for feed in self._feeds.values():
            feed.detach(self)
        if self._follower is not None:
            self._follower.cancel()
        if self._rtcp is not None:
            self._rtcp.close()
        if self._sender is not None:
            self._sender.close()
        self._receiver.close()
        if self._route is not None:
            self._route.close()

    # Out.

    def submit(self, kind: SourceKind, packets: Packets) -> bool:
        """See `Viewer`."""
        return self._sender is None or self._sender.submit(self.outgoing[kind], packets)

    def show(self, kind: SourceKind, rung: int | None) -> None:
        """Send this rung of a source from its next keyframe on, or nothing of it."""
        stream = self.outgoing[kind]
        if stream.rung == rung:
            return
        if self._sender is not None:
            with self._sender.lock:
                stream.rung = rung
        else:
            stream.rung = rung
        if rung is not None and not kind.is_audio:
            self._feeds[kind].request_keyframe(rung)

    # In.

    def discard(self, kinds: frozenset[SourceKind]) -> None:
        """Throw these sources of the peer away on arrival, and no others; one that was so begins anew."""
        self._receiver.discard(kinds)

    def request_keyframe(self, kind: SourceKind) -> None:
        """The decoder of a peer's source cannot go on."""
        if self._rtcp is not None and kind in self.pictures:
            self._rtcp.send([rtcp.PictureLossIndication(self.outgoing[kind].ssrc, self.pictures[kind].ssrc)])

    # Private.

    def _follow(self, route: MediaRoute, sender: LinkSender) -> None:
        self._follower = self._loop.call_later(FOLLOW_EVERY, self._follow, route, sender)
        try:
            outlet = route.follow()
        except OSError as error:
            log.warning("The route of a link's media stays as it was: %s", error)
            return
        if outlet is not None:
            sender.use(outlet)
