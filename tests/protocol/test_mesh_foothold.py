"""A newcomer whose doorman vanishes is told within seconds; one who still negotiates, or has arrived, is not."""

from __future__ import annotations

import pytest

from meshconf.protocol.events import Stranded
from meshconf.protocol.foothold import FOOTHOLD_WITHIN
from meshconf.protocol.mesh import Mesh
from meshconf.protocol.messages import Member
from meshconf.types import PeerId
from tests.support.network import Network, member_called


def newcomer() -> tuple[Mesh, list[Member]]:
    """Somebody who was let into a meeting of two at time 0."""
    others = [member_called(name, joined=number) for number, name in enumerate(["ann", "ben"])]
    mesh = Mesh(member_called("cid", joined=9), founder=False)
    mesh.admit(others, now=0.0)
    return mesh, others


def stranded_at(mesh: Mesh, *, until: float) -> list[float]:
    """Follow the mesh's timers; the moments at which it reported to be stranded."""
    moments = []
    while (due := mesh.next_timer()) is not None and due < until:
        mesh.handle_timer(now=due)
        moments += [due for event in mesh.events() if isinstance(event, Stranded)]
    return moments


def test_a_newcomer_whom_nobody_answers_is_told_once() -> None:
    mesh, _ = newcomer()
    assert stranded_at(mesh, until=600.0) == [FOOTHOLD_WITHIN]


def test_a_newcomer_to_whom_somebody_answers_gets_the_time_of_that_attempt() -> None:
    mesh, _ = newcomer()
    mesh.answered(now=8.0)
    assert stranded_at(mesh, until=600.0) == [8.0 + FOOTHOLD_WITHIN]


def test_a_newcomer_who_is_alone_before_that_need_not_wait() -> None:
    mesh, _ = newcomer()
    for now in (5.0, 15.0, 25.0):
        mesh.answered(now=now)
    assert stranded_at(mesh, until=600.0) == [30.0]


@pytest.mark.parametrize("gone", [False, True], ids=["all stay", "all vanish later"])
def test_one_connection_is_enough_for_good(gone: bool) -> None:
    mesh, [ann, _] = newcomer()
    mesh.link_opened(PeerId(ann.peer), 1, now=11.0)
    if not gone:
        assert stranded_at(mesh, until=12.5) == []
    assert stranded_at(mesh, until=600.0) == []


def test_whoever_founds_a_meeting_waits_for_nobody() -> None:
    own = member_called("ann")
    mesh = Mesh(own, founder=True)
    mesh.admit([member_called("ben", joined=1)], now=0.0)
    assert stranded_at(mesh, until=600.0) == []


def test_nobody_is_stranded_in_a_meeting_that_works() -> None:
    network = Network()
    nodes = [network.found("ann")]
    for name in ("ben", "cid"):
        nodes.append(network.join(name, nodes[-1]))
        network.run(1)
    network.run(60)
    assert not any(isinstance(event, Stranded) for node in nodes for _, event in node.events)
