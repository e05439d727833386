"""Reads the socket of a link in place of asyncio: many datagrams for one call, each with the time at which it came.

The kernel notes when a datagram arrives (SO_TIMESTAMPNS) and puts the datagrams of one burst together (UDP_GRO). So the
time is true even when this program was busy, which else would look like a queue in the network; and a picture of five
packets costs one system call. Linux only; elsewhere asyncio goes on reading, and the time is that of reading.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from aioice.ice import CandidatePair

from meshconf.rtc.internals import socket_of
from meshconf.rtc.poll import SocketPoll

log = logging.getLogger("meshconf.rtc")

UDP_GRO = 104
"""Socket option, and ancillary data with the length of each datagram (linux/udp.h)."""

SO_TIMESTAMPNS = 35
"""Socket option, and ancillary data: seconds and nanoseconds of the wall clock (asm-generic/socket.h)."""

_SOL_UDP = 17
_LARGEST = 65_535
_ANCILLARY = socket.CMSG_SPACE(16) + socket.CMSG_SPACE(4) if hasattr(socket, "CMSG_SPACE") else 0
_TIME = struct.Struct("@qq")
_LENGTH = struct.Struct("@i")

CLOCK_STEP = 0.05
"""Seconds by which the wall clock has to leave the monotonic one between two datagrams to have been set."""

MISTRUST = 1.0
"""Seconds after that in which datagrams may still come that were stamped by the clock as it was before."""

Take = Callable[[Sequence[bytes], float], None]
"""Takes datagrams that came together, in order, and the monotonic seconds of their arrival."""


class SocketReader:
    """Reads one socket until `close`.

    Args:
        own: A duplicate of the socket; closed with this.
        remote: Whose datagrams are looked at.
        is_media: Whether a datagram is for `take`.
        take: Gets them.
        otherwise: Gets all others, and their senders.
    """

    def __init__(
        self,
        own: socket.socket,
        remote: tuple[Any, ...],
        *,
        is_media: Callable[[bytes], bool],
        take: Take,
        otherwise: Callable[[bytes, tuple[Any, ...]], None],
    ) -> None:
        self._socket = own
        self._remote = remote[:2]
        self._is_media = is_media
        self._take = take
        self._otherwise = otherwise
        self._buffer = bytearray(_LARGEST)
        self._view = memoryview(self._buffer)
        self._closed = False
        self._wall = time.time() - time.monotonic()
        self._mistrusted = float("-inf")
        own.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        own.setsockopt(_SOL_UDP, UDP_GRO, 1)

    def read(self) -> None:
        """Read one buffer, if something has come."""
        try:
            length, ancillary, _, sender = self._socket.recvmsg_into([self._buffer], _ANCILLARY)
        except OSError:  # nothing there, or news of a peer that has gone; the next datagram may be fine
            return
        arrived, size = time.monotonic(), length
        for _level, kind, data in ancillary:
            if kind == SO_TIMESTAMPNS:
                arrived = self._monotonic(data, arrived)
            elif kind == UDP_GRO:
                size = _LENGTH.unpack_from(data)[0]
        self._part(length, max(1, size), arrived, sender)

    def close(self) -> None:
        """Read no more."""
        self._closed = True
        self._socket.close()

    def _monotonic(self, stamp: bytes, now: float) -> float:
        """The monotonic time of a stamp of the wall clock, which somebody may set; never after `now`."""
        seconds, nanoseconds = _TIME.unpack_from(stamp)
        wall = time.time() - now
        if abs(wall - self._wall) > CLOCK_STEP:
            self._mistrusted = now + MISTRUST
        self._wall = wall
        return now if now < self._mistrusted else min(now, seconds + nanoseconds * 1e-9 - wall)

    def _part(self, length: int, size: int, arrived: float, sender: tuple[Any, ...]) -> None:
        known = sender[:2] == self._remote
        media: list[bytes] = []
        for start in range(0, length, size):
            datagram = bytes(self._view[start : min(start + size, length)])
            if known and self._is_media(datagram):
                media.append(datagram)
            else:
                self._otherwise(datagram, sender)
        if media and not self._closed:
            self._take(media, arrived)


def read_instead(pair: CandidatePair, *, is_media: Callable[[bytes], bool], take: Take) -> Callable[[], None] | None:
    """Read the socket of a pair from now on.

    Returns:
        What gives it back to asyncio, to be called before the socket is closed; None where asyncio must go on reading.
    """
    loop = asyncio.get_running_loop()
    transport = pair.protocol.transport
    own = socket_of(pair)
    # The public way to stop and begin reading refuses sockets that have a transport.
    add: Any = getattr(loop, "_add_reader", None)
    remove: Any = getattr(loop, "_remove_reader", None)
    regular = getattr(transport, "_read_ready", None)
    if sys.platform != "linux" or own is None or add is None or remove is None or regular is None:
        return None
    ours = own.dup()
    try:
        reader = SocketReader(
            ours,
            pair.remote_addr,
            is_media=is_media,
            take=take,
            otherwise=pair.protocol.datagram_received,
        )
    except OSError as error:  # kernels before 5.0 put nothing together
        log.info("Datagrams are read one by one: %s", error)
        ours.close()
        return None
    remove(own.fileno())
    poll = SocketPoll.running()
    poll.add(ours, reader.read)

    def give_back() -> None:
        poll.remove(ours)
        reader.close()
        if not transport.is_closing():
            add(own.fileno(), regular)

    return give_back
