"""Who waits in the lobby to be let in by us. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.tui import fields
from meshconf.tui.fields import Event
from meshconf.tui.participant import identity_of
from meshconf.types import KeyVerdict

WAITING_LIMIT = 100


@dataclass(frozen=True)
class Waiting:
    """Somebody in the lobby."""

    peer: str
    name: str
    identity: KeyVerdict | None


class WaitingLine:
    """All of them, longest first."""

    def __init__(self) -> None:
        self.by_peer: dict[str, Waiting] = {}

    def told(self, event: Event) -> tuple[bool, str]:
        """Take in what `lobby` says; returns whether the line is another now, and a sentence where somebody came."""
        peer = fields.peer(event)
        if event.get("waiting") is False:
            return self.by_peer.pop(peer, None) is not None, ""
        if not peer or len(self.by_peer) >= WAITING_LIMIT:
            return False, ""
        name = fields.text(event, "name", fields.NAME_LIMIT) or "Somebody"
        fresh = peer not in self.by_peer
        self.by_peer[peer] = Waiting(peer, name, identity_of(event))
        return True, f"{name} waits to be let in" if fresh else ""
