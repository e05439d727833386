"""A sealed road between two people who met at a rendezvous: messages in, opaque boxes out, and back."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from meshconf.errors import ProtocolError, SignalingLost
from meshconf.protocol.messages import AnyMessage, Relay, Signal, decode, encode
from meshconf.protocol.sealing import SealedChannel
from meshconf.signaling.base import Received, RoomSocket

EARLY = 64
"""Signals that may come before the doorman's last word: its own, and others' that it carries."""


class SealedRoad:
    """One `SealedChannel` over one socket of a rendezvous room, towards one other socket there."""

    def __init__(self, socket: RoomSocket, other: int, channel: SealedChannel) -> None:
        self._socket = socket
        self._other = other
        self._channel = channel
        self._early: list[Signal] = []

    async def send(self, message: AnyMessage) -> None:
        """Seal and send; quietly nothing once the socket is gone, since a mesh outlives its rendezvous."""
        with contextlib.suppress(SignalingLost):
            await self._socket.send(self._other, self._channel.seal(encode(message)))

    def open(self, box: bytes) -> AnyMessage:
        """Unseal and check a box.

        Raises:
            ProtocolError: forged, replayed, meant for somebody else, or not a message.
        """
        return decode(self._channel.open(box))

    def keep(self, signal: Signal) -> None:
        """Keep a signal that came before we are in: whoever lets us in may connect to us before it has told us so.

        Raises:
            ProtocolError: there are too many.
        """
        if len(self._early) >= EARLY:
            raise ProtocolError("the doorman has more to carry than to say")
        self._early.append(signal)

    async def signals(self) -> AsyncIterator[Signal]:
        """What the other side sends or carries to us, what was kept first, as the only reader of the socket.

        Raises:
            SignalingLost: the socket is gone.
            ProtocolError: a box does not open, or holds no message.
        """
        while self._early:
            yield self._early.pop(0)
        while True:
            news = await self._socket.receive()
            if isinstance(news, Received) and news.sender == self._other:
                match self.open(news.box):
                    case (Signal() as signal) | Relay(signal=signal):
                        yield signal
