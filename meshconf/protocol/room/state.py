"""What a room is at one point of its log: people and their roles, doors, rules. Immutable; `rules` makes the next."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from meshconf.types import Medium, PeerId, Role

ROUND = 1 << 40
"""Epochs of one count lie this far apart; what is below names the host. The first epoch, that of the founder, is 1."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was admitted."""

    public: bytes
    name: str


@dataclass(frozen=True, slots=True)
class RoomState:
    """The room after some entry of the log."""

    host: PeerId
    people: dict[PeerId, Person]
    """Everybody who was admitted and not removed, in the order of admission, present or not. Never changed in place."""
    epoch: int = 1
    seq: int = 1
    title: str = ""
    admins: tuple[PeerId, ...] = ()
    """In the order of appointment."""
    removed: frozenset[PeerId] = frozenset()
    locked: bool = False
    lobby: bool = False
    history: bool = False
    ended: bool = False
    silenced: frozenset[Medium] = frozenset()
    """Forbidden for everybody but host and admins."""
    exempt: frozenset[tuple[Medium, PeerId]] = frozenset()
    """Who may all the same."""
    banned: frozenset[tuple[Medium, PeerId]] = frozenset()
    """Who may not, whatever holds for the others."""
    numbers: dict[PeerId, int] = field(default_factory=dict)
    """The last act of each author. Never changed in place."""

    def role(self, peer: PeerId) -> Role | None:
        """What somebody is; None for who is not a member."""
        if peer == self.host:
            return Role.HOST
        if peer not in self.people:
            return None
        return Role.ADMIN if peer in self.admins else Role.MEMBER

    def is_staff(self, peer: PeerId) -> bool:
        """Whether somebody is host or admin."""
        role = self.role(peer)
        return role is not None and role.is_staff

    def allows(self, peer: PeerId, medium: Medium) -> bool:
        """Whether a member may send that, or control."""
        role = self.role(peer)
        if role is None or (medium, peer) in self.banned:
            return False
        return medium not in self.silenced or role.is_staff or (medium, peer) in self.exempt

    def forbidden_to(self, medium: Medium) -> list[PeerId]:
        """The members who may not."""
        return [peer for peer in self.people if not self.allows(peer, medium)]

    @property
    def line(self) -> list[PeerId]:
        """The line of succession: admins as they were appointed, then members as they were admitted."""
        return [*self.admins, *(peer for peer in self.people if peer != self.host and peer not in self.admins)]

    def epoch_of(self, claimant: PeerId) -> int:
        """The number of the epoch that this person would begin.

        It counts changes of host and holds forty bits of the new host's id, so that halves of a room that know
        nothing of each other never give two hosts to one epoch, however each came to choose its own.
        """
        own = int.from_bytes(base64.b32decode(claimant[:8].upper()), "big")
        return (self.epoch // ROUND + 1) * ROUND + own
