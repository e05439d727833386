"""Roster entries that only their owner can make: signed, so that no member can rename, evict or invent another.

An entry binds key, name and moment of joining. Who passes it on needs no trust.
"""

from __future__ import annotations

import msgspec

from meshconf.protocol.identity import Identity, peer_id_of, verify
from meshconf.protocol.messages import Member


def sign_member(identity: Identity, name: str, joined: int) -> Member:
    """Our own entry.

    Args:
        identity: who we are.
        name: what others see.
        joined: milliseconds since 1970; a later entry of the same person replaces an earlier one.
    """
    entry = Member(peer=identity.peer_id, public=identity.public, name=name, joined=joined, signature=bytes(64))
    return msgspec.structs.replace(entry, signature=identity.sign(entry.signed_part()))


def is_genuine(member: Member) -> bool:
    """Whether the entry was made by the owner of its key, and its id is that of the key."""
    return peer_id_of(member.public) == member.peer and verify(member.public, member.signature, member.signed_part())
