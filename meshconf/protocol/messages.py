"""Every message that two members exchange, over a sealed signaling channel or over their data channels.

Typed and size-limited: `decode` refuses whatever does not fit, with `ProtocolError`. MessagePack maps, tagged by `t`.
Signaling (`Signal`) is signed by its author, so that the members who carry it can neither read more than the
addresses in it nor change a byte. `docs/protocol.md` is the catalogue.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from meshconf.errors import ProtocolError
from meshconf.protocol.chat import ChatMessage
from meshconf.protocol.control.messages import ControlMessage
from meshconf.protocol.fields import Id, Message, Name, Public, Signature, Stamp
from meshconf.protocol.room.messages import RoomMessage
from meshconf.protocol.signs import SignMessage
from meshconf.types import SourceKind

VERSION = 1
MAX_MESSAGE = 16_384
"""Bytes; the cap of the ctl channel, and enough for a description with five m-lines."""

MAX_PEOPLE = 32


class Member(msgspec.Struct, frozen=True):
    """One participant as the roster knows it."""

    peer: Id
    public: Public
    name: Name
    joined: Stamp
    """Milliseconds since 1970 by the doorman's clock: tells a return from an old entry, and orders lists of people."""

    signature: Signature
    """By the member's own key over all of the above; see `membership`."""

    def signed_part(self) -> bytes:
        """The bytes that the signature covers."""
        return b"meshconf member v1" + msgspec.msgpack.encode((self.peer, self.public, self.name, self.joined))


class Seat(Message, frozen=True, tag="seat"):
    """Doorman to newcomer, first over the sealed channel: the moment of joining that your entry is to carry.

    By the doorman's clock, and after any earlier visit of yours: what you said on that one is worth nothing on this.
    """

    joined: Stamp


class JoinRequest(Message, frozen=True, tag="join"):
    """Newcomer to doorman: let me in, with this entry."""

    member: Member
    version: int = VERSION


class Waiting(Message, frozen=True, tag="waiting"):
    """Doorman to newcomer: host or an admin has to let you in; you are in the lobby until then."""


class Admitted(Message, frozen=True, tag="admitted"):
    """Doorman to newcomer: you are in; the log of the room came before this, in `Entries`."""

    by: Id
    members: Annotated[list[Member], msgspec.Meta(max_length=MAX_PEOPLE)]


class TurnedAway(Message, frozen=True, tag="turned-away"):
    """Doorman to newcomer: not now; `reason` as in `errors.Refused`."""

    reason: Annotated[str, msgspec.Meta(max_length=32)]
    text: Annotated[str, msgspec.Meta(max_length=200)]


class Signal(Message, frozen=True, tag="signal"):
    """One step of a negotiation between `sender` and `recipient`, signed by the sender.

    `again` asks the one who offers (the smaller id) for a new offer, since our connection is lost.
    """

    room: Annotated[str, msgspec.Meta(max_length=32)]
    sender: Id
    joined: Stamp
    """The sender's moment of joining: what it said on an earlier visit is worth nothing on this one."""

    recipient: Id
    session: Stamp
    """Of an offer and its answer, their session; of `again`, which request it is. Both only grow: a carrier can
    repeat nothing."""

    kind: Literal["offer", "answer", "again"]
    sdp: Annotated[str, msgspec.Meta(max_length=12_000)] = ""
    fingerprint: Annotated[str, msgspec.Meta(max_length=95)] = ""
    signature: Annotated[bytes, msgspec.Meta(max_length=64)] = b""

    def signed_part(self) -> bytes:
        """The bytes that the signature covers: everything but itself, length-delimited."""
        return b"meshconf signal v1" + msgspec.msgpack.encode(
            (self.room, self.sender, self.joined, self.recipient, self.session, self.kind, self.sdp, self.fingerprint)
        )


class Hello(Message, frozen=True, tag="hello"):
    """First on ctl, both ways: I hold the key of my id, and this very DTLS connection is mine (RFC 5705 exporter)."""

    member: Member
    binding: Signature


class Introduce(Message, frozen=True, tag="introduce"):
    """These are members too; sent when somebody is admitted, when a link opens, and to settle a difference."""

    members: Annotated[list[Member], msgspec.Meta(max_length=MAX_PEOPLE)]
    seen: bool = False
    """I am connected to all of these at this moment: you may take back whom you lost."""


class Sources(Message, frozen=True, tag="sources"):
    """What I am sending now; sent on each change, and when a link opens."""

    on: Annotated[list[SourceKind], msgspec.Meta(max_length=4)]


class Want(Message, frozen=True, tag="want"):
    """What I show of one of your pictures: nothing while paused, else up to this height and rate."""

    source: SourceKind
    height: Annotated[int, msgspec.Meta(ge=0, le=8192)]
    fps: Annotated[int, msgspec.Meta(ge=0, le=240)]
    paused: bool = False


class DoorKeys(Message, frozen=True, tag="door-keys"):
    """What a member needs to open doors for newcomers: the invites in force and the rendezvous room's token."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    link: Annotated[str, msgspec.Meta(max_length=400)]
    token: Annotated[bytes, msgspec.Meta(max_length=32)]
    version: Stamp
    """Grows with each rotation; an older set never replaces a newer one."""


class WrongGuess(Message, frozen=True, tag="wrong-guess"):
    """Member to host: somebody tried a wrong code at my door."""


class Leave(Message, frozen=True, tag="leave"):
    """I leave, cleanly."""


class Ping(Message, frozen=True, tag="ping"):
    """On rt, twice a second: are you there, and do you see whom I see?"""

    n: Stamp
    roster: Annotated[bytes, msgspec.Meta(max_length=8)] = b""
    """Stands for those to whom the sender is connected; see `agreement`."""


class Pong(Message, frozen=True, tag="pong"):
    """On rt: the answer to a ping."""

    n: Stamp


class Relay(Message, frozen=True, tag="relay"):
    """Carry this signal to its recipient, with whom I have no connection yet."""

    signal: Signal


AnyMessage = (
    Seat
    | JoinRequest
    | Admitted
    | TurnedAway
    | Signal
    | Hello
    | Introduce
    | Sources
    | Want
    | DoorKeys
    | WrongGuess
    | Leave
    | Waiting
    | Ping
    | Pong
    | Relay
    | RoomMessage
    | ChatMessage
    | SignMessage
    | ControlMessage
)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AnyMessage)


def encode(message: AnyMessage) -> bytes:
    """The bytes of one message."""
    return _encoder.encode(message)


def decode(data: bytes) -> AnyMessage:
    """Check and read one message.

    Raises:
        ProtocolError: it is too large, malformed, of an unknown kind, or a field is out of bounds.
    """
    if len(data) > MAX_MESSAGE:
        raise ProtocolError(f"a message of {len(data)} bytes, where {MAX_MESSAGE} are allowed")
    try:
        message: AnyMessage = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ProtocolError("a message that does not fit the protocol") from error
    return message
