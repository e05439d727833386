"""What members send each other about the room's log, over ctl; beats over rt."""

from __future__ import annotations

from typing import Annotated

import msgspec

from meshconf.protocol.fields import Digest, Id, Message, Name, Public, Signature, Stamp
from meshconf.protocol.room.acts import Entry, Proposal

MAX_ENTRIES = 16
"""Entries in one message; with their votes they stay within a message's size."""
MAX_PARCEL = 12_000
"""Bytes of entries in one message."""
MAX_LOCATOR = 32


class Propose(Message, frozen=True, tag="propose"):
    """Member to host, or to a member who can reach the host: put this into the log."""

    proposal: Proposal


class NotDone(Message, frozen=True, tag="not-done"):
    """Host to author, perhaps through a member: your act `number` is refused, and why."""

    author: Id
    number: Stamp
    reason: Annotated[str, msgspec.Meta(max_length=32)]
    text: Annotated[str, msgspec.Meta(max_length=200)]


class Entries(Message, frozen=True, tag="entries"):
    """Entries of the log in order; `more` when the sender has further ones: ask again."""

    entries: Annotated[list[Entry], msgspec.Meta(max_length=MAX_ENTRIES)]
    more: bool = False


class Fetch(Message, frozen=True, tag="fetch"):
    """Send me what I miss of your branch; digests that I have, newest first."""

    known: Annotated[list[Digest], msgspec.Meta(max_length=MAX_LOCATOR)]


class Beat(Message, frozen=True, tag="beat"):
    """The host lives, and this is the head of its log. Signed, so that anybody may pass it on."""

    epoch: Stamp
    host: Id
    head: Digest
    n: Stamp
    """Grows with each beat of this host."""
    signature: Signature

    def signed_part(self, room: str) -> bytes:
        """The bytes that the host signs."""
        return b"meshconf beat v1" + msgspec.msgpack.encode((room, self.epoch, self.host, self.head, self.n))


class CallVote(Message, frozen=True, tag="call-vote"):
    """The host is lost, or must show who is with it: shall I be host after the entry `parent`?"""

    parent: Digest


class GiveVote(Message, frozen=True, tag="give-vote"):
    """You shall; the signature counts for this epoch after this entry, and for nobody else."""

    parent: Digest
    signature: Signature


class Knock(Message, frozen=True, tag="knock"):
    """Doorman to host and admins: somebody who has the code waits in the lobby; `waiting` is false when it gave up."""

    peer: Id
    public: Public
    name: Name
    waiting: bool = True


class Deny(Message, frozen=True, tag="deny"):
    """Host or admin to doormen: send this person away."""

    peer: Id


RoomMessage = Propose | NotDone | Entries | Fetch | Beat | CallVote | GiveVote | Knock | Deny
"""Every message about the room."""


def parcel(entries: list[Entry]) -> Entries | None:
    """As many entries as fit into one message; None when there are none."""
    if not entries:
        return None
    size, count = 0, 0
    for entry in entries[:MAX_ENTRIES]:
        size += len(msgspec.msgpack.encode(entry))
        if count and size > MAX_PARCEL:
            break
        count += 1
    return Entries(entries=entries[:count], more=count < len(entries))
