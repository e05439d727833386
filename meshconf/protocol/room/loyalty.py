"""Which branch of the log to follow when: that of the host whom we hear, and else the one that counts most.

A host whom we hear gets a short time to show who is with it before we leave it for a branch that counts more. A
host that was itself away does not ask for that: it takes the room as it finds it.
"""

from __future__ import annotations

from collections import deque

from meshconf.protocol.room.acts import Deed, Entry
from meshconf.protocol.room.history import Node, parted
from meshconf.types import PeerId

CONTEST = 2.0
"""Seconds for which members hold to a host whom they hear although another branch counts more."""
IGNORE = 30.0
"""Seconds for which claims are not looked at that must come to nothing, like the last one."""
CONCEDE = 5.0
"""Seconds after its own absence in which a host takes the room as it finds it."""


class Loyalty:
    """Our stand between branches."""

    def __init__(self) -> None:
        self._hold: float | None = None
        self._rivals: set[PeerId] = set()
        self._ignored: dict[PeerId, float] = {}
        self._mandate = (PeerId(""), 0, float("-inf"))
        """Who renewed it, with how many votes, and until when that keeps weaker claims away."""
        self._voted: deque[tuple[bytes, PeerId]] = deque(maxlen=64)
        self._away_until = float("-inf")

    # Our own absence.

    def cut_off(self) -> None:
        """We reach nobody: whoever is cut off cannot tell whether the others are lost or it is."""
        self._away_until = float("inf")

    def back(self, now: float) -> None:
        """We reach somebody again, or woke up."""
        self._away_until = now + CONCEDE

    @property
    def is_cut_off(self) -> bool:
        """Whether we reach nobody since a link was lost."""
        return self._away_until == float("inf")

    def acted(self) -> None:
        """We ordered something as host: from here on our branch has something to lose."""
        self._away_until = float("-inf")

    # Votes and claims.

    def vote(self, parent: bytes, claimant: PeerId) -> bool:
        """We give our vote, and shall follow the claim that it makes possible; false when we gave it before."""
        if (parent, claimant) in self._voted:
            return False
        self._voted.append((parent, claimant))
        return True

    def ignores(self, entry: Entry, *, is_host: bool, now: float) -> bool:
        """Whether this is a claim of somebody whose last one came to nothing a moment ago, or a weak one.

        Weak is a claim that fewer voted for than for the mandate which our host showed a moment ago. Every member can
        see that in the log, so a claim that is told to one alone cannot win that one either. The host itself goes by
        its mandate only: others count on it to show one when they are told a claim that it knows already.
        """
        if entry.act.do is not Deed.SUCCEED or entry.host == self._mandate[0]:
            return False
        weak = now < self._mandate[2] and len(entry.votes) < self._mandate[1]
        return weak or (not is_host and now < self._ignored.get(PeerId(entry.host), 0.0))

    def renewed(self, entry: Entry, now: float) -> None:
        """Our host showed who is with it."""
        self._mandate = (PeerId(entry.host), len(entry.votes), now + IGNORE)

    def may_follow(self, head: Node, best: Node, *, holds: bool, is_host: bool, now: float) -> bool:
        """Whether to leave `head` for `best`, which counts more, now; if not, ask again at the next chance.

        `holds`: there is a host that we hear, or a claim came before its author's turn.
        """
        dropped, gained = parted(head, best)
        host = head.state.host
        claims = [node.entry for node in gained if node.entry.act.do is Deed.SUCCEED]
        foreign = [entry for entry in claims if dropped or entry.host != host]
        if not dropped and (not foreign or (foreign[0].previous, PeerId(foreign[0].host)) in self._voted):
            return True
        if not holds or (is_host and now < self._away_until):
            return True
        if self._hold is None:
            self._hold = now + CONTEST
            self._rivals = {PeerId(entry.host) for entry in foreign}
        return now >= self._hold

    @property
    def is_torn(self) -> bool:
        """Whether another branch counts more than the one that we hold to."""
        return self._hold is not None

    def followed(self) -> None:
        """We went over to the branch that counts."""
        self._hold = None
        self._rivals.clear()

    def stayed(self, host: PeerId, now: float) -> set[PeerId]:
        """The host of before counts most: the claims that made us wait came to nothing; returns whose they were."""
        failed = self._rivals - {host}
        if self._hold is not None:
            self._ignored = {peer: until for peer, until in self._ignored.items() if until > now}
            self._ignored.update({rival: now + IGNORE for rival in failed})
        self.followed()
        return failed
