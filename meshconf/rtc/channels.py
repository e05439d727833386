"""The three data channels of a link: reliable control, lossy real time, bulk.

All share one SCTP association, so the limits here keep bulk data from standing in front of control messages.
The channels are negotiated by number on both sides: the peer can neither rename nor add one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from aiortc import RTCDataChannel, RTCPeerConnection

from meshconf.errors import LocalProtocolError

ChannelName = Literal["ctl", "rt", "bulk"]

MESSAGE_LIMITS: dict[ChannelName, int] = {"ctl": 16_384, "rt": 1_200, "bulk": 65_536}
"""Bytes that one message may have, both ways."""

BUFFER_LIMITS: dict[ChannelName, int] = {"ctl": 262_144, "rt": 16_384, "bulk": 262_144}
"""Bytes that may wait to be sent; what does not fit is refused, never queued."""

LARGEST_MESSAGE = max(MESSAGE_LIMITS.values())

_IDS: dict[ChannelName, int] = {"ctl": 0, "rt": 1, "bulk": 2}


class Channels:
    """The data channels of one connection.

    Args:
        connection: A connection that has its transceivers already; the other order breaks bundling in aiortc.
        on_open: Called once, when all three are open.
        on_message: Called with each message within its limit.
        on_violation: Called with a sentence when the peer breaks the rules.
    """

    def __init__(
        self,
        connection: RTCPeerConnection,
        *,
        on_open: Callable[[], None],
        on_message: Callable[[ChannelName, bytes], None],
        on_violation: Callable[[str], None],
    ) -> None:
        self._on_open = on_open
        self._on_message = on_message
        self._on_violation = on_violation
        self._channels: dict[ChannelName, RTCDataChannel] = {}
        for name, number in _IDS.items():
            self._channels[name] = self._create(connection, name, number)
        connection.on("datachannel", lambda _: on_violation("The peer opened a data channel of its own."))

    def send(self, name: ChannelName, data: bytes) -> bool:
        """Queue a message.

        Returns:
            False when the channel is not open, or too much is waiting already; bulk also waits for control.

        Raises:
            LocalProtocolError: The message is longer than its channel carries.
        """
        if len(data) > MESSAGE_LIMITS[name]:
            raise LocalProtocolError(f"{len(data)} bytes are too many for one message on {name}.")
        channel = self._channels[name]
        if channel.readyState != "open" or channel.bufferedAmount + len(data) > BUFFER_LIMITS[name]:
            return False
        if name == "bulk" and self._channels["ctl"].bufferedAmount:
            return False
        channel.send(data)
        return True

    def _create(self, connection: RTCPeerConnection, name: ChannelName, number: int) -> RTCDataChannel:
        lossy = name == "rt"
        channel = connection.createDataChannel(
            name, negotiated=True, id=number, ordered=not lossy, maxRetransmits=0 if lossy else None
        )
        channel.on("open", self._opened)
        channel.on("message", lambda data: self._received(name, data))
        return channel

    def _opened(self) -> None:
        if all(channel.readyState == "open" for channel in self._channels.values()):
            self._on_open()

    def _received(self, name: ChannelName, data: bytes | str) -> None:
        if not isinstance(data, bytes) or len(data) > MESSAGE_LIMITS[name]:
            self._on_violation(f"The peer sent a message that {name} does not carry.")
            return
        self._on_message(name, data)
