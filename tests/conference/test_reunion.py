"""Finding each other again over a rendezvous in memory: who is taken back, who is not, and when nobody looks."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Any, cast

import pytest

from meshconf.conference import reunion as module
from meshconf.conference.door import Door
from meshconf.conference.driver import Driver
from meshconf.conference.entry import next_box, prove
from meshconf.conference.household import Household
from meshconf.conference.reception import Reception
from meshconf.conference.reunion import DOORS, Reunion
from meshconf.conference.sealed import SealedRoad
from meshconf.config import Options
from meshconf.protocol.departures import RETRY_FIRST
from meshconf.protocol.events import MeshEvent
from meshconf.protocol.identity import verify
from meshconf.protocol.invite import Code, Link, lan_tag, new_code, new_link, room_name
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import (
    Admitted,
    AnyMessage,
    DoorKeys,
    JoinRequest,
    Leave,
    Member,
    Pong,
    Signal,
    TurnedAway,
)
from meshconf.protocol.peer import GONE_AFTER
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.events import RoomEvent, StateChanged
from meshconf.protocol.room.history import History
from meshconf.protocol.room.loyalty import CONTEST
from meshconf.protocol.room.messages import Entries
from meshconf.rtc.ice import IceConfig
from meshconf.signaling.lan_advert import LanMeeting
from meshconf.signaling.memory import MemoryRendezvous, MemorySocket
from meshconf.types import PeerId
from tests.support.links import US, FakeApplication, FakeLink, Person, room_of
from tests.support.waiting import until

ANA, BEN, EVE = Person(31), Person(32), Person(33)


class Home(FakeApplication):
    """One member: its driver on links that are none, its reunion, and the house behind its door.

    Args:
        relay: where doors stand.
        person: who it is.
        log: the room's log as it has it.
    """

    def __init__(self, relay: MemoryRendezvous, person: Person, log: Sequence[Entry]) -> None:
        super().__init__()
        self.now = 1000.0
        self.person, self.identity = person, person.identity
        self.links: list[FakeLink] = []
        self.changes: list[StateChanged] = []
        self.knocks: list[str] = []
        """Where it knocked."""
        self.browsers: list[Browser] = []
        self._relay = relay
        history = History(log[0], verify)
        for entry in log[1:]:
            history.add(entry)
        room = Room(person.peer, history, sign=person.identity.sign, verify=verify, now=self.now)
        self.mesh = Mesh(person.member, founder=True, welcomes=room.welcomes)
        self.driver = Driver(
            self.mesh,
            room,
            identity=person.identity,
            feeds={},
            ice=IceConfig(),
            application=self,
            make_link=cast(Any, self._make_link),
            clock=lambda: self.now,
        )
        self.reception = Reception(Options(lan=False), self.notices.append)
        self.reception.link = new_link(os.urandom, rendezvous="ws://meet")
        self.reunion_of = Reunion(
            person.identity, self.driver, self.reception, browse=cast(Any, self._browse), join=self._join
        )
        self.door: Door | None = None

    async def open_door(self, *, url: str = "") -> None:
        """Open the door under the reunion's name."""
        self.door = Door(await self._relay.open_room(url, [room_name(self.reunion)], bytes(16)), self)
        self.serving = asyncio.create_task(self.door.serve())

    def lose(self, *others: Person, beside: Person | None = None) -> None:
        """Be connected with these, then hear nothing of them until they are given up, and a while longer.

        Args:
            others: who is lost.
            beside: who is connected too and stays.
        """
        self.meet(*others, *([beside] if beside else []))
        until = self.now + GONE_AFTER + RETRY_FIRST + 1.0
        while self.now < until:
            self.now += 0.5
            if beside is not None:
                self.mesh.receive(beside.peer, Pong(n=1), now=self.now)
            self.driver.handle_timer()

    def meet(self, *others: Person) -> None:
        """Be connected with these."""
        self.driver.admit([other.member for other in others])
        for other in others:
            self.mesh.link_opened(other.peer, max(1, self.mesh._peers[other.peer].session), now=self.now)
        self.driver.settle()

    def knows(self, other: Person) -> bool:
        """Whether somebody is in the roster."""
        return self.mesh.member(other.peer) is not None

    @property
    def negotiated(self) -> bool:
        """Whether an answer to an offer of ours has arrived."""
        return any(link.accepted for link in self.links)

    async def close(self) -> None:
        """End everything."""
        await self.reunion_of.close()
        if self.door is not None:
            await self.door.close()
            self.serving.cancel()
            await asyncio.wait([self.serving])
        await self.driver.close()

    def happened(self, event: MeshEvent) -> None:
        super().happened(event)
        self.reunion_of.people_changed()

    def decided(self, event: RoomEvent) -> None:
        super().decided(event)
        if isinstance(event, StateChanged):
            self.changes.append(event)

    # The house.

    @property
    def reunion(self) -> Link:
        return self.reunion_of.link

    def invites(self) -> Sequence[Code | Link]:
        return [self.reunion]

    def reunite(self, member: Member, road: SealedRoad) -> tuple[list[Entry], Admitted | TurnedAway]:
        return self.reunion_of.answer(member, road)

    def signal(self, signal: Signal, carrier: PeerId) -> None:
        self.driver.take_signal(signal, carrier=carrier)

    def departed(self, peer: PeerId, road: SealedRoad) -> None:
        self.driver.drop_route(peer, road.send)

    def wrong_guess(self) -> None:
        raise AssertionError

    def seat(self, peer: PeerId) -> int:
        raise AssertionError(peer)

    def log(self) -> list[Entry]:
        return self.driver.room.history.after(self.driver.room.head, [])

    async def admit(
        self, member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> Admitted | TurnedAway:
        raise AssertionError(member, road, ask_to_wait)

    # Private.

    def _make_link(self, **given: Any) -> FakeLink:
        link = FakeLink(**given)
        self.links.append(link)
        return link

    async def _join(self, url: str, name: str, *, timeout: float) -> MemorySocket:  # noqa: ASYNC109
        self.knocks.append(url)
        return await self._relay.join_room(url, name)

    def _browse(self) -> Browser:
        self.browsers.append(Browser(self))
        return self.browsers[-1]


class Browser:
    """A local network on which a member's surroundings are announced, none of them twice."""

    on_air: Sequence[LanMeeting] = ()

    def __init__(self, home: Home) -> None:
        self.closed = False

    async def start(self) -> None: ...

    @property
    def meetings(self) -> tuple[LanMeeting, ...]:
        return tuple(self.on_air)

    async def wait_for(self, match: Callable[[LanMeeting], bool], _seconds: float) -> LanMeeting | None:
        return next((meeting for meeting in self.on_air if match(meeting)), None)

    async def close(self) -> None:
        self.closed = True


def log_of(*people: Person, removed: Iterable[Person] = ()) -> list[Entry]:
    """The log of our room, with these admitted, and some of them removed."""
    room = room_of(people, now=0.0)
    for person in removed:
        room.propose(Act(Deed.REMOVE, peer=person.peer), now=0.0)
    return room.history.after(room.head, [])


MakeHome = Callable[[Person, Sequence[Entry]], Home]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long somebody was missing at each pause of all searches; they are short here, and end with a look each."""
    pauses: list[float] = []

    def pause(missing_for: float, chance: float) -> float:
        pauses.append(missing_for)
        return 0.01

    monkeypatch.setattr(module, "pause_before_look", pause)
    return pauses


@pytest.fixture
async def home(pauses: list[float]) -> AsyncIterator[MakeHome]:
    """Makes members around one rendezvous, who look for the others a hundred times a second."""
    relay = MemoryRendezvous()
    async with AsyncExitStack() as stack:

        def make(person: Person, log: Sequence[Entry]) -> Home:
            made = Home(relay, person, log)
            stack.push_async_callback(made.close)
            return made

        yield make


async def ask_back(
    home: Home, person: Person, member: Member | None = None, *, within: float = 5.0
) -> list[AnyMessage]:
    """Knock with the reunion's link in somebody's name; returns what the door says, its last word last."""
    socket = await home._join("", room_name(home.reunion), timeout=1.0)
    (other,) = socket.members
    async with asyncio.timeout(within):
        road, _ = await prove(socket, other, home.reunion, person.identity)
        await road.send(JoinRequest(member=member or person.member))
        told = [road.open(await next_box(socket, other))]
        while isinstance(told[-1], Entries):
            told.append(road.open(await next_box(socket, other)))
    await socket.close()
    return told


# Together again.


async def test_who_was_lost_is_found_and_signals_travel_over_the_sealed_road(home: MakeHome) -> None:
    log = log_of(ANA)
    us, ana = home(US, log), home(ANA, log)
    await ana.open_door()
    ana.lose(US)
    us.lose(ANA)

    await until(lambda: us.knows(ANA) and ana.knows(US))

    await until(lambda: us.negotiated or ana.negotiated)


async def test_both_may_knock_at_once(home: MakeHome) -> None:
    log = log_of(ANA)
    us, ana = home(US, log), home(ANA, log)
    for one in (us, ana):
        await one.open_door()
    us.lose(ANA)
    # Of a rendezvous the host alone asks; whoever is alone does so too.
    ana.lose(US)

    await until(lambda: us.knows(ANA) and ana.knows(US))
    await until(lambda: us.negotiated or ana.negotiated)


async def test_a_half_leads_to_everybody_in_it(home: MakeHome) -> None:
    log = log_of(ANA, BEN)
    us, ana = home(US, log), home(ANA, log)
    ana.lose(US)
    ana.meet(BEN)
    await ana.open_door()

    us.lose(ANA, BEN)

    await until(lambda: us.knows(ANA) and us.knows(BEN))


async def test_who_became_a_member_in_the_other_half_waits_for_the_log(home: MakeHome) -> None:
    us, ana = home(US, log_of(ANA)), home(ANA, log_of(ANA, BEN))
    ana.lose(US)
    ana.meet(BEN)
    await ana.open_door()

    us.lose(ANA)

    await until(lambda: us.knows(ANA))
    assert not us.knows(BEN)


# Not everybody.


async def test_a_stranger_who_learned_the_secret_is_not_let_in(home: MakeHome) -> None:
    us = home(US, log_of(ANA))
    await us.open_door()

    (answer,) = await ask_back(us, EVE)

    assert isinstance(answer, TurnedAway) and answer.reason == "denied"
    assert not us.knows(EVE)


async def test_who_was_removed_knows_the_secret_and_is_not_let_in(home: MakeHome) -> None:
    us = home(US, log_of(ANA, EVE, removed=[EVE]))
    await us.open_door()

    *proof, answer = await ask_back(us, EVE)

    assert isinstance(answer, TurnedAway) and answer.reason == "removed"
    assert not us.knows(EVE)
    entries = [entry for part in proof if isinstance(part, Entries) for entry in part.entries]
    assert entries[-1].act == Act(Deed.REMOVE, peer=EVE.peer)


async def test_who_was_removed_while_cut_off_learns_it(home: MakeHome) -> None:
    us, eve = home(US, log_of(ANA, EVE, removed=[EVE])), home(EVE, log_of(ANA, EVE))
    await us.open_door()

    eve.lose(US)

    await until(lambda: len(eve.driver.room.history) > len(us.log()))
    # Being host of nobody but itself, it holds to that for a moment.
    eve.now += CONTEST
    eve.driver.handle_timer()
    assert EVE.peer in eve.driver.room.state.removed
    assert not us.knows(EVE) and not eve.knows(US)


async def test_nobody_comes_in_with_the_entry_of_somebody_else(home: MakeHome) -> None:
    us = home(US, log_of(ANA, EVE))
    await us.open_door()

    with pytest.raises(TimeoutError):
        await ask_back(us, EVE, ANA.member, within=0.3)

    assert not us.knows(ANA) and not us.knows(EVE)


async def test_who_said_goodbye_does_not_come_back_with_the_old_entry(home: MakeHome) -> None:
    us = home(US, log_of(ANA))
    await us.open_door()
    us.meet(ANA)
    us.mesh.receive(ANA.peer, Leave(), now=us.now)

    (answer,) = await ask_back(us, ANA)

    assert isinstance(answer, TurnedAway) and answer.reason == "later"
    assert not us.knows(ANA)


async def test_a_doorman_whom_our_log_does_not_name_is_not_followed(home: MakeHome) -> None:
    us = home(US, log_of(ANA))
    eve = home(EVE, log_of(ANA, EVE))
    await eve.open_door()

    us.lose(ANA)

    await until(lambda: len(us.knocks) >= 3)
    assert not us.knows(EVE) and not eve.knows(US)


# Only when somebody is missing.


async def test_nobody_looks_while_nobody_is_missing(home: MakeHome) -> None:
    us = home(US, log_of(ANA, BEN))
    us.meet(ANA, BEN)
    us.mesh.receive(ANA.peer, Leave(), now=us.now)
    us.driver.settle()
    assert not us.reunion_of._searching


async def test_the_search_ends_with_the_return_of_who_was_missing(home: MakeHome) -> None:
    us = home(US, log_of(ANA))
    us.lose(ANA)
    await until(lambda: us.knocks)
    us.driver.admit([ANA.member], seen=True)
    us.mesh.link_opened(ANA.peer, 1000, now=us.now)
    us.driver.settle()
    await until(lambda: not us.reunion_of._searching)


@pytest.mark.parametrize("is_host", [True, False])
async def test_of_a_half_the_host_alone_asks_the_rendezvous(
    home: MakeHome, pauses: list[float], monkeypatch: pytest.MonkeyPatch, is_host: bool
) -> None:
    monkeypatch.setattr(Room, "is_host", is_host)
    ana = home(ANA, log_of(ANA, BEN))
    ana.lose(US, beside=BEN)
    assert US.peer in ana.driver.missing()
    await until(lambda: len(pauses) > 3)  # three looks lie between them
    assert bool(ana.knocks) is is_host


# On the local network.


def advert(number: int, link: Link) -> LanMeeting:
    """What a member announces; its address tells which one it is."""
    tags = frozenset({lan_tag(link, time.time())})
    return LanMeeting(f"{number:016x}", (f"192.0.2.{number}",), 4000, tags)


async def test_on_the_local_network_own_doors_are_passed_by(home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(ANA, BEN)
    us, ben = home(US, log), home(BEN, log)
    await ben.open_door()
    own, of_ben, foreign = advert(1, us.reunion), advert(2, us.reunion), advert(3, Link(bytes(16)))
    monkeypatch.setattr(Browser, "on_air", (own, of_ben, foreign))
    monkeypatch.setattr(Reception, "on_lan", True)
    monkeypatch.setattr(Reception, "instance", own.instance)
    monkeypatch.setattr(Reception, "far", None)

    us.lose(ANA, beside=BEN)

    await until(lambda: len(us.browsers) >= 4)
    # Whose door it is has to be asked once.
    assert us.knocks == ["ws://192.0.2.2:4000"]
    assert all(browser.closed for browser in us.browsers[:-1])


async def test_many_false_adverts_cost_a_look_a_few_knocks(home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    us, eve = home(US, log_of(ANA)), home(EVE, log_of(ANA, EVE))
    await eve.open_door()
    monkeypatch.setattr(Browser, "on_air", [advert(number, us.reunion) for number in range(1, 60)])
    monkeypatch.setattr(Reception, "on_lan", True)
    monkeypatch.setattr(Reception, "far", None)

    us.lose(ANA)

    await until(lambda: len(us.browsers) == 2)
    assert 0 < len(us.knocks) <= DOORS * 2
    assert not us.knows(EVE)


# The doors, where code and link change in one half or in both.


class Keys:
    """A household whose doors nobody sees, in a room that has two hosts to choose from."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.reception = Reception(Options(lan=False), home.notices.append)
        self.announced = 0
        self.household = Household(
            home.identity,
            home.driver,
            cast(Any, None),
            self.reception,
            announce=self._announced,
            notice=home.notices.append,
        )
        self.reception.serve(self.household)

    async def told(self, by: Person, keys: DoorKeys) -> None:
        """A member says what the invites are; returns when it is digested."""
        self.household.received(by.peer, keys)
        await self.settled()

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while self.household._tasks._running:  # noqa: ASYNC110 - turns of the loop are all it takes
            await asyncio.sleep(0)

    def _announced(self) -> None:
        self.announced += 1


def keys_of(version: int) -> DoorKeys:
    """Some code and link."""
    return DoorKeys(
        code=str(new_code(42, os.urandom)), link=str(new_link(os.urandom)), token=bytes(16), version=version
    )


async def test_the_reunion_goes_on_under_its_name_whatever_the_code(home: MakeHome) -> None:
    made = Keys(home(ANA, log_of(ANA)))
    await made.told(US, keys_of(1))
    reunion = made.household.reunion
    assert reunion in made.household.invites() and room_name(reunion) in made.reception._names()
    await made.told(US, keys_of(2))
    assert len(made.household.invites()) == 3
    assert reunion in made.household.invites() and room_name(reunion) in made.reception._names()
    assert str(reunion) not in (str(made.reception.code), str(made.reception.link))


async def test_after_a_cut_the_keys_of_the_host_that_stays_count_whatever_their_number(home: MakeHome) -> None:
    log = log_of(ANA, BEN)
    us, ana, ben = (home(person, log) for person in (US, ANA, BEN))
    made = Keys(ana)
    before, of_us, of_ben = keys_of(1), keys_of(2), keys_of(5)
    await made.told(US, before)

    ana.driver.learn(ben_log := transfer(us, BEN))
    await made.told(BEN, of_ben)
    assert made.reception.keys() == of_ben
    # What the other half's host says is kept, and counts as soon as that one is ours.
    await made.told(US, of_us)
    assert made.reception.keys() == of_ben
    ben.driver.learn(ben_log)
    ana.driver.learn(transfer(ben, US))
    made.household.room_changed(ana.changes[-1])
    await made.settled()

    assert made.reception.keys() == of_us
    # From one host, older ones never replace newer ones.
    await made.told(US, before)
    assert made.reception.keys() == of_us
    assert made.announced == 3


def transfer(host: Home, to: Person) -> list[Entry]:
    """The log in which one host made somebody else host."""
    room = host.driver.room
    room.propose(Act(Deed.TRANSFER, peer=to.peer), now=host.now)
    return room.history.after(room.head, [])
