"""Messages survive the wire; nothing else than a message comes out of the decoders."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from rendezvous.messages import (
    MAX_BOX,
    MAX_FRAME,
    Arrived,
    ClientMessage,
    Departed,
    Failed,
    Frame,
    Join,
    Joined,
    Open,
    Opened,
    Rename,
    Renamed,
    Send,
    ServerMessage,
    decode_client,
    decode_server,
    encode,
)

TOKEN = b"t" * 16
FROM_CLIENT: list[ClientMessage] = [
    Open(("l-ab", "42"), TOKEN, True),
    Join("42"),
    Send(7, b"box"),
    Rename(("l-ab",), True),
]
FROM_SERVER: list[ServerMessage] = [
    Opened(1, ("42",)),
    Joined(2, (1,)),
    Frame(2, b"box"),
    Arrived(2),
    Departed(2),
    Renamed(("43",)),
    Failed("taken", "A sentence."),
]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(("type", "to", "box", "names")), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("message", FROM_CLIENT)
def test_what_a_client_says_is_read_as_it_was_meant(message: ClientMessage) -> None:
    assert decode_client(encode(message)) == message


@pytest.mark.parametrize("message", FROM_SERVER)
def test_what_a_server_says_is_read_as_it_was_meant(message: ServerMessage) -> None:
    assert decode_server(encode(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        Join(""),
        Join("UPPER"),
        Join("a\n"),
        Join("a" * 81),
        Open(("a",) * 9, TOKEN),
        Open(("a",), b"short"),
        Send(-1, b""),
        Send(2**53, b""),
        Send(1, b"x" * (MAX_BOX + 1)),
        Opened(1, ("a",)),
    ],
)
def test_fields_out_of_bounds_are_refused(message: ClientMessage | ServerMessage) -> None:
    with pytest.raises(ProtocolError):
        decode_client(encode(message))


def test_the_largest_box_fits_the_largest_frame() -> None:
    assert len(encode(Frame(2**53 - 1, b"x" * MAX_BOX))) <= MAX_FRAME


def test_the_decoder_survives_text_nesting_and_size() -> None:
    deep = b"\x82\xa4type\xa4join\xa1x" + b"\x91" * 60_000
    for data in ("text", deep, b"\0" * (MAX_FRAME + 1), b"\x82\xa4type\xa4join\xa4name\xa2\xff\xfe"):
        with pytest.raises(ProtocolError):
            decode_client(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | values.map(msgspec.msgpack.encode))
def test_any_bytes_are_a_message_or_a_protocol_error(data: bytes) -> None:
    for decode in (decode_client, decode_server):
        try:
            assert isinstance(decode(data), ClientMessage | ServerMessage)
        except ProtocolError:
            pass


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*FROM_CLIENT, *FROM_SERVER]), st.data())
def test_a_damaged_message_is_a_message_or_a_protocol_error(
    message: ClientMessage | ServerMessage, data: st.DataObject
) -> None:
    damaged = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    for decode in (decode_client, decode_server):
        try:
            decode(bytes(damaged))
        except ProtocolError:
            pass
