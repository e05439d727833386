"""A `LinkSender` with its streams and an outlet that remembers, and what to ask of the packets that came out of it."""

from __future__ import annotations

from collections.abc import Iterable

from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import vp8
from meshconf.media.rtp.packet import RtpPacket
from meshconf.rtc.outgoing import OutgoingStream
from meshconf.rtc.sender import LinkSender
from meshconf.rtc.srtp import SrtpSender
from meshconf.types import SourceKind
from tests.rtc.wire import H264, OPUS, RTX_SSRC, SSRC, VP8, VP8_RTX, RecordingOutlet, packets_of, sessions

SOUND_SSRC = 0x3000


class Link:
    """A sender with its streams, and what came out of it."""

    def __init__(self, *, target_bps: float = 2_000_000.0) -> None:
        here, there = sessions()
        self.outlet = RecordingOutlet(there)
        self.estimator = LinkEstimator()
        self.sender = LinkSender(SrtpSender(here), self.outlet, self.estimator)
        self.sender.set_target(target_bps)
        self.camera = self._stream(SourceKind.CAMERA, SSRC)
        self.screen = self._stream(SourceKind.SCREEN, SSRC + 1)
        self.mic = OutgoingStream(SourceKind.MIC, SOUND_SSRC, SOUND_SSRC + 1, payload_types={"opus": OPUS})

    @staticmethod
    def _stream(kind: SourceKind, ssrc: int) -> OutgoingStream:
        stream = OutgoingStream(kind, ssrc, ssrc + RTX_SSRC)
        stream.payload_types = {"VP8": VP8, "H264": H264}
        stream.rtx_types = {VP8: VP8_RTX}
        return stream

    def submit(self, stream: OutgoingStream, frame: EncodedFrame) -> bool:
        return self.sender.submit(stream, packets_of(frame, ssrc=stream.ssrc))

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be sent."""
        return not self.sender._waiting and not self.sender._repeats

    def packets(self, ssrc: int = SSRC) -> list[RtpPacket]:
        """What has left of one stream."""
        return [packet for packet in self.outlet.packets if packet.ssrc == ssrc]


def assert_gapless(packets: Iterable[RtpPacket]) -> None:
    """Each number follows the one before."""
    numbers = [packet.sequence for packet in packets]
    assert numbers == [(numbers[0] + step) & 0xFFFF for step in range(len(numbers))]


def pictures(packets: Iterable[RtpPacket]) -> list[bytes]:
    """The VP8 pictures, each of which has to be whole."""
    whole: list[bytes] = []
    parts: list[bytes] = []
    for packet in packets:
        part = vp8.parse(packet.payload)
        assert part is not None and part.start is not bool(parts)
        parts.append(part.data)
        if packet.marker:
            whole.append(b"".join(parts))
            parts = []
    assert not parts, "the last picture is cut off"
    return whole
