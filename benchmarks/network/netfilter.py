"""Packets of a network namespace handed to a program by the kernel: NFQUEUE, spoken over netlink.

`tc netem` is missing in many small kernels; this is not. An iptables rule puts packets into a numbered queue, the
program is told of each and says later that it may pass, or not. Linux, nfnetlink_queue.h. Large packets that the
sender meant for segmentation offload arrive in pieces, as on a plain network card.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from enum import IntEnum

_NETLINK_NETFILTER = 12
_QUEUE = 3 << 8  # NFNL_SUBSYS_QUEUE
_PACKET, _VERDICT, _CONFIG = 0, 1, 2
_BIND, _META_AND_BYTES = 1, 2


_CONFIG_COMMAND, _CONFIG_PARAMETERS, _CONFIG_LENGTH = 1, 2, 3
_DROP, _ACCEPT = 0, 1
_REQUEST, _ACK = 1, 4
_COPY = 40
"""Bytes of each packet that we are shown: none of them matter, the length does."""
_MOST_WAITING = 20_000
_BUFFER = 8 << 20


class Attribute(IntEnum):
    """NFQA_*: what a message tells of a packet."""

    PACKET_HEADER = 1
    VERDICT_HEADER = 2
    PAYLOAD = 10
    FULL_LENGTH = 13
    """There when the payload was cut to what we asked for."""


class Queue:
    """One numbered queue of the namespace that the process is in.

    Raises:
        OSError: the kernel has no such queues, or we may not.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind((0, 0))
        # The command names the protocol family, which current kernels ignore.
        self._configure(_CONFIG_COMMAND, struct.pack("!BxH", _BIND, socket.AF_INET))
        self._configure(_CONFIG_PARAMETERS, struct.pack("!IB", _COPY, _META_AND_BYTES))
        self._configure(_CONFIG_LENGTH, struct.pack("!I", _MOST_WAITING))
        self._socket.setblocking(False)

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def packets(self) -> Iterator[tuple[int, int]]:
        """Number and length in bytes of every packet that waits to be told of."""
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:  # we were too slow: some passed unseen
                    raise
                continue
            yield from _packets(data)

    def accept(self, packet: int) -> None:
        """Let a packet pass."""
        self._judge(packet, _ACCEPT)

    def drop(self, packet: int) -> None:
        """Throw a packet away."""
        self._judge(packet, _DROP)

    def _judge(self, packet: int, verdict: int) -> None:
        body = _attribute(Attribute.VERDICT_HEADER, struct.pack("!II", verdict, packet))
        self._socket.send(self._message(_VERDICT, body, _REQUEST))

    def _configure(self, attribute: int, value: bytes) -> None:
        self._socket.send(self._message(_CONFIG, _attribute(attribute, value), _REQUEST | _ACK))
        answer = self._socket.recv(4096)
        (code,) = struct.unpack_from("=i", answer, 16)
        if code:
            raise OSError(-code, "the kernel refuses a packet queue")

    def _message(self, kind: int, body: bytes, flags: int) -> bytes:
        general = struct.pack("!BBH", socket.AF_UNSPEC, 0, self._number)
        return struct.pack("=IHHII", 20 + len(body), _QUEUE | kind, flags, 0, 0) + general + body


def _attribute(kind: int, value: bytes) -> bytes:
    padding = b"\0" * (-len(value) % 4)
    return struct.pack("=HH", 4 + len(value), kind) + value + padding


def _packets(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + 20 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        if length < 20:
            return
        if kind == _QUEUE | _PACKET:
            yield _packet(data[at + 20 : at + length])
        at += length + (-length % 4)


def _packet(body: bytes) -> tuple[int, int]:
    number = size = full = at = 0
    while at + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, at)
        if length < 4:
            break
        match kind & 0x3FFF:
            case Attribute.PACKET_HEADER:
                (number,) = struct.unpack_from("!I", body, at + 4)
            case Attribute.PAYLOAD:
                size = length - 4
            case Attribute.FULL_LENGTH:
                (full,) = struct.unpack_from("!I", body, at + 4)
        at += length + (-length % 4)
    return number, full or size
