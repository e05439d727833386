"""The room in virtual time: who is host when hosts die, freeze, come back, and when halves meet again."""

from __future__ import annotations

import pytest

from meshconf.errors import Refused
from meshconf.protocol.room.acts import Deed
from meshconf.protocol.room.events import ActDone, HostReturned, Misbehaved, Undone
from meshconf.protocol.room.messages import CallVote, Entries, Fetch
from meshconf.protocol.room.neighbours import ANSWERS, ANSWERS_A_SECOND
from meshconf.types import Medium
from tests.support.liars import Forger, Usurper
from tests.support.world import World


def room_of(count: int, seed: int = 1) -> World:
    world = World(seed)
    world.founder("a")
    for name in "bcdefghij"[: count - 1]:
        world.join(name, "a")
    assert world.agreed()
    return world


@pytest.mark.parametrize("count", [2, 3, 9])
def test_a_killed_host_has_a_successor_within_seconds(count: int) -> None:
    world = room_of(count)
    world.kill("a")
    took = world.until(lambda: world.hosts() == {"b"}, 10)
    assert took < 4.5
    world.run(2)
    assert world.agreed()


def test_host_and_successor_lost_together_leave_the_third() -> None:
    world = room_of(5)
    world.kill("a", "b")
    world.until(lambda: world.hosts() == {"c"}, 10)
    world.run(2)
    assert world.agreed()


@pytest.mark.parametrize("count", [2, 3, 9])
def test_a_frozen_host_comes_back_to_the_room_as_it_is_and_is_offered_the_role(count: int) -> None:
    world = room_of(count)
    world.pause("a")
    world.until(lambda: world.hosts() == {"b"}, 10)
    world.act("b", Deed.LOCK)
    world.run(3)
    world.resume("a")
    world.run(8)
    assert world.agreed() and world.hosts() == {"b"}
    assert world.peers["a"].room.state.locked
    assert [event.peer for _, event in world.peers["b"].told if isinstance(event, HostReturned)] == [
        world.peers["a"].id
    ]


def test_acts_of_an_admin_go_through_the_host() -> None:
    world = room_of(4)
    world.act("a", Deed.APPOINT, "c")
    world.run(0.5)
    world.act("c", Deed.FORBID, kind=Medium.VIDEO)
    world.run(0.5)
    assert world.agreed()
    state = world.peers["d"].room.state
    assert not state.allows(world.peers["d"].id, Medium.VIDEO) and state.allows(world.peers["c"].id, Medium.VIDEO)


def test_a_member_has_no_say() -> None:
    world = room_of(3)
    with pytest.raises(Refused):
        world.act("b", Deed.LOCK)


def test_the_bigger_half_keeps_its_log_and_the_other_half_is_told() -> None:
    world = room_of(5)
    world.act("a", Deed.APPOINT, "d")
    world.run(1)
    world.partition("ab", "cde")
    world.run(8)
    assert world.hosts() == {"a", "d"}
    world.act("a", Deed.LOCK)
    world.act("d", Deed.LOBBY_ON)
    world.run(2)
    world.heal()
    world.run(10)
    assert world.agreed() and world.hosts() == {"d"}
    state = world.peers["a"].room.state
    assert state.lobby and not state.locked
    undone = [event for _, event in world.peers["a"].told if isinstance(event, Undone)]
    assert [entry.act.do for event in undone for entry in event.entries] == [Deed.LOCK]
    assert not [event for _, event in world.peers["c"].told if isinstance(event, Undone)]


def test_the_bigger_half_with_the_host_keeps_it() -> None:
    world = room_of(5)
    world.partition("abc", "de")
    world.run(8)
    assert world.hosts() == {"a", "d"}
    world.act("d", Deed.LOCK)
    world.run(1)
    world.heal()
    world.run(10)
    assert world.agreed() and world.hosts() == {"a"}
    assert not world.peers["e"].room.state.locked


def test_people_who_came_in_the_smaller_half_stay() -> None:
    world = room_of(5)
    world.partition("abc", "de")
    world.run(8)
    world.join("f", "d")
    world.run(3)
    world.heal()
    world.run(12)
    assert world.agreed() and world.hosts() == {"a"}
    assert world.peers["f"].id in world.peers["a"].room.state.people


def test_a_transfer_is_seen_by_all_and_the_old_host_is_a_member() -> None:
    world = room_of(3)
    world.act("a", Deed.TRANSFER, "c")
    world.run(1)
    assert world.hosts() == {"c"} and world.agreed()
    world.run(10)
    assert world.hosts() == {"c"} and world.agreed()


def test_a_host_that_leaves_is_followed_at_once() -> None:
    world = room_of(4)
    world.leave("a")
    assert world.until(lambda: world.hosts() == {"b"}, 5) < 2.0


def test_a_claim_told_to_one_alone_does_not_take_that_one_out_of_the_room() -> None:
    world = room_of(4)
    liar = Usurper(world, "d")
    liar.claim_before([world.peers["b"]])
    watched = world.peers["b"].room
    host = world.peers["a"].id
    world.checks.append(lambda: None if watched.state.host == host else pytest.fail("b left its host"))
    world.run(10)
    assert world.hosts() == {"a"}


def test_who_asks_for_votes_again_and_again_keeps_nobody_from_its_turn() -> None:
    world = room_of(4)
    world.peers["b"].honest = False
    world.peers["b"].sends = lambda to, message: message if isinstance(message, CallVote) else None
    world.kill("a")
    world.until(lambda: world.hosts() == {"c"}, 12)


def test_somebody_who_is_removed_does_not_campaign() -> None:
    world = room_of(3)
    world.act("a", Deed.REMOVE, "c")
    world.run(20)
    assert world.peers["a"].room.state.host == world.peers["b"].room.state.host == world.peers["a"].id
    assert not world.peers["a"].room.welcomes(world.peers["c"].id)


def test_a_forged_act_neither_blames_its_carrier_nor_cancels_the_true_one() -> None:
    world = room_of(4)
    world.act("a", Deed.APPOINT, "b")
    world.run(1)
    Forger(world, "d").act()
    number = world.act("b", Deed.LOCK)
    world.run(3)
    told = [event for peer in "abc" for _, event in world.peers[peer].told]
    assert ActDone(number) in told
    assert all(event.peer == world.peers["d"].id for event in told if isinstance(event, Misbehaved))


def test_epochs_of_halves_that_know_nothing_of_each_other_have_different_numbers() -> None:
    world = room_of(5)
    world.partition("ab", "cde")
    world.run(8)
    world.act("a", Deed.TRANSFER, "b")
    world.run(1)
    world.act("b", Deed.TRANSFER, "a")
    world.run(1)
    epochs = {peer.room.state.epoch: peer.room.state.host for peer in world.peers.values()}
    assert len(epochs) == len(set(epochs.values())) == 2


def test_who_asks_for_the_log_again_and_again_is_not_answered_for_ever() -> None:
    world = room_of(3)
    room, asks = world.peers["a"].room, world.peers["b"].id
    question = Fetch(known=[room.history.root.digest])

    def answers(questions: int, now: float) -> int:
        for _ in range(questions):
            room.receive(asks, question, now=now)
        return sum(to == asks and isinstance(message, Entries) for to, message in room.actions())

    assert answers(1000, world.now) == ANSWERS
    room.unlinked(asks, now=world.now)
    room.linked(asks, now=world.now)
    assert answers(1000, world.now + 1.0) == ANSWERS_A_SECOND
