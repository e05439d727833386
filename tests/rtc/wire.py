"""Media of a link without ICE and DTLS: keys, an outlet that keeps what was sent, frames of any size, what arrived."""

from __future__ import annotations

import os
import random
import time
from types import SimpleNamespace
from typing import cast

from aiortc.rtcdtlstransport import RTCDtlsTransport
from pylibsrtp import Policy, Session

from meshconf.media.encoded import EncodedFrame
from meshconf.media.rtp import packet as rtp
from meshconf.media.rtp import rtcp
from meshconf.media.rtp.packet import RtpPacket
from meshconf.media.rtp.rtcp import RtcpPacket
from meshconf.media.send.packets import Packets
from meshconf.rtc.srtp import SrtpReceiver

SSRC, RTX_SSRC = 0x1000, 0x2000
VP8, VP8_RTX, H264, H264_RTX, OPUS = 97, 98, 99, 100, 96

_RANDOM = random.Random(4)
_VP8_KEY = b"\x10\0\0\x9d\x01\x2a\x80\x02\xe0\x01"


def sessions() -> tuple[RTCDtlsTransport, RTCDtlsTransport]:
    """Two ends of one DTLS session, as far as SRTP goes: what each seals, the other opens."""
    there, back = os.urandom(44), os.urandom(44)
    return _end(there, back), _end(back, there)


def _end(sends: bytes, receives: bytes) -> RTCDtlsTransport:
    policies = [
        Policy(key=key, ssrc_type=kind, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM)
        for key, kind in ((sends, Policy.SSRC_ANY_OUTBOUND), (receives, Policy.SSRC_ANY_INBOUND))
    ]
    for policy in policies:
        policy.allow_repeat_tx = True
        policy.window_size = 1024
    return cast(RTCDtlsTransport, SimpleNamespace(_tx_srtp=Session(policies[0]), _rx_srtp=Session(policies[1])))


class RecordingOutlet:
    """A `DatagramOutlet` that keeps what is sent.

    Args:
        far: The end that opens it.
    """

    def __init__(self, far: RTCDtlsTransport) -> None:
        self.portions: list[list[bytes]] = []
        """Datagrams by call."""
        self.times: list[float] = []
        """When each call came."""
        self.closed = False
        self._receiver = SrtpReceiver(far)
        self._opened: list[RtpPacket] = []
        self._seen = 0

    @property
    def datagrams(self) -> list[bytes]:
        """All of them, in order."""
        return [data for portion in self.portions for data in portion]

    @property
    def packets(self) -> list[RtpPacket]:
        """The RTP packets among them, all of which have to be genuine and new."""
        datagrams = self.datagrams
        for data in datagrams[self._seen :]:
            if not is_rtcp(data):
                plain = self._receiver.open(data)
                assert plain is not None, "what was sent cannot be opened"
                packet = rtp.parse(plain)
                assert packet is not None
                self._opened.append(packet)
        self._seen = len(datagrams)
        return self._opened

    @property
    def reports(self) -> list[RtcpPacket]:
        """The RTCP packets among them; may be read once."""
        opened = [self._receiver.open_rtcp(data) for data in self.datagrams if is_rtcp(data)]
        assert None not in opened
        return [report for data in opened for report in rtcp.parse(data or b"")]

    def send(self, data: bytes | memoryview) -> None:
        assert not self.closed
        self.times.append(time.monotonic())
        self.portions.append([bytes(data)])

    def send_segments(self, data: memoryview, size: int) -> None:
        assert not self.closed and size > 0 and len(data) > 0
        self.times.append(time.monotonic())
        self.portions.append([bytes(data[at : at + size]) for at in range(0, len(data), size)])

    def close(self) -> None:
        self.closed = True


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram is RTCP rather than RTP (RFC 5761, 4)."""
    return 192 <= data[1] <= 223


def vp8_frame(size: int, *, keyframe: bool = False, timestamp: int = 0, rung: int = 0) -> EncodedFrame:
    """A picture as far as its header tells; the rest are random bytes."""
    head = _VP8_KEY if keyframe else b"\x11\0\0"
    return EncodedFrame("VP8", head + _RANDOM.randbytes(size - len(head)), keyframe, timestamp, rung=rung)


def h264_frame(*sizes: int, timestamp: int = 0) -> EncodedFrame:
    """A keyframe as x264 makes it: small parameter sets, then slices of these sizes."""
    units = [b"\x67" + b"\x42" * 12, b"\x68" + b"\x42" * 4]
    units += [b"\x65" + _RANDOM.randbytes(size - 1).replace(b"\0", b"\1") for size in sizes]
    return EncodedFrame("H264", b"".join(b"\0\0\0\1" + unit for unit in units), True, timestamp)


def opus_frame(number: int, size: int = 80) -> EncodedFrame:
    """A packet of sound."""
    return EncodedFrame("opus", _RANDOM.randbytes(size), True, number * 960)


def packets_of(frame: EncodedFrame, *, ssrc: int = SSRC, picture_id: int = 1) -> Packets:
    """A frame as its feed would hand it to links."""
    return Packets(frame, ssrc, frame.timestamp, picture_id)
