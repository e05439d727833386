"""Roles and rules of the room, as the engine tells them, and what follows from them. Pure.

The room itself checks every act; what is worked out here only decides what is offered.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from meshconf.tui import fields
from meshconf.tui.fields import Event
from meshconf.types import Medium, Role, SourceKind


@dataclass(frozen=True)
class Rules:
    """The room at one moment."""

    host: str = ""
    admins: tuple[str, ...] = ()
    """In the order of appointment."""
    members: tuple[str, ...] = ()
    """Everybody who is here, in the order of coming."""
    locked: bool = False
    lobby: bool = False
    history: bool = False
    """Whether newcomers get the chat of before."""
    forbidden: dict[Medium, bool | tuple[str, ...]] = field(default_factory=dict)
    """For nobody, for all members, or for those named."""

    def told(self, event: Event) -> Rules:
        """The rules after a `room_state`."""
        forbidden = fields.mapping(event, "forbidden")
        return Rules(
            host=fields.peer(event, "host") or self.host,
            admins=fields.peers(event, "admins"),
            members=fields.peers(event, "members"),
            locked=event.get("locked") is True,
            lobby=event.get("lobby") is True,
            history=event.get("history") is True,
            forbidden={
                medium: forbidden.get(medium) is True or fields.peers(forbidden, medium) or False for medium in Medium
            },
        )

    def role(self, peer: str) -> Role:
        """What somebody is."""
        if peer and peer == self.host:
            return Role.HOST
        return Role.ADMIN if peer in self.admins else Role.MEMBER

    def is_staff(self, peer: str) -> bool:
        """Whether somebody is host or admin."""
        return self.role(peer).is_staff

    def is_forbidden(self, medium: Medium, peer: str) -> bool:
        """Whether somebody may not send that."""
        told = self.forbidden.get(medium, False)
        if isinstance(told, tuple):
            return peer in told
        return told and not self.is_staff(peer)

    def barred(self, peer: str) -> frozenset[SourceKind]:
        """The sources that somebody may not send."""
        return frozenset(kind for kind in SourceKind if self.is_forbidden(kind.medium, peer))

    def heir(self, present: Container[str]) -> str:
        """Who becomes host when the host leaves: admins as appointed, then members as they came; or nobody."""
        line = (*self.admins, *(peer for peer in self.members if peer not in self.admins))
        return next((peer for peer in line if peer != self.host and peer in present), "")
