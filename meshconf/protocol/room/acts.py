"""What the log of a room is made of: acts, proposed and signed by their author, put in order and signed by the host.

An author signs what it wants done and a number of its own that only grows; the host signs where in the log that
stands. So a host can neither invent another's act nor do it twice, and nobody but the host can order.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated

import msgspec

from meshconf.protocol.fields import Digest, Id, Name, Public, Signature, Stamp
from meshconf.types import Medium

MAX_VOTES = 64


class Deed(StrEnum):
    """Every kind of act that a log can hold."""

    FOUND = "found"
    """The first entry: the room, its title and its first host."""
    ADMIT = "admit"
    REMOVE = "remove"
    APPOINT = "appoint"
    DISMISS = "dismiss"
    TRANSFER = "transfer"
    FORBID = "forbid"
    PERMIT = "permit"
    LOCK = "lock"
    UNLOCK = "unlock"
    LOBBY_ON = "lobby_on"
    LOBBY_OFF = "lobby_off"
    HISTORY_ON = "history_on"
    """Newcomers get the chat of before."""
    HISTORY_OFF = "history_off"
    END = "end"
    SUCCEED = "succeed"
    """A new epoch without the consent of the last host: it is lost, or two halves of the room settle which counts."""


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act: what is done, and to whom or what."""

    do: Deed
    peer: Id | None = None
    """Whom it concerns; None where it concerns everybody."""
    kind: Medium | None = None
    name: Name = ""
    """The title when founding, the person's name when admitting."""
    public: Public | None = None
    """The key of who founds or is admitted."""


class Proposal(msgspec.Struct, frozen=True):
    """An act as its author signed it."""

    room: Annotated[str, msgspec.Meta(max_length=32)]
    author: Id
    number: Stamp
    """Grows with each act of this author, so that no act is ever done twice."""
    act: Act
    signature: Signature

    def signed_part(self) -> bytes:
        """The bytes that the author signs."""
        return b"meshconf act v1" + msgspec.msgpack.encode((self.room, self.author, self.number, self.act))


class Vote(msgspec.Struct, frozen=True):
    """A member's word that `claimant` shall be host of `epoch`, after the entry `parent`."""

    voter: Id
    signature: Signature


class Entry(msgspec.Struct, frozen=True):
    """An act in its place."""

    epoch: Stamp
    seq: Stamp
    previous: Digest
    """Digest of the entry before; zeros for the first."""
    host: Id
    """Who put it here: the host of the epoch, which for `succeed` and `transfer` is the one that ends."""
    proposal: Proposal
    signature: Signature
    votes: Annotated[tuple[Vote, ...], msgspec.Meta(max_length=MAX_VOTES)] = ()
    """Of `succeed` alone: who agrees."""

    @property
    def act(self) -> Act:
        """What is done."""
        return self.proposal.act

    @property
    def author(self) -> str:
        """Who wanted it done."""
        return self.proposal.author

    @property
    def key(self) -> tuple[str, int]:
        """Names the author's act, wherever in whichever branch it stands."""
        return (self.proposal.author, self.proposal.number)

    def signed_part(self) -> bytes:
        """The bytes that the host signs: everything but its signature."""
        return b"meshconf entry v1" + msgspec.msgpack.encode(
            (self.epoch, self.seq, self.previous, self.host, self.proposal, self.votes)
        )

    @property
    def digest(self) -> bytes:
        """SHA-256 of what is signed; the signature itself is left out, since its owner could vary it."""
        return hashlib.sha256(self.signed_part()).digest()


NOTHING = bytes(32)
"""What the first entry follows."""


def vote_part(room: str, parent: bytes, epoch: int, claimant: str) -> bytes:
    """The bytes that a voter signs."""
    return b"meshconf vote v1" + msgspec.msgpack.encode((room, parent, epoch, claimant))
