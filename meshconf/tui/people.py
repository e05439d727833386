"""Everybody in the meeting, as events tell of them one by one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from meshconf.tui import fields
from meshconf.tui.change import Change
from meshconf.tui.fields import Event
from meshconf.tui.participant import Participant, identity_of
from meshconf.tui.talk import Talk, gain_of
from meshconf.types import LinkPath, PeerState, SourceKind

PEOPLE_LIMIT = 100
_BUS = re.compile(r"[\w-]{1,60}", re.ASCII)
"""What shared memory is called; never a path."""


class People:
    """The participants by their ids, and which of them is the person at this terminal.

    Every method that takes an event returns what is to be drawn again.
    """

    def __init__(self, own_name: str) -> None:
        self.by_peer: dict[str, Participant] = {}
        self.own = ""
        self._own_name = own_name

    def name(self, peer: str) -> str:
        """What to call somebody."""
        return person.called if (person := self.by_peer.get(peer)) else "Somebody"

    def has_twin(self, person: Participant) -> bool:
        """Whether somebody else is called the same."""
        called = person.called.casefold()
        return any(one.called.casefold() == called for one in self.by_peer.values() if one.peer != person.peer)

    def sorted(self, host: str) -> list[Participant]:
        """Everybody: own first, then the host, then by name."""
        return sorted(
            self.by_peer.values(), key=lambda one: (not one.own, one.peer != host, one.name.casefold(), one.peer)
        )

    def become(self, event: Event) -> None:
        """Learn who we are."""
        if not (peer := fields.peer(event, "self")):
            return
        if peer != self.own:
            self.by_peer.pop(self.own, None)
        self.own = peer
        self._own_name = fields.text(event, "name", fields.NAME_LIMIT) or self._own_name
        if me := self._person(peer):
            me.own, me.greeted, me.state = True, True, PeerState.CONNECTED
            me.name = self._own_name or "You"

    def found(self, event: Event) -> None:
        """Take in who was here before us."""
        for one in fields.objects(event, "peers"):
            if (peer := fields.peer(one)) and (known := self._person(peer)):
                known.name = fields.text(one, "name", fields.NAME_LIMIT) or known.name
                known.greeted = True

    def left(self, peer: str) -> Participant | None:
        """Somebody left; returns who it was. The person at this terminal never leaves so."""
        return None if peer == self.own else self.by_peer.pop(peer, None)

    def met(self, event: Event) -> Participant | None:
        """Take in `peer` of somebody who did not leave; returns who has come just now, or None.

        Somebody too many is overlooked.
        """
        if (person := self._person(fields.peer(event))) is None:
            return None
        person.name = fields.text(event, "name", fields.NAME_LIMIT) or person.name
        person.state = PeerState.CONNECTED if person.own else PeerState(str(event.get("state")))
        person.identity = identity_of(event) or person.identity
        path = event.get("path")
        person.path = LinkPath(str(path)) if path in list(LinkPath) else person.path
        if person.state is not PeerState.CONNECTED or person.greeted:
            return None
        person.greeted = True
        return person

    def source(self, event: Event) -> Change:
        """Take in `source`."""
        kind, state = event.get("source"), event.get("state")
        person = self._known(event)
        if person is None or kind not in list(SourceKind) or state not in ("on", "off", "forbidden"):
            return Change.NONE
        person.switched(SourceKind(str(kind)), str(state))
        if person.peer == self.own and kind == SourceKind.SCREEN:
            person.showing = str(event.get("showing") or "live")
        return Change.PEOPLE

    def picture(self, event: Event) -> Change:
        """Take in `picture`."""
        kind, bus = event.get("source"), event.get("bus")
        person = self._known(event)
        if person is None or kind not in list(SourceKind):
            return Change.NONE
        if isinstance(bus, str) and _BUS.fullmatch(bus):
            person.pictures[SourceKind(str(kind))] = bus
        else:
            person.pictures.pop(SourceKind(str(kind)), None)
        return Change.PICTURES

    def levels(self, event: Event) -> Change:
        """Take in `levels`."""
        change = Change.NONE
        for peer, level in fields.mapping(event, "levels").items():
            person = self.by_peer.get(peer) if isinstance(peer, str) else None
            if person is not None and isinstance(level, Mapping):
                person.heard(level)
                change = Change.LEVELS
        return change

    def stats(self, event: Event) -> Change:
        """Take in `stats`."""
        change = Change.NONE
        for link in fields.objects(event, "links"):
            if (person := self._known(link)) is not None:
                person.measured(link)
                change = Change.PEOPLE
        return change

    def phrase(self, event: Event) -> Change:
        """Take in `phrase`."""
        if (person := self._known(event)) is None:
            return Change.NONE
        person.phrase = fields.text(event, "phrase", 200)
        person.identity = identity_of(event) or person.identity
        return Change.PEOPLE

    def volume(self, event: Event) -> Change:
        """Take in `volume` of one."""
        if (person := self._known(event)) is not None:
            person.gain_db, person.deaf = gain_of(event), event.get("deaf") is True
        return Change.PEOPLE

    def deafened(self, event: Event) -> Change:
        """Take in `deafened`."""
        if (person := self._known(event)) is not None:
            person.hears_nobody = event.get("on") is True
        return Change.PEOPLE

    def line_up(self, talk: Talk) -> None:
        """Remember whose turn it is to speak."""
        for person in self.by_peer.values():
            person.in_line = talk.place_in_line(person.peer)

    def _known(self, event: Event) -> Participant | None:
        return self.by_peer.get(fields.peer(event))

    def _person(self, peer: str) -> Participant | None:
        """The participant, created when new; None when the room is fuller than any that we would show."""
        if peer not in self.by_peer and len(self.by_peer) >= PEOPLE_LIMIT:
            return None
        return self.by_peer.setdefault(peer, Participant(peer))
