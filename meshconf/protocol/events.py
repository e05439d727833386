"""What the mesh tells its driver: events in the past tense, and actions that it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.protocol.messages import AnyMessage, Member
from meshconf.types import PeerId, PeerState, SourceKind


@dataclass(frozen=True, slots=True)
class PeerChanged:
    """A participant came, or its connection changed."""

    member: Member
    state: PeerState
    goodbye: bool = False
    """Whether the participant left in so many words."""


@dataclass(frozen=True, slots=True)
class SourcesChanged:
    """A participant switched a source on or off."""

    peer: PeerId
    source: SourceKind
    on: bool


@dataclass(frozen=True, slots=True)
class Superseded:
    """We have joined once more from elsewhere, with the same key: the later visit counts."""


@dataclass(frozen=True, slots=True)
class Stranded:
    """We were let in and reached nobody: our one road led through a doorman who is gone; no other can introduce us."""


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Action: build a peer connection and offer it under this session number."""

    peer: PeerId
    session: int


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Action: ask the peer, who offers in this pair, for a new offer."""

    peer: PeerId
    number: int
    """Grows with each request."""


@dataclass(frozen=True, slots=True)
class CloseLink:
    """Action: release whatever connection there is to the peer."""

    peer: PeerId


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Action: send over ctl (or rt for pings) to one connected peer."""

    peer: PeerId
    message: AnyMessage


MeshEvent = PeerChanged | SourcesChanged | Stranded | Superseded
Action = MakeOffer | AskAgain | CloseLink | SendMessage
