"""Requests for a new offer: each counts once, whoever carries it and however often."""

from __future__ import annotations

from meshconf.protocol.events import AskAgain, MakeOffer
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import Member
from meshconf.protocol.peer import CONNECT_WITHIN, LinkState
from meshconf.types import PeerId
from tests.support.network import member_called


def pair(*, offering: bool) -> tuple[Mesh, Member]:
    """A mesh that does or does not offer to the one other member, with the link open and nothing left to take."""
    names = sorted(["ann", "ben"], key=lambda name: member_called(name).peer, reverse=not offering)
    own, other = (member_called(name, joined=number) for number, name in enumerate(names))
    mesh = Mesh(own, founder=True)
    mesh.admit([other], now=0.0)
    mesh.link_opened(PeerId(other.peer), 1, now=0.0)
    mesh.actions()
    return mesh, other


def offers(mesh: Mesh) -> list[int]:
    """Take the actions; the sessions offered among them."""
    return [action.session for action in mesh.actions() if isinstance(action, MakeOffer)]


def test_a_request_is_answered_with_a_new_offer_and_its_replays_with_nothing() -> None:
    mesh, other = pair(offering=True)
    peer = PeerId(other.peer)
    mesh.asked_again(peer, 1, now=5.0)
    assert offers(mesh) == [2]
    mesh.link_opened(peer, 2, now=5.5)
    mesh.actions()
    for second in range(6, 60):
        mesh.asked_again(peer, 1, now=float(second))
    assert offers(mesh) == []
    assert mesh.link(peer) is LinkState.CONNECTED
    mesh.asked_again(peer, 2, now=60.0)
    assert offers(mesh) == [3]


def test_two_requests_within_a_second_make_one_offer_and_both_are_used_up() -> None:
    mesh, other = pair(offering=True)
    for number, now in ((1, 5.0), (2, 5.5), (2, 9.0), (1, 9.0)):
        mesh.asked_again(PeerId(other.peer), number, now=now)
    assert offers(mesh) == [2]


def test_whoever_does_not_offer_in_a_pair_is_asked_in_vain() -> None:
    mesh, other = pair(offering=False)
    mesh.asked_again(PeerId(other.peer), 1, now=5.0)
    assert mesh.actions() == [] and mesh.link(PeerId(other.peer)) is LinkState.CONNECTED


def test_each_request_of_ours_has_a_higher_number() -> None:
    mesh, other = pair(offering=False)
    mesh.link_lost(PeerId(other.peer), 1, now=5.0)
    back = member_called(other.name, joined=9)
    mesh.admit([back], now=6.0)
    mesh.handle_timer(now=6.0 + CONNECT_WITHIN)
    asked = [action.number for action in mesh.actions() if isinstance(action, AskAgain)]
    assert asked == [1, 2]
