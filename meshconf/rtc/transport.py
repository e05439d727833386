"""The media of one link: RTP and RTCP over the DTLS transport that aiortc set up, both ways, without aiortc's own.

Runs on the event loop, but for `submit`, which the encoding threads call.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from aioice import Connection
from aioice.ice import CandidatePair
from aiortc import RTCPeerConnection

from meshconf.media.congestion.arrivals import ArrivalLog
from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.congestion.probing import ProbePlan
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import packet as rtp
from meshconf.media.rtp import rtcp, rtx
from meshconf.media.send.packets import Packets
from meshconf.rtc.datagrams import open_path
from meshconf.rtc.feed import Feed
from meshconf.rtc.ice import classify
from meshconf.rtc.ice_hooks import divert_media, is_media, release_media, round_trip_s
from meshconf.rtc.incoming import IncomingPictures, IncomingSound, SoundPacket
from meshconf.rtc.internals import dtls_of, ice_of, nominated_pair
from meshconf.rtc.negotiated import Section, sections
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.rtc.reader import read_instead
from meshconf.rtc.sender import LinkSender
from meshconf.rtc.srtp import SrtpReceiver, SrtpSender
from meshconf.types import LinkPath, SourceKind

log = logging.getLogger("meshconf.rtc")

REPORT_EVERY = 1.0
"""Seconds between two sender reports of one stream."""

TURN_EVERY = 0.05
"""Seconds between two reports of what arrived, while something does."""

MOST_NACKED = 256
"""Numbers in one NACK: far apart, they take four bytes each, and a report stays within a datagram of 1200 bytes."""

START_BPS = {LinkPath.LAN: 3_000_000, LinkPath.DIRECT: 800_000, LinkPath.RELAY: 500_000}
"""Where the rate of a link begins: a LAN nearly always carries a whole picture, and then nobody sees it grow."""


class MediaSink(Protocol):
    """Who takes what arrives; called on the event loop."""

    def sound_arrived(self, kind: SourceKind, packet: SoundPacket) -> None:
        """One packet of sound."""

    def picture_arrived(self, kind: SourceKind, frame: EncodedFrame) -> None:
        """One whole picture, to be decoded now."""


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
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._sender: LinkSender | None = None
        self._receiver: SrtpReceiver | None = None
        self._ice: Connection | None = None
        self._arrivals = ArrivalLog(feeds[SourceKind.MIC].ssrc)
        self._pair: CandidatePair | None = None
        self._give_back: Callable[[], None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.estimator = LinkEstimator()
        """What the link carries."""
        # Pictures wait for `show`: a keyframe that comes before the peer knows whose it is would be thrown away there,
        # and the next one may come no sooner than 0.3 s later.
        self.outgoing = {
            kind: OutgoingStream(kind, feed.ssrc, feed.rtx_ssrc, rung=0 if kind.is_audio else None)
            for kind, feed in feeds.items()
        }
        self.sounds: dict[SourceKind, IncomingSound] = {}
        self.pictures: dict[SourceKind, IncomingPictures] = {}
        self._by_ssrc: dict[int, IncomingSound | IncomingPictures] = {}
        self.reports: dict[SourceKind, rtcp.SenderReport] = {}
        """The last times of one moment on the peer's clock and on a stream's: what sound and picture are aligned by."""
        self.octets_received = 0
        """Bytes of RTP and RTCP that arrived, seals included."""
        self.muted: frozenset[SourceKind] = frozenset()
        """Sources of the peer that nobody here wants; see `mute`."""

    @property
    def octets_sent(self) -> int:
        """Bytes of RTP and RTCP that left, seals included."""
        return self._sender.octets if self._sender else 0

    @property
    def running(self) -> bool:
        """Whether media can go out."""
        return self._sender is not None

    # Life.

    def start(self, connection: RTCPeerConnection) -> None:
        """Keys and way are known: begin. Further calls change nothing.

        Raises:
            ProtocolError: The peer announces streams in a way that meshconf does not.
        """
        pair = nominated_pair(connection)
        if pair is None or self._sender is not None:
            return
        for section in sections(connection):
            self._prepare(section)
        self.estimator = LinkEstimator(START_BPS[classify(pair.local_candidate, pair.remote_candidate)])
        dtls = dtls_of(connection)
        self._receiver = SrtpReceiver(dtls)
        self._ice = ice_of(connection)
        self._receive_over(self._ice, pair)
        self._sender = LinkSender(SrtpSender(dtls), open_path(pair), self.estimator)
        self._every("turn", TURN_EVERY, self._turn)
        self._every("pair", REPORT_EVERY, lambda: self._follow(connection))
        self._every("reports", REPORT_EVERY, self._send_reports)
        for kind, feed in self._feeds.items():
            feed.attach(self)
            if (rung := self.outgoing[kind].rung) is not None:
                feed.request_keyframe(rung)

    def _receive_over(self, ice: Connection, pair: CandidatePair) -> None:
        if self._give_back is not None:
            self._give_back()
        self._pair = pair
        divert_media(ice, pair.remote_addr, self.datagram_received)
        self._give_back = read_instead(pair, is_media=is_media, take=self.datagram_received)

    def _follow(self, connection: RTCPeerConnection) -> None:
        """Where several pairs of candidates work, ICE may settle on another one a moment later."""
        pair = nominated_pair(connection)
        if pair is None or pair is self._pair or self._sender is None or self._ice is None:
            return
        try:
            path = open_path(pair)
        except OSError as error:
            log.warning("The way of a link's media stays as it was: %s", error)
            return
        self._receive_over(self._ice, pair)
        self._sender.use(path)

    def close(self) -> None:
        """End both ways; nothing is called any more."""
        for feed in self._feeds.values():
            feed.detach(self)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._sender is not None:
            self._sender.close()
        self._receiver = None
        if self._give_back is not None:
            self._give_back()
            self._give_back = None
        if self._ice is not None:
            release_media(self._ice)

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

    def request_keyframe(self, kind: SourceKind) -> None:
        """The decoder of a peer's source cannot go on."""
        if kind in self.pictures:
            self._send([rtcp.PictureLossIndication(self.outgoing[kind].ssrc, self.pictures[kind].ssrc)])

    # In.

    def mute(self, kinds: frozenset[SourceKind]) -> None:
        """Throw these sources of the peer away on arrival, and no others; one that was so begins anew."""
        for kind in self.muted - kinds:
            if kind in self.pictures:
                self.pictures[kind].begin_anew()
        self.muted = kinds

    def datagram_received(self, data: bytes, arrived: float) -> None:
        """Take a datagram that is neither STUN nor DTLS (RFC 7983), of the peer's address but otherwise unchecked."""
        is_rtcp = len(data) > 1 and 192 <= data[1] <= 223  # RFC 5761, 4
        # libsrtp keeps something for each SSRC that it has ever opened a packet of, so it sees those announced only.
        if self._receiver is None or int.from_bytes(data[4:8] if is_rtcp else data[8:12]) not in self._by_ssrc:
            return
        if is_rtcp:
            opened = self._receiver.open_rtcp(data)
            if opened is not None:
                self.octets_received += len(data)
                for report in rtcp.parse(opened):
                    self._obey(report)
            return
        opened = self._receiver.open(data)
        parsed = rtp.parse(opened) if opened is not None else None
        if parsed is not None:
            self.octets_received += len(data)
            self._take(parsed, arrived)

    def _take(self, packet: rtp.RtpPacket, now: float) -> None:
        stream = self._by_ssrc.get(packet.ssrc)
        if stream is None:
            return
        self._arrivals.arrived(packet.ssrc, packet.sequence, now)
        if stream.kind in self.muted:
            return
        if isinstance(stream, IncomingSound):
            if (sound := stream.take(packet, now)) is not None:
                self._sink.sound_arrived(stream.kind, sound)
            return
        stream.octets += len(packet.payload)
        if packet.ssrc != stream.ssrc:
            original = rtx.unwrap(packet, payload_type=stream.rtx_types.get(packet.payload_type, -1), ssrc=stream.ssrc)
            if original is None or original.payload_type < 0:
                return
            stream.receiver.push(original, now, repaired=True)
        else:
            stream.receiver.push(packet, now)
        self._attend(stream, now)

    def _attend(self, stream: IncomingPictures, now: float) -> None:
        """Hand on what has become whole, ask for what is missing, and come back when it is time."""
        receiver = stream.receiver
        for frame in receiver.frames():
            self._sink.picture_arrived(stream.kind, frame)
        own = self.outgoing[stream.kind].ssrc
        missing = receiver.nacks()
        for at in range(0, len(missing), MOST_NACKED):
            self._send([rtcp.GenericNack(own, stream.ssrc, tuple(missing[at : at + MOST_NACKED]))])
        if receiver.keyframe_wanted():
            self._send([rtcp.PictureLossIndication(own, stream.ssrc)])
        due = receiver.next_timer()
        timer = self._timers.get(stream.kind)
        if due is None or (timer is not None and timer.when() <= due):
            return  # one that fires too early does no harm, and costs less than a new one for each packet
        if timer is not None:
            timer.cancel()
        self._timers[stream.kind] = self._loop.call_at(due, self._due, stream)  # its clock is the monotonic one

    def _due(self, stream: IncomingPictures) -> None:
        self._timers.pop(stream.kind, None)
        now = time.monotonic()
        stream.receiver.due(now)
        self._attend(stream, now)

    # Reports.

    def _obey(self, report: rtcp.RtcpPacket) -> None:
        sender = self._sender
        if sender is None:
            return
        match report:
            case rtcp.CongestionFeedback():
                with sender.lock:
                    self.estimator.feedback(report, time.monotonic())
                self._follow_estimate(sender)
            case rtcp.GenericNack(media_ssrc=ssrc, sequences=sequences):
                if (stream := self._own(ssrc)) is not None:
                    sender.again(stream, sequences)
            case rtcp.PictureLossIndication(media_ssrc=ssrc):
                if (stream := self._own(ssrc)) is not None and stream.rung is not None:
                    self._feeds[stream.kind].request_keyframe(stream.rung)
            case rtcp.SenderReport(ssrc=ssrc):
                if (incoming := self._by_ssrc.get(ssrc)) is not None:
                    self.reports[incoming.kind] = report

    def _follow_estimate(self, sender: LinkSender) -> None:
        sender.set_target(self.estimator.target_bps, congested=self.estimator.congested)
        # Who sends nothing learns of no round trip by reports; the consent checks of ICE have one as well.
        trip = self.estimator.rtt_s or (round_trip_s(self._ice) if self._ice else None)
        if trip:
            for stream in self.pictures.values():
                stream.receiver.set_rtt(trip)

    def _own(self, ssrc: int) -> OutgoingStream | None:
        return next((stream for stream in self.outgoing.values() if stream.ssrc == ssrc), None)

    def _turn(self) -> None:
        """Twenty times a second: say what arrived, and see whether the link carries more or less than it did."""
        now = time.monotonic()
        while (report := self._arrivals.report(now)) is not None:
            self._send([report])
        sender = self._sender
        if sender is None:
            return
        with sender.lock:
            self.estimator.tick(now)
            plan = self._probe(self.estimator, now)
        if plan is not None:
            sender.probe((self.outgoing[kind] for kind in self.pictures), plan.bytes)
        self._follow_estimate(sender)

    def _send_reports(self) -> None:
        if self._sender is None:
            return
        now, wall = time.monotonic(), time.time()
        with self._sender.lock:  # a time of one frame beside that of another would spoil lip sync
            fresh = [one for one in self.outgoing.values() if one.last_captured > now - 2 * REPORT_EVERY]
            reports = [stream.report(now, wall) for stream in fresh]
        self._send(reports)

    def _send(self, packets: Iterable[rtcp.RtcpPacket]) -> None:
        data = rtcp.build(packets)
        if data and self._sender is not None:
            self._sender.send_rtcp(data)

    # Private.

    def _prepare(self, section: Section) -> None:
        stream = self.outgoing.get(section.kind)
        if stream is not None:
            stream.payload_types = {codec: number for number, codec in section.codecs.items()}
            stream.rtx_types = section.rtx_types
        incoming: IncomingSound | IncomingPictures
        if section.kind.is_audio:
            incoming = self.sounds[section.kind] = IncomingSound(section.kind, next(iter(section.codecs)))
        else:
            originals = {again: number for number, again in section.rtx_types.items()}
            codecs = {number: codec for number, codec in section.codecs.items() if codec != "opus"}
            incoming = IncomingPictures(section.kind, section.ssrc, codecs, originals)
            self.pictures[section.kind] = incoming
            assert section.rtx_ssrc is not None
            self._by_ssrc[section.rtx_ssrc] = incoming
        self._by_ssrc[section.ssrc] = incoming

    def _every(self, name: str, seconds: float, what: Callable[[], None]) -> None:
        def turn() -> None:
            self._timers[name] = self._loop.call_later(seconds, turn)
            what()

        self._timers[name] = self._loop.call_later(seconds, turn)
