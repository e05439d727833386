"""Who is no longer here: people who said goodbye, and people whom we lost although others may still see them.

A goodbye is final for that entry; only a later one, a return, is news. Whoever was merely lost may be taken back:
at once when it calls us itself, and after a pause on the word of a member who is connected to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from meshconf.protocol.messages import MAX_PEOPLE, Member
from meshconf.types import PeerId

REMEMBERED = 8 * MAX_PEOPLE
"""Departures that are kept, the oldest are forgotten first. A member who invents people can add eight in half a
minute; so a true one is kept for a quarter of an hour, and half a minute after it nobody honest repeats the entry."""

RETRY_FIRST, RETRY_MOST = 5.0, 60.0
"""Seconds until somebody lost may be tried again: after the first, honest members have noticed a death themselves
(2 s), so that their word is no echo. Doubled with each time that no connection came about."""

SEEN_FOR = 90.0
"""Seconds for which somebody lost is not missing because a member said to be connected to it: members whose views
differ tell each other at least once a minute."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One entry of the roster that is no longer in it."""

    member: Member
    goodbye: bool
    session: int = 0
    """The newest session with it: older descriptions stay old when it is taken back."""
    asked: int = 0
    failures: int = 0
    since: float = 0.0
    """When we lost it."""
    retry_at: float = 0.0
    seen_until: float = 0.0
    """For how long the last word of a member who is connected to it counts."""


class Departures:
    """A bounded memory of them."""

    def __init__(self) -> None:
        self._entries: dict[PeerId, Departure] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def left(self, member: Member) -> None:
        """Note a goodbye."""
        self._note(member, Departure(member, goodbye=True))

    def lost(self, member: Member, *, session: int, asked: int, failures: int, now: float) -> None:
        """Note somebody whom we do not reach; `failures` counts the times without any connection in between."""
        pause = min(RETRY_MOST, RETRY_FIRST * 2 ** min(failures, 8))
        self._note(member, Departure(member, False, session, asked, failures, now, now + pause))

    def joined(self, peer: PeerId) -> int:
        """The entry of this person that departed, by its moment of joining; -1 for nobody that we remember."""
        found = self._entries.get(peer)
        return found.member.joined if found else -1

    def missed(self, peer: PeerId) -> Member | None:
        """The entry of somebody whom we lost without a goodbye."""
        found = self._entries.get(peer)
        return found.member if found and not found.goodbye else None

    def missing(self, *, now: float) -> dict[PeerId, float]:
        """Who went without a goodbye and is seen by nobody, and since when: perhaps the network is cut in two."""
        return {
            peer: found.since for peer, found in self._entries.items() if not found.goodbye and now >= found.seen_until
        }

    def seen(self, peer: PeerId, *, now: float) -> None:
        """A member says that it is connected to this person."""
        if (found := self._entries.get(peer)) is not None:
            self._entries[peer] = replace(found, seen_until=now + SEEN_FOR)

    def called(self, peer: PeerId, *, session: int = 0, asked: int = 0) -> Member | None:
        """Somebody whom we lost calls us: it may enter at once, unless an old call was replayed."""
        found = self._entries.get(peer)
        if found is None or found.goodbye or not (session > found.session or asked > found.asked):
            return None
        self._entries[peer] = replace(found, retry_at=0.0)
        return found.member

    def allows(self, member: Member, *, seen: bool, now: float) -> bool:
        """Whether an entry may enter the roster; `seen` when a member says that it is connected to that person."""
        found = self._entries.get(PeerId(member.peer))
        if found is None or member.joined > found.member.joined:
            return True
        return member == found.member and seen and not found.goodbye and now >= found.retry_at

    def take_back(self, member: Member) -> Departure:
        """Forget the departure of somebody who enters; returns what it began with, of the same entry only."""
        found = self._entries.pop(PeerId(member.peer), None)
        return found if found and found.member == member else Departure(member, goodbye=False)

    def _note(self, member: Member, departure: Departure) -> None:
        peer = PeerId(member.peer)
        self._entries.pop(peer, None)
        self._entries[peer] = departure
        if len(self._entries) > REMEMBERED:
            del self._entries[next(iter(self._entries))]
