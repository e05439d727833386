"""Who comes in, who waits, and who may decide it: at our own door and at another member's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from meshconf.conference import admission as module
from meshconf.conference import events
from meshconf.errors import Refused, UsageError
from meshconf.protocol.membership import sign_member
from meshconf.protocol.messages import MAX_PEOPLE, Member, TurnedAway
from meshconf.protocol.room.acts import Deed
from meshconf.protocol.room.events import Knocked
from meshconf.protocol.room.messages import Knock
from tests.conference.table import Seat, Table, table, until
from tests.support.links import Person

DAN, EVE = Person(7), Person(8)


@pytest.fixture
async def three() -> AsyncIterator[Table]:
    """Ana, who is host, Ben and Cid."""
    async with table("ana", "ben", "cid") as three:
        yield three


class Visit:
    """Somebody at a door, and what came of it."""

    def __init__(self, door: Seat, who: Person, *, present: int = 3) -> None:
        self.asked_to_wait = 0
        self.task = asyncio.create_task(door.admission.decide(who.member, present=present, ask_to_wait=self._wait))

    async def _wait(self) -> None:
        self.asked_to_wait += 1

    @property
    def waits(self) -> bool:
        """Whether it is in the lobby."""
        return bool(self.asked_to_wait) and not self.task.done()

    async def verdict(self) -> str | None:
        """The reason of the refusal; None when it was let in."""
        answer = await asyncio.wait_for(self.task, 5)
        return answer.reason if isinstance(answer, TurnedAway) else None


async def in_the_lobby(three: Table, door: str, who: Person = DAN) -> Visit:
    """Somebody who waits at this person's door, as host and admins have heard."""
    if not three["ana"].room.state.lobby:
        await three["ana"].act(Deed.LOBBY_ON)
    visit = Visit(three[door], who)
    await until(lambda: visit.waits and (who.member.name, True) in three["ana"].lobby)
    return visit


# Without a lobby.


async def test_an_open_meeting_admits_whoever_knows_the_code(three: Table) -> None:
    visit = Visit(three["cid"], DAN)
    assert await visit.verdict() is None
    assert visit.asked_to_wait == 0
    assert all(DAN.peer in seat.room.state.people for seat in three.seats.values())


async def test_who_comes_back_needs_nobody(three: Table) -> None:
    await Visit(three["ana"], DAN).verdict()
    await three["ana"].act(Deed.LOCK)
    three["ana"].away = True
    assert await Visit(three["cid"], DAN).verdict() is None


async def test_a_locked_meeting_lets_nobody_in(three: Table) -> None:
    await three["ana"].act(Deed.LOCK)
    assert await Visit(three["ana"], DAN).verdict() == "locked"
    await three["ana"].act(Deed.UNLOCK)
    assert await Visit(three["ana"], DAN).verdict() is None


async def test_who_was_removed_does_not_come_back(three: Table) -> None:
    await three["ana"].act(Deed.REMOVE, three["cid"])
    assert await Visit(three["ben"], three["cid"].person).verdict() == "removed"


async def test_a_full_meeting_takes_nobody(three: Table) -> None:
    assert await Visit(three["ana"], DAN, present=MAX_PEOPLE).verdict() == "full"


async def test_nobody_visits_in_our_own_name(three: Table) -> None:
    assert await Visit(three["ana"], three["ana"].person).verdict() == "self"


async def test_an_entry_that_its_owner_did_not_sign_is_refused(three: Table) -> None:
    async def never() -> None:
        raise AssertionError

    renamed: Member = msgspec.structs.replace(DAN.member, name="ana")
    answer = await three["ana"].admission.decide(renamed, present=3, ask_to_wait=never)
    assert answer is not None and "not signed" in answer.text


async def test_who_waits_under_a_name_that_nobody_sees_is_called_by_the_id(three: Table) -> None:
    unseen = Person(9)
    unseen.member = sign_member(unseen.identity, "\u3164\u200d", 1)
    await three["ana"].act(Deed.LOBBY_ON)
    visit = Visit(three["cid"], unseen)
    await until(lambda: (unseen.peer, True) in three["ana"].lobby)
    await three["ana"].admission.admit(unseen.peer)
    assert await visit.verdict() is None
    assert three["ben"].room.state.people[unseen.peer].name == unseen.peer


async def test_one_who_comes_through_two_doors_at_once_is_let_in_by_both(three: Table) -> None:
    visits = [Visit(three["ben"], DAN), Visit(three["cid"], DAN)]
    assert [await visit.verdict() for visit in visits] == [None, None]


async def test_a_host_who_does_not_answer_lets_nobody_in(three: Table) -> None:
    three["ana"].away = True
    visit = Visit(three["ben"], DAN)
    await asyncio.sleep(0)
    three["ben"].room.handle_timer(now=asyncio.get_running_loop().time() + 11)
    three.settle()
    assert await visit.verdict() == "no-host"


# The lobby.


@pytest.mark.parametrize("door", ["ana", "cid"])
async def test_who_is_admitted_comes_in_by_whichever_door(three: Table, door: str) -> None:
    visit = await in_the_lobby(three, door)
    await three["ana"].admission.admit(DAN.peer)
    assert await visit.verdict() is None
    await until(lambda: three["ana"].lobby == [("person 7", True), ("person 7", False)])


@pytest.mark.parametrize("door", ["ana", "cid"])
async def test_who_is_denied_is_sent_away_from_whichever_door(three: Table, door: str) -> None:
    visit = await in_the_lobby(three, door)
    three["ana"].admission.deny("PERSON 7")
    assert await visit.verdict() == "denied"
    await until(lambda: three["ana"].lobby == [("person 7", True), ("person 7", False)])
    assert DAN.peer not in three["ana"].room.state.people


async def test_an_admin_decides_about_a_member_s_door(three: Table) -> None:
    await three["ana"].act(Deed.APPOINT, three["ben"])
    visit = await in_the_lobby(three, "cid")
    await until(lambda: three["ben"].lobby)
    await three["ben"].admission.admit("person 7")
    assert await visit.verdict() is None
    assert three["cid"].lobby == []


@pytest.mark.parametrize("verb", ["admit", "deny"])
async def test_a_member_decides_about_nobody(three: Table, verb: str) -> None:
    visit = await in_the_lobby(three, "cid")
    with pytest.raises(Refused) as caught:
        if verb == "admit":
            await three["cid"].admission.admit(DAN.peer)
        else:
            three["cid"].admission.deny(DAN.peer)
    assert caught.value.reason == "not-admin"
    assert visit.waits
    visit.task.cancel()


async def test_who_gives_up_is_shown_no_more_and_cannot_be_admitted(three: Table) -> None:
    visit = await in_the_lobby(three, "cid")
    visit.task.cancel()
    await until(lambda: three["ana"].lobby[-1] == ("person 7", False))
    with pytest.raises(UsageError, match="person 7"):
        await three["ana"].admission.admit("person 7")


async def test_a_lobby_that_is_switched_off_lets_in_who_waits(three: Table) -> None:
    visits = [await in_the_lobby(three, "ana", DAN), await in_the_lobby(three, "cid", EVE)]
    await three["ana"].act(Deed.LOBBY_OFF)
    assert [await visit.verdict() for visit in visits] == [None, None]


async def test_a_meeting_that_is_locked_meanwhile_sends_away_who_waits(three: Table) -> None:
    visit = await in_the_lobby(three, "cid")
    await three["ana"].act(Deed.LOCK)
    assert await visit.verdict() == "locked"


async def test_a_knock_that_is_repeated_is_shown_once(three: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOCK_EVERY", 0.0)
    knocks: list[Knock] = []
    knock = three["cid"].room.knock

    def counted(word: Knock) -> None:
        knocks.append(word)
        knock(word)

    monkeypatch.setattr(three["cid"].room, "knock", counted)
    visit = await in_the_lobby(three, "cid")
    await until(lambda: len(knocks) > 3)
    assert three["ana"].lobby == [("person 7", True)]
    visit.task.cancel()
    await until(visit.task.done)


async def test_whoever_becomes_host_hears_at_the_next_knock_who_waits(
    three: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KNOCK_EVERY", 0.0)
    visit = await in_the_lobby(three, "cid")
    await three["ana"].act(Deed.TRANSFER, three["ben"])
    await until(lambda: three["ben"].lobby == [("person 7", True)])
    assert three["ana"].lobby[-1] == ("person 7", False)
    await three["ben"].admission.admit(DAN.peer)
    assert await visit.verdict() is None


async def test_who_knocks_once_more_waits_there_and_not_in_two_places(three: Table) -> None:
    first = await in_the_lobby(three, "cid")
    second = Visit(three["cid"], DAN)
    assert await first.verdict() == "again"
    assert second.waits
    await three["ana"].admission.admit(DAN.peer)
    assert await second.verdict() is None
    await until(lambda: three["ana"].lobby == [("person 7", True), ("person 7", False)])


async def test_a_lobby_holds_so_many_and_sends_the_others_away(three: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOBBY", 1)
    visit = await in_the_lobby(three, "cid")
    assert await Visit(three["cid"], EVE).verdict() == "full"
    visit.task.cancel()
    await until(visit.task.done)


async def test_who_waits_for_a_doorman_that_fell_silent_is_forgotten(
    three: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FORGET_AFTER", 0.0)
    visit = await in_the_lobby(three, "cid")
    three["cid"].away = True
    await until(lambda: three["ana"].lobby[-1] == ("person 7", False))
    visit.task.cancel()
    await until(visit.task.done)


async def test_two_of_one_name_are_told_apart_by_id(three: Table) -> None:
    twin = Person(9)
    twin.member = sign_member(twin.identity, DAN.member.name, 1)
    visits = [await in_the_lobby(three, "ana", DAN), await in_the_lobby(three, "ana", twin)]
    await until(lambda: len(three["ana"].all(events.Lobby)) == 2)
    with pytest.raises(UsageError, match="Several"):
        three["ana"].admission.find("person 7")
    three["ana"].admission.deny(twin.peer)
    assert await visits[1].verdict() == "denied"
    assert visits[0].waits
    visits[0].task.cancel()
    await until(visits[0].task.done)


async def test_a_doorman_cannot_show_one_person_and_have_another_let_in(three: Table) -> None:
    await three["ana"].act(Deed.LOBBY_ON)
    admission = three["ana"].admission
    admission.decided(Knocked(three["ben"].peer, DAN.peer, EVE.member.public, "Dan", True))
    with pytest.raises(UsageError, match="Nobody"):
        admission.find(DAN.peer)
    admission.decided(Knocked(three["ben"].peer, DAN.peer, DAN.member.public, "Dan", True))
    admission.decided(Knocked(three["ben"].peer, DAN.peer, DAN.member.public, "The boss", True))
    assert admission.find("Dan") == DAN.peer, "the name that was shown is the one that counts"


async def test_only_those_at_whose_door_somebody_waits_can_say_that_they_went(three: Table) -> None:
    visit = await in_the_lobby(three, "ben")
    told = Knocked(three["cid"].peer, DAN.peer, DAN.member.public, DAN.member.name, False)
    three["ana"].admission.decided(told)
    assert visit.waits and three["ana"].admission.find(DAN.peer) == DAN.peer
    visit.task.cancel()
    await until(lambda: three["ana"].lobby[-1] == ("person 7", False))
