"""Who is missing, what leads members back to each other, and how often they look."""

from __future__ import annotations

import pytest

from meshconf.protocol.departures import RETRY_FIRST, SEEN_FOR
from meshconf.protocol.events import AskAgain, MakeOffer, SendMessage
from meshconf.protocol.identity import Identity
from meshconf.protocol.invite import room_name
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import Introduce, Leave
from meshconf.protocol.peer import GONE_AFTER, SILENT_AFTER
from meshconf.protocol.reunion import FIRST_PAUSE, LONGEST_PAUSE, pause_before_look, reunion_link
from meshconf.protocol.room.making import found
from meshconf.types import PeerId
from tests.support.links import Person

US, ANA, BEN, CAI = sorted((Person(seed) for seed in range(1, 5)), key=lambda person: person.peer)


@pytest.fixture
def mesh() -> Mesh:
    """Ours, connected with three others, at the time 0."""
    mesh = Mesh(US.member, founder=True)
    mesh.admit([other.member for other in (ANA, BEN, CAI)], now=0.0)
    for other in (ANA, BEN, CAI):
        mesh.link_opened(other.peer, 100, now=0.0)
    mesh.actions()
    return mesh


def lose(mesh: Mesh, *lost: Person, until: float = GONE_AFTER + 1.0) -> float:
    """These fall silent from the time 0 on; returns the time at which they are given up."""
    now = 0.0
    while now < until:
        now += 0.1
        for other in (ANA, BEN, CAI):
            if other not in lost and mesh.member(other.peer) is not None:
                mesh.receive(other.peer, Introduce(members=[]), now=now)
        mesh.handle_timer(now=now)
    assert all(mesh.member(person.peer) is None for person in lost)
    mesh.actions()
    return now


def test_who_went_without_a_goodbye_is_missing_since_then(mesh: Mesh) -> None:
    assert mesh.missing(now=0.0) == {}
    now = lose(mesh, ANA)
    assert mesh.missing(now=now) == {ANA.peer: pytest.approx(GONE_AFTER, abs=SILENT_AFTER / 4)}


def test_who_said_goodbye_is_not_missing(mesh: Mesh) -> None:
    mesh.receive(ANA.peer, Leave(), now=0.0)
    assert mesh.missing(now=1.0) == {}


def test_who_is_removed_meanwhile_is_not_missing() -> None:
    welcome = {ANA.peer}
    mesh = Mesh(US.member, founder=True, welcomes=welcome.__contains__)
    mesh.admit([ANA.member], now=0.0)
    mesh.link_opened(ANA.peer, 100, now=0.0)
    now = lose(mesh, ANA)
    assert ANA.peer in mesh.missing(now=now)
    welcome.clear()
    assert mesh.missing(now=now) == {}


def test_who_is_seen_by_a_member_is_not_missing_for_as_long_as_the_word_counts(mesh: Mesh) -> None:
    now = lose(mesh, ANA)
    mesh.receive(BEN.peer, Introduce(members=[ANA.member], seen=True), now=now)
    assert mesh.member(ANA.peer) is None, "too early to believe it"
    assert mesh.missing(now=now) == {}
    assert ANA.peer in mesh.missing(now=now + SEEN_FOR)


def test_who_called_us_is_missing_until_the_connection_stands(mesh: Mesh) -> None:
    now = lose(mesh, ANA)
    mesh.asked_again(ANA.peer, 1000, now=now)
    assert mesh.member(ANA.peer) is not None
    assert ANA.peer in mesh.missing(now=now)
    mesh.link_opened(ANA.peer, 1000, now=now)
    assert mesh.missing(now=now) == {}


def test_who_called_us_is_called_back_once_somebody_sees_it(mesh: Mesh) -> None:
    now = lose(mesh, ANA)
    mesh.asked_again(ANA.peer, 1000, now=now)
    # Nobody may have been there to carry this.
    assert len(offers(mesh)) == 1
    mesh.receive(BEN.peer, Introduce(members=[ANA.member], seen=True), now=now + 0.1)
    assert len(offers(mesh)) == 1
    mesh.receive(CAI.peer, Introduce(members=[ANA.member], seen=True), now=now + 0.2)
    assert offers(mesh) == []


def offers(mesh: Mesh) -> list[MakeOffer]:
    """The offers that are to be made now."""
    return [action for action in mesh.actions() if isinstance(action, MakeOffer)]


def test_the_first_link_between_two_halves_is_told_to_both(mesh: Mesh) -> None:
    now = lose(mesh, ANA, BEN) + RETRY_FIRST
    mesh.admit([ANA.member], now=now, seen=True)
    mesh.actions()
    mesh.link_opened(ANA.peer, 1000, now=now)
    told = [
        (action.peer, {member.peer for member in action.message.members})
        for action in mesh.actions()
        if isinstance(action, SendMessage) and isinstance(action.message, Introduce) and action.message.seen
    ]
    assert (ANA.peer, {US.peer, ANA.peer, CAI.peer}) in told
    assert (CAI.peer, {ANA.peer}) in told
    # It is said once, not with every link to come.
    mesh.link_opened(ANA.peer, 1001, now=now)
    assert not [a for a in mesh.actions() if isinstance(a, SendMessage) and getattr(a.message, "seen", False)]


def test_who_is_called_is_tried_at_once_and_not_twice_in_a_moment() -> None:
    for own, other, action in ((US, ANA, MakeOffer), (ANA, US, AskAgain)):
        mesh = Mesh(own.member, founder=True)
        mesh.admit([other.member], now=0.0)
        mesh.actions()
        mesh.call(other.peer, now=3.0)
        assert [type(each) for each in mesh.actions()] == [action]
        mesh.link_opened(other.peer, 100, now=3.5)
        mesh.actions()
        mesh.call(other.peer, now=4.0)
        assert mesh.actions() == []
    mesh = Mesh(US.member, founder=True)
    mesh.admit([ANA.member], now=0.0)
    mesh.call(ANA.peer, now=0.5)
    assert [type(each) for each in mesh.actions()] == [MakeOffer]


def test_nobody_is_called_whom_we_do_not_know() -> None:
    mesh = Mesh(US.member, founder=True)
    mesh.call(PeerId("nobody"), now=0.0)
    assert mesh.actions() == []


def test_all_copies_of_a_log_give_one_link_and_two_rooms_two() -> None:
    one, other = (found(US.peer, US.identity.public, title, US.identity.sign) for title in ("Tea", "Coffee"))
    assert reunion_link(one) == reunion_link(found(US.peer, US.identity.public, "Tea", US.identity.sign))
    assert reunion_link(one) != reunion_link(other)
    assert reunion_link(one).rendezvous is None


def test_the_link_cannot_be_made_without_the_founders_signatures() -> None:
    stranger = Identity(bytes(31) + b"\x09")
    forged = found(US.peer, US.identity.public, "Tea", stranger.sign)
    assert room_name(reunion_link(forged)) != room_name(
        reunion_link(found(US.peer, US.identity.public, "Tea", US.identity.sign))
    )


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_pauses_grow_with_the_time_and_stay_within_bounds(chance: float) -> None:
    pauses = [pause_before_look(missing_for, chance) for missing_for in (0.0, 4.0, 20.0, 60.0, 3600.0)]
    assert pauses == sorted(pauses)
    assert FIRST_PAUSE / 2 <= pauses[0] <= FIRST_PAUSE
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE
