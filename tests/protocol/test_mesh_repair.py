"""Rosters that drifted apart come together again: in virtual time, first single cases, then any story."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from meshconf.protocol.agreement import Agreement, digest
from meshconf.protocol.departures import REMEMBERED, RETRY_FIRST, RETRY_MOST, Departures
from meshconf.protocol.events import SendMessage
from meshconf.protocol.identity import Identity
from meshconf.protocol.membership import sign_member
from meshconf.protocol.mesh import ATTEMPTS, Mesh
from meshconf.protocol.messages import Introduce, Leave, Ping
from meshconf.protocol.peer import CONNECT_WITHIN, LinkState
from meshconf.types import PeerId, PeerState
from tests.support.network import Network, Node, member_called

REPAIRED = 2 * RETRY_MOST + ATTEMPTS * CONNECT_WITHIN + 30.0
"""Seconds after which a pair that failed for long has met again: both longest pauses, and attempts on old news."""


def meeting(*names: str, seed: int = 0) -> tuple[Network, list[Node]]:
    """People who are all connected."""
    network = Network(seed=seed)
    nodes = [network.found(names[0])]
    for name in names[1:]:
        nodes.append(network.join(name, nodes[0]))
        network.run(2)
    return network, nodes


def whole(nodes: list[Node]) -> bool:
    """Whether all show exactly each other, all connected."""
    names = {node.mesh.own.name for node in nodes}
    return all(set(node.roster) == names and len(node.mesh.connected()) == len(nodes) - 1 for node in nodes)


def introductions(mesh: Mesh) -> list[Introduce]:
    """Take the actions; the introductions among them."""
    messages = [action.message for action in mesh.actions() if isinstance(action, SendMessage)]
    return [message for message in messages if isinstance(message, Introduce)]


@pytest.mark.parametrize("seed", range(5))
def test_two_who_lost_each_other_while_others_see_both_meet_again(seed: int) -> None:
    network, [ann, ben, cid, dot] = meeting("ann", "ben", "cid", "dot", seed=seed)
    network.sever(ben, cid)
    network.run(8)
    assert "cid" not in ben.roster and "ben" not in cid.roster
    network.heal()
    network.run(RETRY_FIRST + CONNECT_WITHIN + 5)
    assert whole([ann, ben, cid, dot])
    assert PeerState.LEFT not in ann.states_of(ben)


def test_two_who_cannot_connect_at_all_are_tried_ever_more_rarely() -> None:
    network, [ann, ben, cid] = meeting("ann", "ben", "cid")
    network.sever(ben, cid)
    network.run(600)
    tries = ben.states_of(cid).count(PeerState.CONNECTING) - 1
    assert 3 <= tries <= 10
    assert PeerState.LEFT not in ann.states_of(ben)


def test_a_killed_peer_does_not_come_back_on_anybody_s_word() -> None:
    network, [ann, ben, cid, dot] = meeting("ann", "ben", "cid", "dot")
    network.kill(dot)
    network.run(120)
    assert all(node.states_of(dot).count(PeerState.CONNECTING) == 1 for node in (ann, ben, cid))
    assert whole([ann, ben, cid])


def test_who_said_goodbye_to_one_side_only_is_not_brought_back_by_the_other() -> None:
    network, [ann, ben, cid, dot] = meeting("ann", "ben", "cid", "dot")
    network.sever(dot, cid)
    network.run(1)
    network.leave(dot)
    network.run(120)
    assert all(node.states_of(dot).count(PeerState.CONNECTING) == 1 for node in (ann, ben, cid))
    assert whole([ann, ben, cid])


def test_a_goodbye_is_final_for_its_entry_whoever_claims_to_see_the_person() -> None:
    own, other, gone = (member_called(name, joined=number) for number, name in enumerate(["ann", "ben", "cid"]))
    mesh = Mesh(own, founder=True)
    mesh.admit([other, gone], now=0.0)
    for member in (other, gone):
        mesh.link_opened(PeerId(member.peer), 1, now=0.0)
    mesh.receive(PeerId(gone.peer), Leave(), now=1.0)
    mesh.receive(PeerId(other.peer), Introduce(members=[gone], seen=True), now=500.0)
    assert mesh.member(PeerId(gone.peer)) is None
    back = member_called("cid", joined=9)
    mesh.receive(PeerId(other.peer), Introduce(members=[back]), now=501.0)
    assert mesh.member(PeerId(gone.peer)) == back


def test_who_was_lost_comes_back_only_when_somebody_sees_it_and_after_a_pause() -> None:
    own, other, lost = (member_called(name, joined=number) for number, name in enumerate(["ann", "ben", "cid"]))
    mesh = Mesh(own, founder=True)
    mesh.admit([lost], now=0.0)
    mesh.link_opened(PeerId(lost.peer), 7, now=0.0)
    for now in (2.0, 3.6):
        mesh.handle_timer(now=now)
    assert mesh.member(PeerId(lost.peer)) is None
    mesh.admit([other], now=5.0)
    mesh.link_opened(PeerId(other.peer), 1, now=5.0)
    for seen, now, back in ((True, 5.0, False), (False, 60.0, False), (True, 60.0, True)):
        mesh.receive(PeerId(other.peer), Introduce(members=[lost], seen=seen), now=now)
        assert (mesh.member(PeerId(lost.peer)) == lost) is back
    assert not mesh.new_session(PeerId(lost.peer), 7, now=60.0), "the sessions from before stay old"


def test_a_difference_that_lasts_is_talked_over_by_saying_whom_we_see() -> None:
    own, other, absent = (member_called(name, joined=number) for number, name in enumerate(["ann", "ben", "cid"]))
    mesh = Mesh(own, founder=True)
    mesh.admit([other, absent], now=0.0)
    mesh.link_opened(PeerId(other.peer), 1, now=0.0)
    mesh.actions()
    told = []
    for second in range(60):
        mesh.receive(PeerId(other.peer), Ping(n=second, roster=b"another"), now=float(second))
        told += [(second, message) for message in introductions(mesh)]
    assert [second for second, _ in told] == [3, 8, 18, 38]
    assert all(message == Introduce(members=[own, other], seen=True) for _, message in told)


def test_those_who_agree_say_nothing() -> None:
    mine, yours = [member_called("ann"), member_called("ben")], [member_called("ben"), member_called("ann")]
    agreement = Agreement()
    assert not any(agreement.compare(digest(mine), digest(yours), now=float(second)) for second in range(60))


def test_another_visit_of_the_same_person_is_a_difference() -> None:
    assert digest([member_called("ann", joined=1)]) != digest([member_called("ann", joined=2)])


def test_a_difference_that_passes_by_itself_is_not_talked_over() -> None:
    agreement = Agreement()
    told = [
        agreement.compare(b"ours", theirs, now=now) for now, theirs in ((0, b"x"), (2, b"x"), (2.5, b"ours"), (4, b"x"))
    ]
    assert not any(told)


def test_a_call_of_somebody_lost_brings_it_back_and_a_replayed_call_does_not() -> None:
    names = sorted(["ann", "ben"], key=lambda name: member_called(name).peer)
    own, lost = (member_called(name, joined=number) for number, name in enumerate(names))
    mesh, peer = Mesh(own, founder=True), PeerId(lost.peer)
    mesh.admit([lost], now=0.0)
    mesh.link_opened(peer, 1, now=0.0)
    mesh.asked_again(peer, 4, now=1.5)
    mesh.handle_timer(now=10.0)
    assert mesh.member(peer) is None and mesh.author(peer) == lost
    mesh.asked_again(peer, 4, now=11.0)
    assert mesh.member(peer) is None
    mesh.asked_again(peer, 5, now=11.0)
    assert mesh.link(peer) is LinkState.CONNECTING


def test_departures_are_remembered_in_bounded_number_the_last_ones_longest() -> None:
    departures = Departures()
    people = [sign_member(Identity(number.to_bytes(32, "big")), "", 1) for number in range(REMEMBERED + 10)]
    for member in people:
        departures.left(member)
    assert len(departures) == REMEMBERED
    assert not departures.allows(people[-1], seen=True, now=1e6)
    assert departures.allows(people[0], seen=False, now=1e6)


# Whatever happens.

Step = tuple[str, int, int, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "return", "leave", "kill", "break", "sever", "sever", "heal"]),
        st.integers(0, 9),
        st.integers(0, 9),
        st.sampled_from([0.0, 0.3, 1.5, 5.0, 12.0, 45.0]),
    ),
    max_size=12,
)


def take(network: Network, step: Step, names: list[str], gone: list[Node]) -> None:
    """One step of a random story; ann stays, and everybody always reaches her."""
    what, which, whom, _ = step
    there = network.survivors()
    others = there[1:]
    node = others[which % len(others)]
    other = others[whom % len(others)]
    match what:
        case "join" if len(there) < 6:
            network.join(names.pop(), there[which % len(there)])
        case "return" if gone and gone[-1].peer not in {present.peer for present in there}:
            network.join(gone.pop().mesh.own.name, there[which % len(there)])
        case "leave" | "kill" if len(there) > 3:
            # Who goes in the very second of letting people in leaves strangers behind, whom nobody can bring together.
            network.run(1)
            (network.leave if what == "leave" else network.kill)(node)
            gone.append(node)
        case "break" if node is not other and other.peer in node.links and node.peer in other.links:
            network.break_link(node, other)
        case "sever" if node is not other:
            network.sever(node, other)
        case "heal":
            network.heal()


# Not shrunk when it fails: that takes minutes, and the seed tells the story as well.
@settings(max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate])
@given(seed=st.integers(0, 2**16), steps=STEPS)
def test_after_any_story_all_who_are_there_see_each_other_and_nobody_else(seed: int, steps: list[Step]) -> None:
    network, _ = meeting("ann", "ben", "cid", "dot", seed=seed)
    names, gone = [f"guest {number}" for number in range(len(steps) + 1)], list[Node]()
    for step in steps:
        take(network, step, names, gone)
        network.run(step[3])
    network.heal()
    network.run(REPAIRED)
    assert whole(network.survivors())
    assert not any(node.violations for node in network.survivors())
