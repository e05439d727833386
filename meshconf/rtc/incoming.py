"""What arrives of one remote source over one link, up to whole pictures and packets of sound in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from meshconf.media.encoded import PictureCodec
from meshconf.media.receive.receiver import VideoReceiver
from meshconf.media.rtp import rtx
from meshconf.media.rtp.packet import RtpPacket, Unwrapper
from meshconf.types import SourceKind


class SoundPacket(NamedTuple):
    """One Opus packet as it arrived: perhaps late or out of order."""

    sequence: int
    """Unwrapped."""
    timestamp: int
    """48 kHz, unwrapped."""
    payload: bytes
    """Empty where a packet came that was here before: its seal was not opened again, so the numbers say nothing."""
    arrived: float
    """Monotonic seconds."""


def repeated(arrived: float) -> SoundPacket:
    """A packet came that was here before, which shows that the sender repeats what may be lost."""
    return SoundPacket(0, 0, b"", arrived)


@dataclass(slots=True)
class IncomingSound:
    """A microphone, or the sound of something else."""

    kind: SourceKind
    payload_type: int
    packets: int = 0
    octets: int = 0
    _sequence: Unwrapper = field(default_factory=lambda: Unwrapper(16))
    _timestamp: Unwrapper = field(default_factory=lambda: Unwrapper(32))

    def take(self, packet: RtpPacket, now: float) -> SoundPacket | None:
        """A packet with its numbers unwrapped; None if it is of another kind."""
        if packet.payload_type != self.payload_type:
            return None
        self.packets += 1
        self.octets += len(packet.payload)
        return SoundPacket(
            self._sequence.unwrap(packet.sequence), self._timestamp.unwrap(packet.timestamp), packet.payload, now
        )


@dataclass(slots=True)
class IncomingPictures:
    """A camera or a screen."""

    kind: SourceKind
    ssrc: int
    codecs: dict[int, PictureCodec]
    """By payload type."""
    rtx_types: dict[int, int]
    """What the payload type of a packet that was sent again stands for."""
    octets: int = 0
    receiver: VideoReceiver = field(init=False)

    def __post_init__(self) -> None:
        self.receiver = VideoReceiver(self.codecs)

    def take(self, packet: RtpPacket, now: float) -> bool:
        """A packet of the stream, or one that was sent again; False if it is of no kind that was agreed on."""
        self.octets += len(packet.payload)
        if packet.ssrc == self.ssrc:
            self.receiver.push(packet, now)
            return True
        original_type = self.rtx_types.get(packet.payload_type)
        if original_type is None:
            return False
        original = rtx.unwrap(packet, payload_type=original_type, ssrc=self.ssrc)
        if original is None:
            return False
        self.receiver.push(original, now, repaired=True)
        return True

    def begin_anew(self) -> None:
        """Forget what came so far: it was looked at no more, and nothing of it is to be repaired."""
        self.receiver = VideoReceiver(self.codecs, self.receiver.counters)
