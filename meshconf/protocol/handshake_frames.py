"""The frames of the handshake on the wire: small tagged msgpack arrays, each with the version of the protocol.

What they mean and when they are allowed is handshake.py's business.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from meshconf.errors import ProtocolError
from meshconf.protocol.identity import PUBLIC_SIZE, SIGNATURE_SIZE
from meshconf.protocol.sealing import TAG_SIZE

_F = TypeVar("_F", bound="Frame")

VERSION = 1

MAX_FRAME = 4_096
"""Bytes of the largest handshake frame that is looked at."""

_BOX_SIZE = PUBLIC_SIZE + SIGNATURE_SIZE + TAG_SIZE

_Room: TypeAlias = Annotated[str, Meta(pattern=r"\A(?:[1-9][0-9]{0,5}|l-[0-9a-f]{32})\Z")]
_Exchange: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=33)]
_Box: TypeAlias = Annotated[bytes, Meta(min_length=_BOX_SIZE, max_length=_BOX_SIZE)]
_Confirmation: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """Written as an array: a later version may append fields, and this one still reads its version."""

    version: int


class Hello(Frame, frozen=True, array_like=True, tag="hello"):
    """The joiner opens: which room, and their half of the key exchange."""

    room: _Room
    exchange: _Exchange


class Reply(Frame, frozen=True, array_like=True, tag="reply"):
    """The doorman's half of the key exchange."""

    exchange: _Exchange


class Proof(Frame, frozen=True, array_like=True, tag="proof"):
    """The joiner knows the invite; the box holds their public key and signature."""

    box: _Box
    confirmation: _Confirmation


class Welcome(Frame, frozen=True, array_like=True, tag="welcome"):
    """The doorman knows it too; the box holds their public key and signature."""

    box: _Box
    confirmation: _Confirmation


class Refuse(Frame, frozen=True, array_like=True, tag="refuse"):
    """The doorman ends it. Not authenticated: there is no common key yet."""

    reason: Literal["wrong-code", "version", "protocol"]


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Hello | Reply | Proof | Welcome | Refuse] = msgspec.msgpack.Decoder(
    Hello | Reply | Proof | Welcome | Refuse
)


class OtherVersion(ProtocolError):
    """The other side speaks another version of meshconf; update the older of the two."""


def encode_frame(frame: Frame) -> bytes:
    """Return the bytes of a frame."""
    return _encoder.encode(frame)


def decode_frame(frame: bytes) -> Frame:
    """Read a frame from outside.

    Raises:
        OtherVersion: it is whole, but of another version.
        ProtocolError: it is too large or malformed.
    """
    if len(frame) > MAX_FRAME:
        raise ProtocolError("A handshake frame of impossible size arrived.")
    try:
        message = _decoder.decode(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ProtocolError("A malformed handshake frame arrived.") from None
    if message.version != VERSION:
        raise OtherVersion
    return message


def of_type(wanted: type[_F], message: Frame) -> _F:
    """Return the frame if it is the one whose turn it is.

    Raises:
        ProtocolError: it is another.
    """
    if not isinstance(message, wanted):
        raise ProtocolError("A handshake frame arrived out of place.")
    return message
