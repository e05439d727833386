"""The rules of the data channels that need no network; what crosses one is in `test_link.py`."""

from __future__ import annotations

import pytest
from aiortc import RTCPeerConnection

from meshconf.errors import LocalProtocolError
from meshconf.rtc.channels import BUFFER_LIMITS, LARGEST_MESSAGE, MESSAGE_LIMITS, ChannelName, Channels


async def test_channels_are_numbered_alike_on_both_sides_and_refuse_what_breaks_their_rules() -> None:
    connection = RTCPeerConnection()
    messages: list[tuple[ChannelName, bytes]] = []
    violations: list[str] = []
    connection.addTransceiver("audio")
    channels = Channels(
        connection,
        on_open=lambda: None,
        on_message=lambda name, data: messages.append((name, data)),
        on_violation=violations.append,
    )
    wires = channels._channels
    assert [(name, wire.id, wire.negotiated) for name, wire in wires.items()] == [
        ("ctl", 0, True),
        ("rt", 1, True),
        ("bulk", 2, True),
    ]
    assert (wires["rt"].ordered, wires["rt"].maxRetransmits) == (False, 0)
    assert (wires["ctl"].ordered, wires["ctl"].maxRetransmits) == (True, None)
    assert not channels.send("ctl", b"not open yet")
    wires["ctl"].emit("message", b"fine")
    wires["ctl"].emit("message", bytes(MESSAGE_LIMITS["ctl"] + 1))
    wires["rt"].emit("message", "text")
    connection.emit("datachannel", object())
    assert messages == [("ctl", b"fine")]
    assert len(violations) == 3
    with pytest.raises(LocalProtocolError):
        channels.send("bulk", bytes(LARGEST_MESSAGE + 1))
    await connection.close()


def test_every_buffer_holds_several_of_the_longest_messages() -> None:
    assert all(BUFFER_LIMITS[name] >= 4 * limit for name, limit in MESSAGE_LIMITS.items())
