"""Signing acts, entries and votes of our own."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from meshconf.protocol.room.acts import NOTHING, Act, Deed, Entry, Proposal, Vote
from meshconf.protocol.room.history import Node
from meshconf.types import PeerId

Sign = Callable[[bytes], bytes]


def found(own: PeerId, public: bytes, title: str, sign: Sign) -> Entry:
    """The first entry of a new room, whose host we are."""
    proposal = propose("", own, 1, Act(Deed.FOUND, peer=own, name=title, public=public), sign)
    return _order(1, 1, NOTHING, own, proposal, sign)


def propose(room: str, author: PeerId, number: int, act: Act, sign: Sign) -> Proposal:
    """An act of ours, signed."""
    proposal = Proposal(room=room, author=author, number=number, act=act, signature=bytes(64))
    return msgspec.structs.replace(proposal, signature=sign(proposal.signed_part()))


def order(head: Node, host: PeerId, proposal: Proposal, sign: Sign) -> Entry:
    """As host: an act in the place after `head`."""
    return _order(head.state.epoch, head.state.seq + 1, head.digest, host, proposal, sign)


def claim(head: Node, claimant: PeerId, proposal: Proposal, votes: tuple[Vote, ...], sign: Sign) -> Entry:
    """As claimant: the beginning of our epoch after `head`, with the votes for it."""
    epoch = head.state.epoch_of(claimant)
    return _order(epoch, head.state.seq + 1, head.digest, claimant, proposal, sign, votes)


def _order(
    epoch: int,
    seq: int,
    previous: bytes,
    host: PeerId,
    proposal: Proposal,
    sign: Sign,
    votes: tuple[Vote, ...] = (),
) -> Entry:
    entry = Entry(epoch, seq, previous, host, proposal, bytes(64), votes)
    return msgspec.structs.replace(entry, signature=sign(entry.signed_part()))
