"""People at one table: their rooms, chairs and admissions, joined by channels that lose nothing and take no time.

For tests of what the conference makes of the room; the room's own story is told in `tests/protocol/room`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from meshconf.conference import events
from meshconf.conference.admission import Admission
from meshconf.conference.chair import Chair
from meshconf.protocol.identity import verify
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent
from meshconf.protocol.room.history import History
from meshconf.protocol.room.making import found
from meshconf.types import Medium, PeerId
from tests.support.links import Person
from tests.support.waiting import until as until

E = TypeVar("E", bound=events.Event)


class Seat:
    """One person at the table."""

    def __init__(self, table: Table, name: str, person: Person, log: list[Entry]) -> None:
        self.name, self.person, self.peer = name, person, person.peer
        self.told: list[events.Event] = []
        self.decided: list[RoomEvent] = []
        self.away = False
        """Hears nothing and says nothing, though its links stand."""
        history = History(log[0], verify)
        for entry in log[1:]:
            history.add(entry)
        self.room = Room(self.peer, history, sign=person.identity.sign, verify=verify, now=time.monotonic())
        self.chair = Chair(
            self.room, settle=table.settle, tell=self.told.append, name=table.name_of, present=table.present
        )
        self.admission = Admission(self.chair, self.told.append, _nobody_is_known)

    def all(self, kind: type[E]) -> list[E]:
        """The events of one kind that the faces were told, in order."""
        return [event for event in self.told if isinstance(event, kind)]

    def last(self, kind: type[E]) -> E:
        """The newest of them."""
        return self.all(kind)[-1]

    @property
    def notices(self) -> list[str]:
        """The sentences for the person."""
        return [event.text for event in self.all(events.Notice)]

    @property
    def lobby(self) -> list[tuple[str, bool]]:
        """Who waits, and who waits no more, as it was told."""
        return [(event.name, event.waiting) for event in self.all(events.Lobby)]

    async def act(self, deed: Deed, whom: Seat | None = None, kind: Medium | None = None) -> None:
        """Do something; as `Chair.act`."""
        await self.chair.act(Act(deed, peer=whom.peer if whom else None, kind=kind))


class Table:
    """Everybody, in the order of coming; the first founded the room and is host."""

    def __init__(self, *names: str) -> None:
        people = {name: Person(100 + number) for number, name in enumerate(names)}
        self.seats: dict[str, Seat] = {}
        self._settling = False
        founder, *others = names
        host = people[founder]
        first = found(host.peer, host.identity.public, "", host.identity.sign)
        self.seats[founder] = Seat(self, founder, host, [first])
        room = self.seats[founder].room
        for name in others:
            member = people[name].member
            room.propose(Act(Deed.ADMIT, peer=member.peer, name=name, public=member.public), now=time.monotonic())
        for name in others:
            self.seats[name] = Seat(self, name, people[name], room.history.after(room.head, []))
        for one in self.seats.values():
            for other in self.seats.values():
                if one is not other:
                    one.room.linked(other.peer, now=time.monotonic())
        self.settle()
        for seat in self.seats.values():
            seat.told.clear()
            seat.decided.clear()

    def __getitem__(self, name: str) -> Seat:
        return self.seats[name]

    def name_of(self, peer: str) -> str:
        """The name behind an id."""
        return next((seat.name for seat in self.seats.values() if seat.peer == peer), peer)

    def present(self) -> list[PeerId]:
        """Everybody's id, in the order of coming."""
        return [seat.peer for seat in self.seats.values()]

    def settle(self) -> None:
        """Carry every message, and tell every chair and admission what was decided, until nothing moves."""
        if self._settling:
            return
        self._settling = True
        try:
            while any([self._settle(seat) for seat in self.seats.values()]):
                pass
        finally:
            self._settling = False

    def later(self, seconds: float) -> None:
        """Everybody's timers, so much later than it is."""
        for seat in self.seats.values():
            seat.room.handle_timer(now=time.monotonic() + seconds)
        self.settle()

    def _settle(self, seat: Seat) -> bool:
        actions, decided = seat.room.actions(), seat.room.events()
        for to, message in actions:
            other = next(other for other in self.seats.values() if other.peer == to)
            if not seat.away and not other.away:
                other.room.receive(seat.peer, message, now=time.monotonic())
        for event in decided:
            seat.decided.append(event)
            seat.chair.decided(event)
            seat.admission.decided(event)
        return bool(actions or decided)


@asynccontextmanager
async def table(*names: str) -> AsyncIterator[Table]:
    """These people at one table, until the end of the test."""
    these = Table(*names)
    yield these
    for seat in these.seats.values():
        seat.chair.close()
        await seat.admission.close()


async def _nobody_is_known(_public: bytes, _name: str) -> None:
    return None
