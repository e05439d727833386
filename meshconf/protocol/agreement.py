"""Do two members see the same people? Pings compare digests; a difference that lasts is talked over.

Each side counts those whom it is connected to, itself included: in a whole mesh both sets are the same, and hearsay
about people whom nobody reaches makes no difference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from meshconf.protocol.messages import Member

DIFFERS_FOR = 3.0
"""Seconds that a difference must last: somebody who comes or goes is known to all sooner than that."""

TELL_FIRST, TELL_MOST = 5.0, 60.0
"""Seconds between two tellings: doubled while telling changes nothing, since two may be unable to meet at all."""


def digest(present: Iterable[Member]) -> bytes:
    """Eight bytes that stand for these people and the moments at which they joined, in any order."""
    told = sorted((member.peer, member.joined) for member in present)
    return hashlib.sha256(b"meshconf roster v1" + msgspec.msgpack.encode(told)).digest()[:8]


@dataclass(slots=True)
class Agreement:
    """What we know of one peer's view, and whether it is time to tell it ours."""

    _since: float | None = None
    """When the present difference began."""
    _views: tuple[bytes, bytes] = (b"", b"")
    _told: int = 0
    """Tellings since either view last changed."""
    _told_at: float = 0.0

    def compare(self, ours: bytes, theirs: bytes, *, now: float) -> bool:
        """Take note of the peer's view; True when it should be told whom we see."""
        if ours == theirs:
            self._since, self._told = None, 0
            return False
        if self._since is None:
            self._since, self._told_at = now, now - TELL_FIRST
        if self._views != (ours, theirs):
            self._views, self._told = (ours, theirs), 0
        pause = min(TELL_MOST, TELL_FIRST * 2 ** max(0, self._told - 1))
        if now < max(self._since + DIFFERS_FOR, self._told_at + pause):
            return False
        self._told, self._told_at = min(self._told + 1, 8), now
        return True
