"""The media of a link, both ends in one process: real packets, real seals, no ICE, no DTLS, no socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport

from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp.packet import write_header
from meshconf.media.rtp.rtcp import RtcpPacket
from meshconf.rtc import route as route_module
from meshconf.rtc import transport as transport_module
from meshconf.rtc.datagrams import DatagramOutlet
from meshconf.rtc.feed import Feed
from meshconf.rtc.incoming import SoundPacket
from meshconf.rtc.negotiated import Section
from meshconf.rtc.reader import Take
from meshconf.rtc.reports import LinkReports
from meshconf.rtc.srtp import SealingBuffer, SrtpSender
from meshconf.rtc.transport import MediaTransport
from meshconf.types import SourceKind
from tests.rtc.support import show_all
from tests.rtc.wire import H264, H264_RTX, OPUS, VP8, VP8_RTX, is_rtcp, sessions, vp8_frame

MIC, CAMERA, SCREEN, MEDIA = SourceKind.MIC, SourceKind.CAMERA, SourceKind.SCREEN, SourceKind.MEDIA

Report = TypeVar("Report", bound=RtcpPacket)


class Sink:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.sound: list[tuple[SourceKind, SoundPacket]] = []
        self.pictures: list[tuple[SourceKind, EncodedFrame]] = []

    def sound_arrived(self, kind: SourceKind, packet: SoundPacket) -> None:
        self.sound.append((kind, packet))

    def picture_arrived(self, kind: SourceKind, frame: EncodedFrame) -> None:
        self.pictures.append((kind, frame))

    def data(self, kind: SourceKind) -> list[bytes]:
        """The pictures of one source."""
        return [frame.data for one, frame in self.pictures if one is kind]


@dataclass
class Wire:
    """One end's way to the other."""

    lose: Callable[[bytes], bool] = lambda data: False
    sent: list[bytes] = field(default_factory=list)
    refused: int = 0
    deliver: Callable[[bytes], None] | None = None
    closed: bool = False

    def send(self, data: bytes | memoryview) -> None:
        whole = bytes(data)
        self.sent.append(whole)
        if not self.lose(whole):
            asyncio.get_running_loop().call_soon(self._arrive, whole)

    def send_segments(self, data: memoryview, size: int) -> None:
        for at in range(0, len(data), size):
            self.send(data[at : at + size])

    def close(self) -> None:
        self.closed = True

    def _arrive(self, data: bytes) -> None:
        if self.deliver is not None:
            self.deliver(data)


class Side:
    """One end: what `MediaTransport` asks a connection for, and the transport itself."""

    def __init__(self, dtls: RTCDtlsTransport, shown: bool) -> None:
        self.feeds = {kind: Feed(kind) for kind in SourceKind}
        self.asked: list[tuple[SourceKind, int]] = []
        for kind, feed in self.feeds.items():
            feed.on_keyframe_request = lambda rung, kind=kind: self.asked.append((kind, rung))
        self.sink = Sink()
        self.media = MediaTransport(self.feeds, self.sink, LinkEstimator.probe)
        if shown:
            show_all(self.media)
            self.asked.clear()
        self.wire = Wire()
        self.dtls = dtls
        self.sections: list[Section] = []
        self.round_trip: float | None = None
        self.take: Take | None = None
        self.connected = True

    # What stands in for the candidates of the nominated pair.
    local_candidate = remote_candidate = None
    remote_addr = ("10.0.0.1", 1)

    @property
    def reports(self) -> list[RtcpPacket]:
        """The RTCP packets that it has sent."""
        return noted_by(self.media)

    def receive(self, data: bytes) -> None:
        """Hand it a datagram."""
        self.media._receiver.take([data], time.monotonic())

    def announced(self) -> list[Section]:
        """How this end's description reads to the other."""
        return [_section(kind, feed) for kind, feed in self.feeds.items()]


def _section(kind: SourceKind, feed: Feed) -> Section:
    if kind.is_audio:
        return Section(kind, {OPUS: "opus"}, {}, feed.ssrc, None)
    return Section(kind, {VP8: "VP8", H264: "H264"}, {VP8: VP8_RTX, H264: H264_RTX}, feed.ssrc, feed.rtx_ssrc)


class NotedReports(LinkReports):
    """Reports that remember what they sent."""

    def send(self, packets: Iterable[RtcpPacket]) -> None:
        sent = list(packets)
        vars(self).setdefault("noted", []).extend(sent)
        super().send(sent)


def noted_by(media: MediaTransport) -> list[RtcpPacket]:
    """The RTCP packets that a transport has sent."""
    noted: list[RtcpPacket] = vars(media._rtcp).get("noted", []) if media._rtcp is not None else []
    return noted


def pair(*, shown: bool = True) -> tuple[Side, Side]:
    """Two ends that have been connected, but not started; pictures go out, in the first rung, if `shown`."""
    sides = [Side(dtls, shown) for dtls in sessions()]
    for side, far in (sides, sides[::-1]):
        side.sections = far.announced()
        side.wire.deliver = lambda data, far=far: far.take and far.take([data], time.monotonic())
    return sides[0], sides[1]


def started() -> tuple[Side, Side]:
    """Two ends whose media runs."""
    sides = pair()
    for side in sides:
        side.media.start(side)  # type: ignore[arg-type]
    return sides


def close(*sides: Side) -> None:
    """End both, so that no timer is left."""
    for side in sides:
        side.media.close()


async def stream(
    side: Side, kind: SourceKind, frames: Iterator[EncodedFrame], many: int, *, interval_s: float = 0.001
) -> list[bytes]:
    """Publish frames at a lively pace; what was published."""
    published = []
    for _, frame in zip(range(many), frames, strict=False):
        side.feeds[kind].publish(frame)
        published.append(frame.data)
        await asyncio.sleep(interval_s)
    return published


def vp8_frames(size: int = 3_000) -> Iterator[EncodedFrame]:
    """A keyframe and what follows it."""
    for number in count():
        yield vp8_frame(size, keyframe=not number, timestamp=number * 3_000)


def rtcp_of(side: Side) -> LinkReports:
    """The reports of a side that was started."""
    assert side.media._rtcp is not None
    return side.media._rtcp


def reports_of(side: Side, kind: type[Report]) -> list[Report]:
    """The RTCP packets of one kind that a side has sent."""
    return [report for report in side.reports if isinstance(report, kind)]


def rtp_packet(payload_type: int, sequence: int, ssrc: int, payload: bytes, *, marker: bool = True) -> bytes:
    """A packet with any payload."""
    packet = bytearray(12) + payload
    write_header(packet, 0, payload_type=payload_type, sequence=sequence, timestamp=9, ssrc=ssrc, marker=marker)
    return bytes(packet)


def sealer(side: Side) -> Callable[[bytes], bytes]:
    """Seals as this side, whatever it is given."""
    sender = SrtpSender(side.dtls)

    def seal(packet: bytes) -> bytes:
        if is_rtcp(packet):
            return sender.seal_rtcp(packet)
        buffer = SealingBuffer(len(packet) + 32)
        buffer.bytes[: len(packet)] = packet
        return bytes(buffer.view[: sender.seal(buffer, 0, len(packet))])

    return seal


@contextmanager
def no_connections() -> Iterator[None]:
    """A `Side` is all the connection that a transport gets here."""

    def divert(side: Side, remote: object, take: Take) -> None:
        assert remote == side.remote_addr
        side.take = take

    def release(side: Side) -> None:
        side.take = None

    def open_outlet(side: Side) -> DatagramOutlet:
        return side.wire

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport_module, "sections", lambda side: side.sections)
        patch.setattr(transport_module, "dtls_of", lambda side: side.dtls)
        patch.setattr(transport_module, "LinkReports", NotedReports)
        for name, value in {
            "nominated_pair": lambda side: side if side.connected else None,
            "ice_of": lambda side: side,
            "open_outlet": open_outlet,
            "divert_media": divert,
            "release_media": release,
            "read_instead": lambda side, **takers: None,
            "round_trip_s": lambda side: side.round_trip,
            "path_of": lambda pair: pair and "lan",
        }.items():
            patch.setattr(route_module, name, value)
        yield
