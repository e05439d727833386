"""What we hold about one other participant: its entry, our connection to it, and when it is due for something."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from meshconf.protocol.agreement import Agreement
from meshconf.protocol.messages import Member
from meshconf.types import PeerId, PeerState, SourceKind

PING_EVERY = 0.5
"""Seconds between two pings of a link."""

SILENT_AFTER = 2.0
"""Seconds without a sign of life until a link counts as lost and a new one is tried."""

GONE_AFTER = 3.6
"""Seconds without a sign of life until a participant is shown as gone; people expect it within 5, at any load."""

CONNECT_WITHIN = 10.0
"""Seconds that one attempt to connect may take (aiortc alone gives up after 63)."""


class LinkState(Enum):
    """State of our connection to one member."""

    CONNECTING = auto()
    CONNECTED = auto()
    RECONNECTING = auto()

    @property
    def shown(self) -> PeerState:
        """The word for it on screen."""
        return PeerState[self.name]


@dataclass(slots=True)
class Peer:
    """One other participant."""

    member: Member
    since: float
    """When the present state of the link began."""

    heard: float
    """The last sign of life."""

    link: LinkState = LinkState.CONNECTING
    session: int = 0
    """The newest session that we offered or answered; older ones are not wanted."""

    asked: int = 0
    """The number of the last request for a new offer; lower ones are replays."""

    attempts: int = 1
    failures: int = 0
    """How often it was given up without a connection, one after the other."""

    returns: bool = False
    """It was lost before, perhaps by others too, who take our word once we are connected to it."""

    missing_since: float | None = None
    """When it was lost, if nobody whom we reach sees it: until a connection stands it counts as missing."""

    next_ping: float = 0.0
    sources: frozenset[SourceKind] = field(default_factory=frozenset)
    agreement: Agreement = field(default_factory=Agreement)

    @property
    def id(self) -> PeerId:
        """Its id."""
        return PeerId(self.member.peer)

    @property
    def due(self) -> float:
        """When it needs a ping, a new attempt, or to be given up."""
        match self.link:
            case LinkState.CONNECTED:
                return min(self.next_ping, self.heard + SILENT_AFTER)
            case LinkState.RECONNECTING:
                return max(self.heard + GONE_AFTER, self.since + GONE_AFTER - SILENT_AFTER)
            case LinkState.CONNECTING:
                return self.since + CONNECT_WITHIN
