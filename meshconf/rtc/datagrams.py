"""How media packets leave this machine: many of one length with one system call where the kernel can.

UDP segmentation offload (Linux 4.18) takes a buffer and cuts it into datagrams itself, which costs a third of sending
them one by one. Elsewhere, and on interfaces that refuse it, they go one by one. May be used from any thread, by one at
a time; nothing here waits: what the kernel does not take is lost, as on any other hop.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import sys
from contextlib import suppress
from typing import Any, Protocol

from aioice.ice import CandidatePair

from meshconf.rtc.internals import socket_of

UDP_SEGMENT = 103
"""Ancillary data with the length of each datagram (linux/udp.h)."""

MOST_SEGMENTS = 64
"""Datagrams that one call may carry (UDP_MAX_SEGMENTS)."""

MOST_BYTES = 65_000
"""Bytes that one call may carry."""

_SOL_UDP = 17
_NOT_HERE = (errno.EIO, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOPROTOOPT, errno.EMSGSIZE)
"""What kernels and interfaces without segmentation offload answer."""


class DatagramOutlet(Protocol):
    """Where sealed packets go."""

    def send(self, data: bytes | memoryview) -> None:
        """Send one datagram."""

    def send_segments(self, data: memoryview, size: int) -> None:
        """Send datagrams that lie one behind the other, each of `size` bytes; the last may be shorter."""

    def close(self) -> None:
        """Send nothing more."""


def open_outlet(pair: CandidatePair) -> DatagramOutlet:
    """What sends over a nominated pair of candidates."""
    own = socket_of(pair)
    if own is None:
        return RelayedOutlet(pair.protocol.transport, pair.remote_addr)
    return SocketOutlet(own.dup(), pair.remote_addr)


class SocketOutlet:
    """Sends over a socket of ours that shares ICE's port.

    Args:
        own: A duplicate; closed with the outlet.
        remote: Where to.
    """

    def __init__(self, own: socket.socket, remote: tuple[Any, ...]) -> None:
        own.setblocking(False)
        self._socket: socket.socket | None = own
        self._remote = remote
        self.segments = sys.platform == "linux"
        """Whether the kernel cuts for us."""

    def send(self, data: bytes | memoryview) -> None:
        """See `DatagramOutlet`."""
        if self._socket is None:
            return
        with suppress(OSError):  # a full buffer, or news of a peer that has gone: a lost packet, whatever the reason
            self._socket.sendto(data, self._remote)

    def send_segments(self, data: memoryview, size: int) -> None:
        """See `DatagramOutlet`."""
        if not self.segments or len(data) <= size:
            self._send_each(data, size)
            return
        step = min(MOST_SEGMENTS, MOST_BYTES // size) * size
        for start in range(0, len(data), step):
            self._send_cut(data[start : start + step], size)

    def close(self) -> None:
        """See `DatagramOutlet`."""
        own, self._socket = self._socket, None
        if own is not None:
            own.close()

    def _send_cut(self, data: memoryview, size: int) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendmsg([data], [(_SOL_UDP, UDP_SEGMENT, struct.pack("H", size))], 0, self._remote)
        except OSError as error:
            if error.errno in _NOT_HERE:
                self.segments = False
                self._send_each(data, size)

    def _send_each(self, data: memoryview, size: int) -> None:
        for start in range(0, len(data), size):
            self.send(data[start : start + size])


class RelayedOutlet:
    """Sends through a TURN server, which wants each datagram wrapped; aioice does that, on the event loop.

    Args:
        transport: aioice's, of the relayed candidate.
        remote: The peer's address, as the relay sees it.
    """

    def __init__(self, transport: Any, remote: tuple[Any, ...]) -> None:
        self._transport = transport
        self._remote = remote
        self._loop = asyncio.get_running_loop()
        self._open = True

    def send(self, data: bytes | memoryview) -> None:
        """See `DatagramOutlet`."""
        self._hand_over([bytes(data)])

    def send_segments(self, data: memoryview, size: int) -> None:
        """See `DatagramOutlet`."""
        self._hand_over([bytes(data[start : start + size]) for start in range(0, len(data), size)])

    def close(self) -> None:
        """See `DatagramOutlet`."""
        self._open = False

    def _hand_over(self, datagrams: list[bytes]) -> None:
        if self._open:
            self._loop.call_soon_threadsafe(self._send_now, datagrams)

    def _send_now(self, datagrams: list[bytes]) -> None:
        for data in datagrams if self._open else ():
            self._transport.sendto(data, self._remote)
