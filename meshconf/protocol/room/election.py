"""Asking for votes: by whoever is next in line when the host is lost, or by a host that must show who is with it."""

from __future__ import annotations

from meshconf.protocol.room.acts import Vote
from meshconf.protocol.room.history import Node
from meshconf.types import PeerId

CAMPAIGN = 1.0
"""Seconds that a claimant waits for votes; when all whom it can reach have voted, it does not wait."""


class Election:
    """Our campaign, if we have one; it is about the place after one entry and ends when the log grows."""

    def __init__(self) -> None:
        self.parent: Node | None = None
        self._since = 0.0
        self._votes: dict[PeerId, Vote] = {}

    @property
    def is_on(self) -> bool:
        """Whether we ask for votes."""
        return self.parent is not None

    def begin(self, parent: Node, now: float) -> None:
        """Ask for votes to be host after this entry."""
        if self.parent is not parent:
            self.parent, self._since, self._votes = parent, now, {}

    def end(self) -> None:
        """Ask no more."""
        self.parent = None

    def take(self, vote: Vote) -> None:
        """A vote for us whose signature is right."""
        self._votes[PeerId(vote.voter)] = vote

    def missing(self, electorate: set[PeerId]) -> set[PeerId]:
        """Who has not voted yet."""
        return electorate - self._votes.keys()

    def is_decided(self, electorate: set[PeerId], now: float) -> bool:
        """Whether all have voted or the time is over."""
        return self.parent is not None and (not self.missing(electorate) or now >= self._since + CAMPAIGN)

    @property
    def votes(self) -> tuple[Vote, ...]:
        """What we got, in the order of the voters' ids."""
        return tuple(self._votes[peer] for peer in sorted(self._votes))
