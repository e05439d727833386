"""Our seat in the room: acts that are answered, and the room as the faces are told it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from meshconf.conference import commands, events
from meshconf.conference.chair import act_of
from meshconf.errors import Refused, UsageError
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.docket import GIVE_UP
from meshconf.protocol.room.events import HostReturned, Misbehaved, StateChanged, Undone
from meshconf.types import Medium, PeerId
from tests.conference.table import Seat, Table, table, until


@pytest.fixture
async def three() -> AsyncIterator[Table]:
    """Ana, who is host, Ben and Cid."""
    async with table("ana", "ben", "cid") as three:
        yield three


def forbidden(seat: Seat, kind: Medium) -> bool | list[str]:
    """What the faces were last told of a rule."""
    value: bool | list[str] = getattr(seat.last(events.RoomState).forbidden, kind)
    return value


# Acts.


async def test_an_act_is_done_when_it_stands_in_everybody_s_log(three: Table) -> None:
    await three["ana"].act(Deed.LOCK)
    assert all(seat.room.state.locked for seat in three.seats.values())
    assert [seat.last(events.RoomState).locked for seat in three.seats.values()] == [True] * 3
    assert three["ben"].notices == ["ana locked the meeting: nobody new can join."]
    assert three["ana"].notices == ["You locked the meeting: nobody new can join."]


async def test_an_admin_acts_through_the_host(three: Table) -> None:
    await three["ana"].act(Deed.APPOINT, three["cid"])
    await three["cid"].act(Deed.FORBID, kind=Medium.AUDIO)
    assert three["ben"].room.state.silenced == {Medium.AUDIO}
    assert three["ben"].notices == ["ana made cid an admin.", "cid forbade everybody sound."]


async def test_what_a_member_may_not_do_is_refused_with_the_reason(three: Table) -> None:
    with pytest.raises(Refused) as caught:
        await three["ben"].act(Deed.LOCK)
    assert caught.value.reason == "not-admin"
    assert three["ana"].told == []


async def test_what_the_host_refuses_is_refused_with_its_reason(three: Table) -> None:
    ana, ben = three["ana"], three["ben"]
    await ana.act(Deed.APPOINT, ben)
    ben.away = True
    await ana.act(Deed.LOCK)
    late = asyncio.create_task(ben.act(Deed.LOCK))
    await asyncio.sleep(0)
    ben.away = False
    three.later(1.5)
    with pytest.raises(Refused, match="locked already") as caught:
        await late
    assert caught.value.reason == "no-change"


async def test_an_act_that_nobody_answers_is_refused_after_a_while(three: Table) -> None:
    ana, ben = three["ana"], three["ben"]
    await ana.act(Deed.APPOINT, ben)
    ana.away = True
    unanswered = asyncio.create_task(ben.act(Deed.LOCK))
    await asyncio.sleep(0)
    ben.room.handle_timer(now=asyncio.get_running_loop().time() + GIVE_UP + 1)
    three.settle()
    with pytest.raises(Refused) as caught:
        await unanswered
    assert caught.value.reason == "no-host"


async def test_who_is_out_of_the_meeting_does_nothing_and_moves_nothing(three: Table) -> None:
    ana = three["ana"]
    ana.chair.close()
    with pytest.raises(Refused) as caught:
        await ana.act(Deed.LOCK)
    assert caught.value.reason == "ended"
    ana.room.propose(Act(Deed.LOCK), now=asyncio.get_running_loop().time())
    ana.chair.settle()
    assert not three["ben"].room.state.locked


async def test_an_act_under_way_at_the_end_waits_no_longer(three: Table) -> None:
    await three["ana"].act(Deed.APPOINT, three["ben"])
    three["ana"].away = True
    unanswered = asyncio.create_task(three["ben"].act(Deed.LOCK))
    await asyncio.sleep(0)
    three["ben"].chair.close()
    await until(unanswered.done)
    assert unanswered.cancelled()


# What the faces are told.


async def test_a_rule_is_told_as_false_true_or_the_ids_it_concerns(three: Table) -> None:
    ana, ben, cid = three.seats.values()
    await ana.act(Deed.FORBID, kind=Medium.VIDEO)
    assert forbidden(ben, Medium.VIDEO) is True
    assert forbidden(ben, Medium.AUDIO) is False
    await ana.act(Deed.PERMIT, cid, Medium.VIDEO)
    assert forbidden(ben, Medium.VIDEO) == [ben.peer]
    await ana.act(Deed.FORBID, cid, Medium.SCREEN)
    assert forbidden(cid, Medium.SCREEN) == [cid.peer]
    await ana.act(Deed.PERMIT, kind=Medium.VIDEO)
    assert forbidden(ben, Medium.VIDEO) is False


async def test_a_rule_against_somebody_who_is_not_here_names_nobody(three: Table) -> None:
    ana, ben = three["ana"], three["ben"]
    await ana.act(Deed.FORBID, ben, Medium.AUDIO)
    gone = three.seats.pop("ben")
    ana.chair.announce()
    assert forbidden(ana, Medium.AUDIO) is False
    three.seats["ben"] = gone


async def test_a_new_host_is_told_with_its_epoch(three: Table) -> None:
    await three["ana"].act(Deed.TRANSFER, three["cid"])
    before, after = [seat.last(events.RoomState) for seat in (three["ana"], three["ben"])]
    assert before.host == after.host == three["cid"].peer
    assert before.epoch == after.epoch > 1
    assert three["cid"].notices == ["ana made you the host."]


async def test_several_entries_at_once_are_told_with_the_host_of_each_moment(three: Table) -> None:
    ana, ben, cid = three.seats.values()
    state = cid.room.state
    await ana.act(Deed.TRANSFER, ben)
    transfer = next(event for event in cid.decided if isinstance(event, StateChanged)).entries[0]
    succeed = transfer.__class__(
        3, 9, bytes(32), cid.peer, transfer.proposal.__class__("", cid.peer, 1, Act(Deed.SUCCEED, cid.peer), b""), b""
    )
    cid.told.clear()
    cid.chair.decided(StateChanged(state, cid.room.state, (transfer, succeed)))
    assert cid.notices == ["ana made ben the host.", "You are the host now: ben could not be reached."]


async def test_what_was_undone_is_an_event_and_a_sentence(three: Table) -> None:
    ana = three["ana"]
    await ana.act(Deed.FORBID, three["ben"], Medium.AUDIO)
    entries = next(event for event in ana.decided if isinstance(event, StateChanged)).entries
    ana.told.clear()
    ana.chair.decided(Undone(entries))
    undone = ana.last(events.Undone)
    assert (undone.act, undone.by, undone.peer, undone.kind) == ("forbid", ana.peer, three["ben"].peer, "audio")
    assert "does not hold any more that you forbade ben sound" in ana.notices[0]


async def test_a_host_who_is_back_is_told_to_its_successor(three: Table) -> None:
    ben = three["ben"]
    ben.chair.decided(HostReturned(three["ana"].peer))
    assert ben.last(events.HostReturned).name == "ana"
    assert "hand the role back" in ben.notices[0]


async def test_who_misbehaves_is_named_once_in_a_while_and_each_for_itself(three: Table) -> None:
    ana = three["ana"]
    for name in ("ben", "ben", "cid", "ben"):
        ana.chair.decided(Misbehaved(three[name].peer, "an act that was done before"))
    assert ana.notices == [
        f"{name} sent something that the room refuses: an act that was done before." for name in ("ben", "cid")
    ]


# Commands.


@pytest.mark.parametrize(
    ("command", "act"),
    [
        (commands.TransferHost(peer="ben"), Act(Deed.TRANSFER, peer="BEN")),
        (commands.Forbid(kind=Medium.AUDIO), Act(Deed.FORBID, kind=Medium.AUDIO)),
        (commands.Permit(kind=Medium.VIDEO, peer="ben"), Act(Deed.PERMIT, peer="BEN", kind=Medium.VIDEO)),
        (commands.LobbyOn(), Act(Deed.LOBBY_ON)),
        (commands.End(), Act(Deed.END)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_command_is_an_act(command: commands.RoomCommand, act: Act) -> None:
    assert act_of(command, lambda name: PeerId(name.upper())) == act


def test_every_command_of_the_room_has_its_act() -> None:
    for kind in commands.RoomCommand.__args__:
        fields = {"peer": "ben"} if "peer" in kind.__struct_fields__ else {}
        if "kind" in kind.__struct_fields__:
            fields["kind"] = Medium.AUDIO
        assert isinstance(act_of(kind(**fields), PeerId), Act)


def test_a_command_about_nobody_is_a_usage_error() -> None:
    def nobody(name: str) -> PeerId:
        raise UsageError(f"nobody here is {name!r}")

    with pytest.raises(UsageError, match="dan"):
        act_of(commands.Remove(peer="dan"), nobody)
