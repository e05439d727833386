"""Everything that arrives over one link: opened, sorted by stream, handed on when whole. Runs on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Protocol

from meshconf.media.congestion.arrivals import ArrivalLog
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import packet as rtp
from meshconf.media.rtp import rtcp
from meshconf.rtc.incoming import IncomingPictures, IncomingSound, SoundPacket, repeated
from meshconf.rtc.negotiated import Section
from meshconf.rtc.srtp import SrtpReceiver
from meshconf.token_bucket import TokenBucket
from meshconf.types import SourceKind

REPORTS_A_SECOND, REPORTS_AT_ONCE = 500, 500
"""Datagrams of RTCP that are listened to. A peer with two large pictures tells of arrivals 80 times a second and, where
a tenth of them is lost, asks for packets 300 times; what a stall held up comes with the times of its arrival."""


class MediaSink(Protocol):
    """Who takes what arrives; called on the event loop."""

    def sound_arrived(self, kind: SourceKind, packet: SoundPacket) -> None:
        """One packet of sound."""

    def picture_arrived(self, kind: SourceKind, frame: EncodedFrame) -> None:
        """One whole picture, to be decoded now."""


class ReportExchange(Protocol):
    """Who sends RTCP for us, and hears what came of it."""

    def send(self, packets: Iterable[rtcp.RtcpPacket]) -> None:
        """Send packets, as one datagram."""

    def hear(self, packet: rtcp.RtcpPacket) -> None:
        """A packet of the peer about what we send."""


class LinkReceiver:
    """The receiving half of one link; until `start` and after `close` it takes nothing.

    Args:
        sink: Takes what arrives.
        own: Our SSRC of each kind, from which its peer is asked for things.
    """

    def __init__(self, sink: MediaSink, own: Mapping[SourceKind, int]) -> None:
        self._sink = sink
        self._own = own
        self._loop = asyncio.get_running_loop()
        self._srtp: SrtpReceiver | None = None
        self._exchange: ReportExchange | None = None
        self._by_ssrc: dict[int, IncomingSound | IncomingPictures] = {}
        self._timers: dict[SourceKind, asyncio.TimerHandle] = {}
        self._allowance = TokenBucket(REPORTS_A_SECOND, REPORTS_AT_ONCE, now=time.monotonic())
        self.arrivals = ArrivalLog(own[SourceKind.MIC])
        """When what came, for the sender's congestion control."""
        self.sounds: dict[SourceKind, IncomingSound] = {}
        self.pictures: dict[SourceKind, IncomingPictures] = {}
        self.reports: dict[SourceKind, rtcp.SenderReport] = {}
        """The newest sender report of each stream."""
        self.octets = 0
        """Bytes of RTP and RTCP that arrived, seals included."""
        self.discarded: frozenset[SourceKind] = frozenset()
        """See `discard`."""

    def start(self, srtp: SrtpReceiver, sections: Iterable[Section], exchange: ReportExchange) -> None:
        """Take what is sealed with these keys, of the streams that were agreed on."""
        for section in sections:
            self._prepare(section)
        self._srtp, self._exchange = srtp, exchange

    def close(self) -> None:
        """Take nothing any more."""
        self._srtp = self._exchange = None
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def discard(self, kinds: frozenset[SourceKind]) -> None:
        """Throw these sources of the peer away on arrival, and no others; one that was so begins anew."""
        for kind in self.discarded - kinds:
            if kind in self.pictures:
                self.pictures[kind].begin_anew()
        self.discarded = kinds

    def set_rtt(self, seconds: float) -> None:
        """How long it takes until what is asked for can be here."""
        for stream in self.pictures.values():
            stream.receiver.set_rtt(seconds)

    def take(self, datagrams: Iterable[bytes], arrived: float) -> None:
        """Take datagrams that are neither STUN nor DTLS (RFC 7983), of the peer's address but otherwise unchecked.

        Args:
            datagrams: What came together, in order.
            arrived: Monotonic seconds, perhaps of a while ago.
        """
        touched: set[SourceKind] = set()
        for data in datagrams:
            is_rtcp = len(data) > 1 and 192 <= data[1] <= 223  # RFC 5761, 4
            # libsrtp keeps something for each SSRC that it ever opened a packet of, so it sees those announced only.
            stream = self._by_ssrc.get(int.from_bytes(data[4:8] if is_rtcp else data[8:12]))
            if self._srtp is None or stream is None:
                continue
            opened = self._srtp.open_rtcp(data) if is_rtcp else self._srtp.open(data)
            if opened is None:
                if self._srtp.repeated and isinstance(stream, IncomingSound) and stream.kind not in self.discarded:
                    self._sink.sound_arrived(stream.kind, repeated(arrived))
                continue
            self.octets += len(data)
            if is_rtcp:
                if self._allowance.spend(now=arrived):
                    for report in rtcp.parse(opened):
                        self._hear(report)
            elif (packet := rtp.parse(opened)) is not None:
                self.arrivals.arrived(packet.ssrc, packet.sequence, arrived)
                if stream.kind in self.discarded:
                    continue
                if isinstance(stream, IncomingSound):
                    if (sound := stream.take(packet, arrived)) is not None:
                        self._sink.sound_arrived(stream.kind, sound)
                elif stream.take(packet, arrived):
                    touched.add(stream.kind)
        for kind in touched:
            self._attend(self.pictures[kind], time.monotonic())

    def _hear(self, report: rtcp.RtcpPacket) -> None:
        if isinstance(report, rtcp.SenderReport):
            if (stream := self._by_ssrc.get(report.ssrc)) is not None:
                self.reports[stream.kind] = report
        elif self._exchange is not None:
            self._exchange.hear(report)

    def _attend(self, stream: IncomingPictures, now: float) -> None:
        """Hand on what is to be decoded now, ask for what is missing, and come back when it is time."""
        exchange, receiver = self._exchange, stream.receiver
        if exchange is None:
            return
        if (due := receiver.next_timer()) is not None and due <= now:
            receiver.due(now)
        for frame in receiver.frames():
            self._sink.picture_arrived(stream.kind, frame)
        if self._exchange is None:  # whoever took it closed the link
            return
        own = self._own[stream.kind]
        missing = receiver.nacks()
        for at in range(0, len(missing), rtcp.MAX_SEQUENCES):
            exchange.send([rtcp.GenericNack(own, stream.ssrc, tuple(missing[at : at + rtcp.MAX_SEQUENCES]))])
        if receiver.keyframe_wanted():
            exchange.send([rtcp.PictureLossIndication(own, stream.ssrc)])
        due = receiver.next_timer()
        timer = self._timers.get(stream.kind)
        if due is None or (timer is not None and timer.when() <= due):
            return  # one that fires too early does no harm, and costs less than a new one for each packet
        if timer is not None:
            timer.cancel()
        self._timers[stream.kind] = self._loop.call_at(due, self._due, stream)  # its clock is the monotonic one

    def _due(self, stream: IncomingPictures) -> None:
        self._timers.pop(stream.kind, None)
        self._attend(stream, time.monotonic())

    def _prepare(self, section: Section) -> None:
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
