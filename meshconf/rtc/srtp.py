"""SRTP in place: packets are sealed and opened in buffers of ours, without the copies that pylibsrtp makes.

The keys are those that aiortc's DTLS transport has set up (RFC 5764); aiortc itself sends and receives no RTP here, so
each stream has one counter only. A context serves one thread at a time.
"""

from __future__ import annotations

from typing import Any

from aiortc.rtcdtlstransport import RTCDtlsTransport
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

TRAILER = 32
"""Bytes to leave behind a packet for its authentication tag (16) and, with RTCP, its index (4)."""

_REPLAYED = 9
"""Status of libsrtp (`srtp_err_status_replay_fail`) for a packet that was here before."""

LONGEST = 2048
"""Bytes of the longest datagram that is opened: more than any path carries unfragmented."""


class SealingBuffer:
    """A buffer in which packets lie one behind the other, sealed in place."""

    def __init__(self, capacity: int) -> None:
        self.bytes = bytearray(capacity)
        self.view = memoryview(self.bytes)
        self.pointer = ffi.from_buffer("char[]", self.bytes)


class SrtpSender:
    """Seals what we send."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._session: Session = dtls._tx_srtp  # kept, or its keys were freed
        self._inner: Any = self._session._srtp[0]
        self._length = ffi.new("int *")
        self._protect = lib.srtp_protect
        self._rtcp = SealingBuffer(LONGEST)

    def seal(self, buffer: SealingBuffer, at: int, length: int) -> int:
        """Seal the RTP packet of `length` bytes at `at` in place; `TRAILER` bytes behind it must be free.

        Returns:
            Its length now; 0 if libsrtp refused it.
        """
        self._length[0] = length
        if self._protect(self._inner, buffer.pointer + at, self._length):
            return 0
        return int(self._length[0])

    def seal_rtcp(self, data: bytes) -> bytes:
        """A sealed compound packet; empty if it is too long, or libsrtp refused it."""
        if len(data) > LONGEST - TRAILER:
            return b""
        self._rtcp.bytes[: len(data)] = data
        self._length[0] = len(data)
        if lib.srtp_protect_rtcp(self._inner, self._rtcp.pointer, self._length):
            return b""
        return bytes(self._rtcp.view[: self._length[0]])


class SrtpReceiver:
    """Opens what the peer sends, and refuses what is forged or repeated."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._session: Session = dtls._rx_srtp
        self._inner: Any = self._session._srtp[0]
        self._length = ffi.new("int *")
        self._pointer = ffi.new("char[]", LONGEST)
        self._buffer = ffi.buffer(self._pointer)
        self.repeated = False
        """Whether the last packet was refused since it was here before (RFC 3711, 3.3.2). That is looked at before the
        seal is, so it is a hint and no more."""

    def open(self, data: bytes) -> bytes | None:
        """An RTP packet without its seal; None if it is not the peer's."""
        return self._open(lib.srtp_unprotect, data)

    def open_rtcp(self, data: bytes) -> bytes | None:
        """An RTCP packet without its seal; None if it is not the peer's."""
        return self._open(lib.srtp_unprotect_rtcp, data)

    def _open(self, unprotect: Any, data: bytes) -> bytes | None:
        length = len(data)
        self.repeated = False
        if length > LONGEST:
            return None
        self._buffer[0:length] = data
        self._length[0] = length
        if status := unprotect(self._inner, self._pointer, self._length):
            self.repeated = status == _REPLAYED
            return None
        opened: bytes = self._buffer[0 : self._length[0]]
        return opened
