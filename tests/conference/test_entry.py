"""Which failure a newcomer is told when no way leads in, and what it believes of a doorman."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
import pytest

from meshconf.conference import entry
from meshconf.conference.door import MAX_VISITORS, Door
from meshconf.conference.entry import Entrance
from meshconf.conference.sealed import EARLY, SealedRoad
from meshconf.config import Options
from meshconf.errors import MeshconfError, NoSuchMeeting, ProtocolError, Refused, RendezvousUnreachable, WrongCode
from meshconf.protocol.handshake import Joiner
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.invite import Code, Link, lan_tag, parse_invite, room_name
from meshconf.protocol.messages import Admitted, Member, Signal, TurnedAway
from meshconf.protocol.room.acts import Act, Deed, Entry
from meshconf.protocol.room.authority import Room
from meshconf.protocol.room.history import MAX_LOG, History
from meshconf.protocol.room.making import found
from meshconf.signaling.lan_advert import LanMeeting
from meshconf.signaling.memory import MemoryRendezvous
from meshconf.types import PeerId
from rendezvous.limits import Limits
from tests.support.links import Person

INVITE = parse_invite("42-crumb-ozone-plank")


class OneMeeting:
    """A browser of a network on which one member announces the meeting."""

    async def start(self) -> None:
        pass

    async def wait_for(self, match: Callable[[LanMeeting], bool], _seconds: float) -> LanMeeting | None:
        assert isinstance(INVITE, Code)
        tags = frozenset({lan_tag(INVITE, time.time())})
        meeting = LanMeeting("0011223344556677", ("192.0.2.1", "192.0.2.2"), 4000, tags, None, None)
        return meeting if match(meeting) else None

    async def close(self) -> None:
        pass


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, MeshconfError]:
    """What each address says to somebody who knocks."""
    said: dict[str, MeshconfError] = {}

    async def join_room(url: str, _name: str, *, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        raise said[url]

    monkeypatch.setattr(entry, "LanBrowser", OneMeeting)
    monkeypatch.setattr(entry, "join_room", join_room)
    return said


async def _failure(options: Options) -> MeshconfError:
    with pytest.raises(MeshconfError) as caught:
        await entry.enter(INVITE, "Ann", Identity.generate(os.urandom), options, on_lobby=lambda: None)
    return caught.value


async def test_a_crowded_door_is_a_refusal_not_an_unknown_meeting(answers: dict[str, MeshconfError]) -> None:
    answers["ws://192.0.2.1:4000"] = Refused("Too many are waiting.", reason="full")
    answers["ws://192.0.2.2:4000"] = RendezvousUnreachable()

    failure = await _failure(Options())

    assert isinstance(failure, Refused)
    assert (str(failure), failure.exit_code) == ("Too many are waiting.", 4)


async def test_a_crowded_rendezvous_is_a_refusal_too(answers: dict[str, MeshconfError]) -> None:
    answers["ws://meet"] = Refused("Too many requests.", reason="limit")
    assert (await _failure(Options(lan=False, rendezvous="ws://meet"))).exit_code == 4


async def test_a_meeting_that_nobody_knows_is_unknown(answers: dict[str, MeshconfError]) -> None:
    answers["ws://192.0.2.1:4000"] = answers["ws://192.0.2.2:4000"] = NoSuchMeeting()
    failure = await _failure(Options())
    assert isinstance(failure, NoSuchMeeting) and not isinstance(failure, WrongCode)


# A doorman who lies.


class House:
    """Stands behind a door: lets everybody in, and shows the log that a test gives it."""

    rendezvous: MemoryRendezvous

    def __init__(self, host: Person) -> None:
        self.identity = host.identity
        self.host = host
        self.room = Room(
            host.peer,
            History(found(host.peer, host.identity.public, "Tea", host.identity.sign), verify),
            sign=host.identity.sign,
            verify=verify,
            now=0.0,
        )
        self.entries: Callable[[list[Entry]], list[Entry]] = lambda entries: entries
        self.by = host.peer
        self.waits = False
        self.refusal: TurnedAway | None = None
        self.admits = True
        self.says_first: list[Signal] = []

    def invites(self) -> Sequence[Code | Link]:
        return [INVITE]

    def wrong_guess(self) -> None: ...

    def seat(self, peer: PeerId) -> int:
        return 5

    def log(self) -> list[Entry]:
        return self.entries(self.room.history.after(self.room.head, []))

    async def admit(
        self, member: Member, road: SealedRoad, ask_to_wait: Callable[[], Awaitable[None]]
    ) -> Admitted | TurnedAway:
        if self.waits:
            await ask_to_wait()
        if self.refusal is not None:
            return self.refusal
        for signal in self.says_first:
            await road.send(signal)
        if self.admits:
            act = Act(Deed.ADMIT, peer=member.peer, name=member.name, public=member.public)
            self.room.propose(act, now=0.0)
        return Admitted(by=self.by, members=[self.host.member, member])

    @property
    def reunion(self) -> Link:
        return Link(bytes(16))

    def reunite(self, member: Member, road: SealedRoad) -> tuple[list[Entry], Admitted | TurnedAway]:
        raise AssertionError(member, road)

    def signal(self, signal: Signal, carrier: PeerId) -> None: ...

    def departed(self, peer: PeerId, road: SealedRoad) -> None: ...


ANA, BEN = Person(21), Person(22)


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Ana's house, whose door stands at a rendezvous."""
    rendezvous, house = MemoryRendezvous(limits=Limits.for_lan()), House(ANA)
    monkeypatch.setattr(entry, "join_room", rendezvous.join_room)
    door = Door(await rendezvous.open_room("", [room_name(INVITE)], bytes(16)), house)
    serving = asyncio.create_task(door.serve())
    house.rendezvous = rendezvous
    yield house
    await door.close()
    await rendezvous.close()
    await serving


def offer(session: int) -> Signal:
    """Ana offers Ben a connection."""
    return Signal("", ANA.peer, 1, BEN.peer, session, "offer", "v=0", "")


async def come_in(on_lobby: Callable[[], None] = lambda: None) -> Entrance:
    """Ben enters Ana's meeting."""
    options = Options(lan=False, rendezvous="ws://meet")
    entrance = await entry.enter(INVITE, "Ben", BEN.identity, options, on_lobby=on_lobby)
    await entrance.socket.close()
    return entrance


async def test_a_newcomer_replays_the_log_that_it_is_given(house: House) -> None:
    entrance = await come_in()
    state = entrance.history.best().state
    assert (state.title, state.host, set(state.people)) == ("Tea", ANA.peer, {ANA.peer, BEN.peer})
    assert entrance.me.joined == 5


async def test_a_log_of_many_messages_comes_whole(house: House) -> None:
    for _ in range(60):
        for deed in (Deed.LOCK, Deed.UNLOCK):
            house.room.propose(Act(deed), now=0.0)
    assert (await come_in()).history.best().state.seq == 122


async def test_signals_that_overtake_the_last_word_are_kept(house: House) -> None:
    house.says_first = [offer(session) for session in range(3)]
    entrance = await come_in()
    signals = entrance.road.signals()
    assert [await anext(signals) for _ in house.says_first] == house.says_first


async def test_a_doorman_who_only_offers_lets_nobody_in(house: House) -> None:
    house.says_first = [offer(session) for session in range(EARLY + 1)]
    with pytest.raises(ProtocolError):
        await come_in()


async def test_strangers_who_stop_halfway_keep_nobody_out(house: House) -> None:
    for _ in range(2 * MAX_VISITORS):
        stranger = await house.rendezvous.join_room("", room_name(INVITE))
        hello = await asyncio.to_thread(Joiner(INVITE, BEN.identity, os.urandom).hello)
        await stranger.send(min(stranger.members), hello)
    assert (await come_in()).admitted.by == ANA.peer


async def test_who_has_to_wait_is_told_so_before_it_is_let_in(house: House) -> None:
    house.waits = True
    told: list[str] = []
    entrance = await come_in(lambda: told.append("waiting"))
    assert told == ["waiting"] and entrance.admitted.by == ANA.peer


@pytest.mark.parametrize("waits", [False, True])
async def test_who_is_turned_away_learns_the_reason(house: House, waits: bool) -> None:
    house.waits = waits
    house.refusal = TurnedAway(reason="denied", text="The host did not let\x1b[2J you in.")
    with pytest.raises(Refused) as caught:
        await come_in()
    assert (caught.value.reason, caught.value.exit_code) == ("denied", 4)
    assert "\x1b" not in str(caught.value)


def _other_founding(entries: list[Entry]) -> list[Entry]:
    return [found(BEN.peer, BEN.identity.public, "Tea", BEN.identity.sign), *entries[1:]]


def _unsigned(entries: list[Entry]) -> list[Entry]:
    return [*entries[:-1], msgspec.structs.replace(entries[-1], signature=bytes(64))]


def _of_another_author(entries: list[Entry]) -> list[Entry]:
    proposal = msgspec.structs.replace(entries[-1].proposal, author=BEN.peer)
    return [*entries[:-1], msgspec.structs.replace(entries[-1], proposal=proposal)]


LIES: dict[str, Callable[[list[Entry]], list[Entry]]] = {
    "no log": lambda entries: [],
    "without its beginning": lambda entries: entries[1:],
    "with a gap": lambda entries: [entries[0], *entries[2:]],
    "in another order": lambda entries: [entries[0], *entries[:0:-1]],
    "of another founder": _other_founding,
    "not signed by the host": _unsigned,
    "with an author put in": _of_another_author,
    "without us": lambda entries: entries[:-1],
    "longer than any": lambda entries: entries[:1] * (MAX_LOG + 1),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_a_log_that_is_not_true_lets_nobody_in(house: House, lie: Callable[[list[Entry]], list[Entry]]) -> None:
    for deed in (Deed.LOCK, Deed.UNLOCK):
        house.room.propose(Act(deed), now=0.0)
    house.entries = lie
    with pytest.raises(ProtocolError):
        await come_in()


async def test_a_doorman_whom_the_log_does_not_know_is_not_believed(house: House) -> None:
    house.admits = False
    with pytest.raises(ProtocolError, match="let in"):
        await come_in()


async def test_a_doorman_who_speaks_as_somebody_else_is_not_believed(house: House) -> None:
    house.by = BEN.peer
    with pytest.raises(ProtocolError, match="doorman"):
        await come_in()
