"""Who may be in the mesh is for the room's log to say; news of an admission and introductions come in any order."""

from __future__ import annotations

import pytest

from meshconf.protocol.events import CloseLink, MakeOffer, PeerChanged, SendMessage
from meshconf.protocol.mesh import STRANGERS, Mesh
from meshconf.protocol.messages import MAX_PEOPLE, Introduce, Leave, Member
from meshconf.types import PeerId, PeerState
from tests.support.network import member_called

ANN, BEN, CID = (member_called(name, joined=number) for number, name in enumerate(["ann", "ben", "cid"]))


class Guarded:
    """Ann's mesh, connected to Ben, and the people whom the room's log names."""

    def __init__(self) -> None:
        self.welcome = {PeerId(ANN.peer), PeerId(BEN.peer)}
        self.mesh = Mesh(ANN, founder=True, welcomes=self.welcome.__contains__)
        self.mesh.admit([BEN], now=0.0)
        self.mesh.link_opened(PeerId(BEN.peer), 1, now=0.0)
        self.mesh.actions(), self.mesh.events()

    def introduced(self, *members: Member, now: float = 1.0, seen: bool = False) -> None:
        """Ben says that these are here."""
        self.mesh.receive(PeerId(BEN.peer), Introduce(members=list(members), seen=seen), now=now)

    def knows(self, member: Member) -> bool:
        """Whether somebody is in the roster."""
        return self.mesh.member(PeerId(member.peer)) is not None


def test_who_is_introduced_before_the_admission_is_known_is_taken_in_when_it_is() -> None:
    guarded = Guarded()
    guarded.introduced(CID)
    assert not guarded.knows(CID)
    assert not guarded.mesh.actions() and not guarded.mesh.events()
    guarded.welcome.add(PeerId(CID.peer))
    assert guarded.mesh.reconsider(now=2.0) == [CID]
    assert guarded.mesh.events() == [PeerChanged(CID, PeerState.CONNECTING)]
    assert SendMessage(PeerId(BEN.peer), Introduce(members=[CID])) in guarded.mesh.actions()


def test_who_waits_is_taken_in_once() -> None:
    guarded = Guarded()
    guarded.introduced(CID)
    guarded.welcome.add(PeerId(CID.peer))
    guarded.mesh.reconsider(now=2.0)
    guarded.mesh.actions(), guarded.mesh.events()
    assert guarded.mesh.reconsider(now=3.0) == []
    assert not guarded.mesh.actions() and not guarded.mesh.events()


def test_an_admission_of_somebody_else_lets_nobody_in() -> None:
    guarded = Guarded()
    guarded.introduced(CID)
    guarded.welcome.add(PeerId("z" * 16))
    assert guarded.mesh.reconsider(now=2.0) == []
    assert not guarded.knows(CID)


def test_who_was_not_admitted_cannot_call() -> None:
    guarded = Guarded()
    guarded.introduced(CID)
    peer = PeerId(CID.peer)
    assert not guarded.mesh.new_session(peer, 1, now=2.0)
    assert not guarded.mesh.link_opened(peer, 1, now=2.0)
    guarded.mesh.asked_again(peer, 1, now=2.0)
    assert not [action for action in guarded.mesh.actions() if isinstance(action, MakeOffer)]


def test_an_entry_that_its_owner_did_not_sign_does_not_wait() -> None:
    guarded = Guarded()
    guarded.introduced(Member(CID.peer, CID.public, "the boss", CID.joined, CID.signature))
    guarded.welcome.add(PeerId(CID.peer))
    assert guarded.mesh.reconsider(now=2.0) == []


@pytest.mark.parametrize("in_order", [True, False])
def test_of_two_entries_that_wait_the_newer_counts(in_order: bool) -> None:
    guarded = Guarded()
    later = member_called("cid", joined=9)
    for entry in (CID, later) if in_order else (later, CID):
        guarded.introduced(entry)
    guarded.welcome.add(PeerId(CID.peer))
    assert guarded.mesh.reconsider(now=2.0) == [later]


def test_who_is_removed_is_let_go_and_not_taken_back_on_anybody_s_word() -> None:
    guarded = Guarded()
    guarded.welcome.add(PeerId(CID.peer))
    guarded.introduced(CID)
    guarded.mesh.link_opened(PeerId(CID.peer), 1, now=1.0)
    guarded.mesh.actions(), guarded.mesh.events()
    guarded.welcome.remove(PeerId(CID.peer))
    guarded.mesh.reconsider(now=2.0)
    assert not guarded.knows(CID)
    assert CloseLink(PeerId(CID.peer)) in guarded.mesh.actions()
    assert guarded.mesh.events() == [PeerChanged(CID, PeerState.LEFT)]
    for seen in (False, True):
        guarded.introduced(CID, member_called("cid", joined=99), now=500.0, seen=seen)
    assert not guarded.knows(CID)
    assert not guarded.mesh.new_session(PeerId(CID.peer), 9, now=500.0)
    assert not guarded.mesh.actions() and not guarded.mesh.events()


def test_words_of_who_was_let_go_are_not_heard() -> None:
    guarded = Guarded()
    guarded.welcome.remove(PeerId(BEN.peer))
    guarded.mesh.reconsider(now=2.0)
    guarded.mesh.actions(), guarded.mesh.events()
    guarded.introduced(CID)
    assert not guarded.mesh.actions() and not guarded.mesh.events()


def test_a_goodbye_is_told_from_a_loss_and_from_being_let_go() -> None:
    guarded = Guarded()
    guarded.mesh.receive(PeerId(BEN.peer), Leave(), now=1.0)
    assert guarded.mesh.events() == [PeerChanged(BEN, PeerState.LEFT, goodbye=True)]


def test_so_many_wait_and_the_oldest_are_forgotten() -> None:
    guarded = Guarded()
    crowd = [member_called(f"guest {number}", joined=number) for number in range(MAX_PEOPLE + STRANGERS)]
    for start in range(0, len(crowd), STRANGERS):
        guarded.introduced(*crowd[start : start + STRANGERS])
    assert len(guarded.mesh._unadmitted) == MAX_PEOPLE
    guarded.welcome.update(PeerId(member.peer) for member in (crowd[0], crowd[-1]))
    assert guarded.mesh.reconsider(now=2.0) == [crowd[-1]]
