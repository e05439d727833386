"""What travels between a client and the rendezvous: tagged msgpack maps in binary WebSocket messages.

Shared by both ends. A box is opaque to the server; every other field is small and checked while it is decoded.
The version is the WebSocket subprotocol, so that two versions refuse each other before the first message.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from meshconf.errors import ProtocolError

SUBPROTOCOL = "meshconf-rendezvous-1"

MAX_BOX = 65_536 + 256
"""Bytes of a box: the largest padding bucket of a sealed message, and room for its tag."""

MAX_FRAME = MAX_BOX + 256
"""Bytes of a whole WebSocket message."""

TOKEN_SIZE = 16

Name = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]{1,80}\Z")]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=8)]
Token = Annotated[bytes, msgspec.Meta(min_length=TOKEN_SIZE, max_length=TOKEN_SIZE)]
Box = Annotated[bytes, msgspec.Meta(max_length=MAX_BOX)]
Socket = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
ShortText = Annotated[str, msgspec.Meta(max_length=500)]


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Client: create a room, or attach to it as a further member with the token that created it."""

    names: Names
    token: Token
    allocate: bool = False
    """Whether the server adds the smallest free nameplate to the names of a new room."""


class Join(msgspec.Struct, frozen=True, tag="join"):
    """Client: knock at the room that has this name."""

    name: Name


class Send(msgspec.Struct, frozen=True, tag="send"):
    """Client: relay a box to another socket of the same room; dropped when that socket is gone."""

    to: Socket
    box: Box


class Rename(msgspec.Struct, frozen=True, tag="rename"):
    """Client, members only: these are the room's names from now on; all others are free again."""

    names: Names
    allocate: bool = False
    """Whether a nameplate is added; never one that the room had until now."""


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """Server: you are a member, under this number; also the answer to Rename."""

    own: Socket
    names: tuple[Name, ...]


class Joined(msgspec.Struct, frozen=True, tag="joined"):
    """Server: you are a joiner, and these are the members who can let you in."""

    own: Socket
    members: tuple[Socket, ...]


class Frame(msgspec.Struct, frozen=True, tag="frame"):
    """Server: a box from another socket of your room."""

    sender: Socket
    box: Box


class Arrived(msgspec.Struct, frozen=True, tag="arrived"):
    """Server: to members, a joiner knocks; to joiners, a further member is there."""

    socket: Socket


class Departed(msgspec.Struct, frozen=True, tag="departed"):
    """Server: a socket that you heard of is gone."""

    socket: Socket


class Renamed(msgspec.Struct, frozen=True, tag="renamed"):
    """Server: another member has renamed the room."""

    names: tuple[Name, ...]


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Server: what you asked for is refused; the socket closes after it, except after a refused Rename."""

    code: ShortText
    """Stable: malformed, no-such-meeting, taken, full, limit, idle, expired."""
    text: ShortText
    """A sentence for whoever debugs a client; clients show words of their own."""


ClientMessage = Open | Join | Send | Rename
ServerMessage = Opened | Joined | Frame | Arrived | Departed | Renamed | Failed

_T = TypeVar("_T")
_encoder = msgspec.msgpack.Encoder()
_client_decoder: msgspec.msgpack.Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_server_decoder: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """Return the binary WebSocket message that carries `message`."""
    return _encoder.encode(message)


def decode_client(data: bytes | str) -> ClientMessage:
    """Read what a client sent.

    Raises:
        ProtocolError: It is not one of the client's messages, or a field is out of bounds.
    """
    return _decode(_client_decoder, data)


def decode_server(data: bytes | str) -> ServerMessage:
    """Read what a rendezvous sent.

    Raises:
        ProtocolError: It is not one of the server's messages, or a field is out of bounds.
    """
    return _decode(_server_decoder, data)


def _decode(decoder: msgspec.msgpack.Decoder[_T], data: bytes | str) -> _T:
    if isinstance(data, str):
        raise ProtocolError("Text where a binary message is expected.")
    if len(data) > MAX_FRAME:
        raise ProtocolError("The message is too large.")
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        # ValueError: text that is not UTF-8. RecursionError: containers nested a thousand deep.
        raise ProtocolError("Not a message of the rendezvous.") from error
