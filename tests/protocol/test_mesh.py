"""The mesh in virtual time: who offers, who is shown as gone, and that all agree in the end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from meshconf.protocol.events import MakeOffer, PeerChanged, SendMessage, SourcesChanged, Superseded
from meshconf.protocol.mesh import ATTEMPTS, Mesh
from meshconf.protocol.messages import (
    MAX_PEOPLE,
    Admitted,
    AnyMessage,
    DoorKeys,
    Hello,
    Introduce,
    JoinRequest,
    Leave,
    Member,
    Relay,
    Signal,
    Sources,
    TurnedAway,
    Want,
    WrongGuess,
)
from meshconf.protocol.peer import CONNECT_WITHIN, LinkState
from meshconf.types import PeerId, PeerState, SourceKind
from tests.support.network import Network, Node, member_called

QUIET = 90.0
"""Seconds after which every attempt to reach somebody who is not there is over, even one made on old news."""


def meeting(*names: str, network: Network | None = None) -> tuple[Network, list[Node]]:
    """People who are all connected; each newcomer comes in through the one before."""
    network = network or Network()
    nodes = [network.found(names[0])]
    for name in names[1:]:
        nodes.append(network.join(name, nodes[-1]))
        network.run(2)
    return network, nodes


def everybody_agrees(nodes: list[Node], *names: str) -> bool:
    """Whether all show exactly these people, all connected."""
    return all(node.roster == list(names) and len(node.mesh.connected()) == len(names) - 1 for node in nodes)


def connected_mesh() -> tuple[Mesh, Member]:
    """A newcomer's mesh with one other member, the link open and nothing left to take."""
    own, other = member_called("ann", joined=2), member_called("ben", joined=1)
    mesh = Mesh(own, founder=False)
    mesh.admit([other], now=0.0)
    mesh.link_opened(PeerId(other.peer), 1, now=0.0)
    mesh.actions(), mesh.events()
    return mesh, other


# Coming.


def test_of_each_pair_the_smaller_id_offers_and_only_once() -> None:
    _, nodes = meeting("ann", "ben", "cid", "dot")
    offers = [(node.peer, peer) for node in nodes for peer, _ in node.offers]
    assert all(own < other for own, other in offers)
    assert len(offers) == len(set(offers)) == 6


def test_a_late_joiner_is_introduced_to_everybody() -> None:
    network, nodes = meeting("ann", "ben", "cid")
    late = network.join("dot", nodes[1])
    network.run(2)
    assert everybody_agrees([*nodes, late], "ann", "ben", "cid", "dot")


def test_two_who_come_through_different_doors_at_once_find_each_other() -> None:
    network, nodes = meeting("ann", "ben")
    both = [network.join("cid", nodes[0]), network.join("dot", nodes[1])]
    network.run(3)
    assert everybody_agrees([*nodes, *both], "ann", "ben", "cid", "dot")


def test_a_newcomer_hears_which_sources_are_on() -> None:
    network, [ann] = meeting("ann")
    ann.mesh.set_sources([SourceKind.MIC, SourceKind.CAMERA])
    network.settle(ann)
    ben = network.join("ben", ann)
    network.run(2)
    assert ben.mesh.sources_of(ann.peer) == {SourceKind.MIC, SourceKind.CAMERA}


def test_a_full_meeting_takes_nobody_in_and_tells_nobody_of_them() -> None:
    mesh, _ = connected_mesh()
    crowd = [member_called(f"guest {number}", joined=10 + number) for number in range(MAX_PEOPLE)]
    taken = mesh.admit(crowd, now=0.0)
    assert len(mesh.members) == MAX_PEOPLE
    assert taken == crowd[: MAX_PEOPLE - 2]
    introduced = [action.message for action in mesh.actions() if isinstance(action, SendMessage)]
    assert introduced == [Introduce(members=taken)]


def test_somebody_who_cannot_be_reached_is_given_up_after_three_attempts() -> None:
    network, [ann] = meeting("ann")
    nobody = network.join("ben", ann)
    network.kill(nobody)
    network.run(CONNECT_WITHIN * ATTEMPTS - 1)
    assert ann.roster == ["ann", "ben"]
    network.run(2)
    assert ann.roster == ["ann"]
    assert ann.states_of(nobody) == [PeerState.CONNECTING, PeerState.LEFT]


def test_a_newcomer_who_asks_again_keeps_all_its_attempts() -> None:
    names = sorted(["ann", "ben"], key=lambda name: member_called(name).peer)
    own, other = (member_called(name, joined=number) for number, name in enumerate(names))
    mesh = Mesh(own, founder=True)
    mesh.admit([other], now=0.0)
    mesh.asked_again(PeerId(other.peer), 1, now=9.0)
    assert mesh.link(PeerId(other.peer)) is LinkState.CONNECTING
    assert mesh.next_timer() == 9.0 + CONNECT_WITHIN
    assert [action for action in mesh.actions() if isinstance(action, MakeOffer)][-1].session == 2


# Going.


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_peer_is_shown_as_gone_within_five_seconds(seed: int) -> None:
    network, nodes = meeting("ann", "ben", "cid", network=Network(seed=seed, ping_loss=0.05))
    network.run(seed * 0.37)
    killed, at = nodes[1], network.now
    network.kill(killed)
    network.run(6)
    for node in (nodes[0], nodes[2]):
        assert node.when(killed, PeerState.LEFT) - at < 5.0
        assert node.states_of(killed)[-2:] == [PeerState.RECONNECTING, PeerState.LEFT]


def test_a_clean_leave_is_shown_at_once() -> None:
    network, [ann, ben, cid] = meeting("ann", "ben", "cid")
    at = network.now
    network.leave(ben)
    network.run(1)
    for node in (ann, cid):
        assert node.when(ben, PeerState.LEFT) - at < 0.1
        assert node.roster == ["ann", "cid"]


def test_the_sources_of_who_left_are_off() -> None:
    network, [ann, ben] = meeting("ann", "ben")
    ben.mesh.set_sources([SourceKind.SCREEN])
    network.settle(ben)
    network.run(1)
    network.leave(ben)
    network.run(1)
    switched = [event for _, event in ann.events if isinstance(event, SourcesChanged)]
    assert switched == [
        SourcesChanged(ben.peer, SourceKind.SCREEN, True),
        SourcesChanged(ben.peer, SourceKind.SCREEN, False),
    ]


def test_lost_pings_alone_cost_nobody_the_meeting() -> None:
    network, nodes = meeting("ann", "ben", "cid", network=Network(seed=3, ping_loss=0.3))
    network.run(300)
    assert everybody_agrees(nodes, "ann", "ben", "cid")
    assert not any(PeerState.LEFT in node.states_of(other) for node in nodes for other in nodes)


def test_old_news_about_departed_people_is_skipped() -> None:
    network, [ann, ben, cid] = meeting("ann", "ben", "cid")
    network.leave(cid)
    network.run(1)
    before = len(ann.events)
    assert ann.mesh.admit([cid.mesh.own], now=network.now) == []
    network.settle(ann)
    assert ann.roster == ["ann", "ben"]
    assert len(ann.events) == before


# Links that break.


def test_a_lost_link_is_replaced_by_a_new_session() -> None:
    network, [ann, ben, cid] = meeting("ann", "ben", "cid")
    former = ann.links[ben.peer]
    network.break_link(ann, ben)
    network.run(4)
    assert ann.links[ben.peer] == ben.links[ann.peer] == former + 1
    for one, other in ((ann, ben), (ben, ann)):
        assert one.states_of(other) == [
            PeerState.CONNECTING,
            PeerState.CONNECTED,
            PeerState.RECONNECTING,
            PeerState.CONNECTED,
        ]
    assert everybody_agrees([ann, ben, cid], "ann", "ben", "cid")


def test_the_former_link_stays_until_the_new_one_stands() -> None:
    mesh, other = connected_mesh()
    peer = PeerId(other.peer)
    mesh.link_lost(peer, 1, now=1.0)
    assert mesh.link(peer) is LinkState.RECONNECTING
    mesh.link_opened(peer, 2, now=1.5)
    assert mesh.link(peer) is LinkState.CONNECTED
    assert all(isinstance(action, MakeOffer | SendMessage) or action.peer == peer for action in mesh.actions())
    assert mesh.sources_of(peer) == frozenset()


def test_the_end_of_a_replaced_session_changes_nothing() -> None:
    mesh, other = connected_mesh()
    peer = PeerId(other.peer)
    mesh.link_opened(peer, 2, now=1.0)
    mesh.link_lost(peer, 1, now=1.1)
    assert mesh.link(peer) is LinkState.CONNECTED


def test_a_session_older_than_the_present_one_is_not_wanted() -> None:
    mesh, other = connected_mesh()
    mesh.link_opened(PeerId(other.peer), 3, now=1.0)
    assert not mesh.link_opened(PeerId(other.peer), 2, now=1.0)
    assert not mesh.new_session(PeerId(other.peer), 3, now=1.0)


def test_an_offer_of_a_stranger_is_not_answered() -> None:
    mesh, _ = connected_mesh()
    assert not mesh.new_session(PeerId("z" * 16), 1, now=0.0)
    assert not mesh.link_opened(PeerId("z" * 16), 1, now=0.0)


# Coming back.


def test_who_is_back_before_all_noticed_the_absence_is_back_for_all() -> None:
    network, [ann, ben, cid] = meeting("ann", "ben", "cid")
    network.leave(ann)
    back = network.join("ann", cid)
    network.run(CONNECT_WITHIN + 3)
    assert everybody_agrees([ben, cid, back], "ben", "cid", "ann")


def test_a_returning_person_supersedes_the_old_entry() -> None:
    network, [ann, ben, cid] = meeting("ann", "ben", "cid")
    network.kill(cid)
    back = network.join("cid", ann)
    network.run(CONNECT_WITHIN + 3)
    assert everybody_agrees([ann, ben, back], "ann", "ben", "cid")
    assert ann.states_of(cid)[-3:] == [PeerState.LEFT, PeerState.CONNECTING, PeerState.CONNECTED]


# Messages.


def signal() -> Signal:
    return Signal(room="r", sender="a" * 16, joined=1, recipient="b" * 16, session=1, kind="offer")


@pytest.mark.parametrize(
    "message",
    [
        JoinRequest(member=member_called("eve")),
        Admitted(by="a" * 16, members=[]),
        TurnedAway(reason="full", text=""),
        signal(),
        Relay(signal=signal()),
        Hello(member=member_called("eve"), binding=bytes(64)),
        Want(source=SourceKind.CAMERA, height=0, fps=0),
        DoorKeys(code="", link="", token=b"", version=1),
        WrongGuess(),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_message_that_has_no_place_here_is_a_protocol_error(message: AnyMessage) -> None:
    mesh, other = connected_mesh()
    with pytest.raises(ProtocolError, match=type(message).__name__):
        mesh.receive(PeerId(other.peer), message, now=1.0)


@pytest.mark.parametrize("message", [Leave(), Sources(on=[SourceKind.MIC])])
def test_words_of_strangers_are_not_heard(message: AnyMessage) -> None:
    mesh, _ = connected_mesh()
    mesh.receive(PeerId("z" * 16), message, now=1.0)
    assert mesh.actions() == [] and mesh.events() == []


def test_nobody_is_introduced_to_themselves() -> None:
    mesh, other = connected_mesh()
    mesh.receive(PeerId(other.peer), Introduce(members=[mesh.own, other]), now=1.0)
    assert [member.name for member in mesh.members] == ["ben", "ann"]
    assert mesh.events() == []


def test_alone_there_is_nothing_to_wait_for() -> None:
    own = member_called("ann")
    assert Mesh(own, founder=True).next_timer() is None


# Whatever happens.

Step = tuple[str, int, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "join", "return", "leave", "kill", "break"]),
        st.integers(0, 9),
        st.sampled_from([0.0, 0.05, 0.3, 1.0, 3.0, 6.0]),
    ),
    max_size=10,
)


def take(network: Network, step: Step, names: list[str], gone: list[Node]) -> None:
    """One step of a random story; a step that makes no sense now is left out."""
    what, which, _ = step
    there = network.survivors()
    node = there[which % len(there)]
    match what:
        case "join" if len(there) < 6:
            network.join(names.pop(), node)
        case "return" if gone and gone[-1].peer not in {present.peer for present in there}:
            network.join(gone.pop().mesh.own.name, node)
        case "leave" | "kill" if len(there) > 1:
            # Who goes in the very second of letting people in leaves strangers behind, whom nobody can bring together.
            network.run(1)
            (network.leave if what == "leave" else network.kill)(node)
            gone.append(node)
        case "break" if node.links:
            other = network.nodes[min(node.links)]
            if other.alive and node.peer in other.links:
                network.break_link(node, other)
                network.run(4)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**16), steps=STEPS)
def test_after_any_story_and_a_quiet_time_all_survivors_agree(seed: int, steps: list[Step]) -> None:
    network = Network(seed=seed, ping_loss=0.02)
    network.found("ann")
    names, gone = [f"guest {number}" for number in range(len(steps) + 1)], list[Node]()
    for step in steps:
        take(network, step, names, gone)
        network.run(step[2])
    network.run(QUIET)
    there = network.survivors()
    assert {tuple(node.roster) for node in there} == {tuple(there[0].roster)}
    assert set(there[0].roster) == {node.mesh.own.name for node in there}
    assert all(len(node.mesh.connected()) == len(there) - 1 for node in there)
    assert not any(node.violations for node in there)


def test_shown_states_of_a_peer_always_begin_with_connecting_and_alternate() -> None:
    network, nodes = meeting("ann", "ben", network=Network(seed=8, ping_loss=0.5))
    network.run(120)
    for one, other in ((nodes[0], nodes[1]), (nodes[1], nodes[0])):
        states = one.states_of(other)
        assert states[0] is PeerState.CONNECTING
        assert all(earlier is not later for earlier, later in pairwise(states))
    assert all(isinstance(event, PeerChanged) for _, event in nodes[0].events[:1])


def test_whoever_joins_once_more_from_elsewhere_is_told_where_it_was_before() -> None:
    network, [ann, ben] = meeting("ann", "ben")
    later = member_called("ben", joined=ben.mesh.own.joined + 1)
    ann.mesh.admit([later], now=network.now)
    assert SendMessage(ben.peer, Introduce(members=[later])) in ann.mesh.actions()
    ben.mesh.receive(ann.peer, Introduce(members=[ann.mesh.own, ben.mesh.own]), now=network.now)
    assert Superseded() not in ben.mesh.events()
    ben.mesh.receive(ann.peer, Introduce(members=[later]), now=network.now)
    assert Superseded() in ben.mesh.events()
