"""Three machines on a switch, no router, no DNS, no server: the code is enough."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.lab.network import Host, Lab, Switch
from tests.scenarios.conftest import Start
from tests.support.engine import ROOT

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]


@pytest.fixture
def lan(lab: Lab) -> Switch:
    return lab.switch("lan", "10.1.0.0/24")


def test_three_meet_by_code(start: Start, lab: Lab, lan: Switch) -> None:
    machines = {name: lab.host(name, lan) for name in ("alice", "bob", "carol")}
    alice = start("alice", "host", "--mic", "test", where=machines["alice"])
    bob, carol = (
        start(name, "join", alice.invite, "--mic", "test", "--camera", "test", where=machines[name])
        for name in ("bob", "carol")
    )

    for each, others in ((alice, (bob, carol)), (bob, (alice, carol)), (carol, (alice, bob))):
        for other in others:
            assert each.wait_for_event("peer", peer=other.peer, state="connected")["path"] == "lan"
            each.wait_for_event("first_frame", peer=other.peer, source="mic")
    for each, other in ((alice, bob), (alice, carol), (bob, carol), (carol, bob)):
        each.wait_for_event("first_frame", peer=other.peer, source="camera")
    for each in (carol, bob, alice):
        assert each.leave() == 0


def test_the_link_works_as_the_code_does(start: Start, lab: Lab, lan: Switch) -> None:
    alice = start("alice", "host", where=lab.host("alice", lan))

    bob = start("bob", "join", alice.link, where=lab.host("bob", lan))

    bob.wait_connected(alice)


def test_only_a_listed_meeting_shows_its_title_and_how_many_are_there(start: Start, lab: Lab, lan: Switch) -> None:
    open_one = start("alice", "host", "Tea for all", "--listed", where=lab.host("alice", lan))
    hidden = start("bob", "host", "Salaries", where=lab.host("bob", lan))
    open_one.wait_for_event("room")
    hidden.wait_for_event("room")

    told = _rooms(lab.host("carol", lan))

    assert '"title": "Tea for all", "people": 1,' in told
    assert "Salaries" not in told
    assert open_one.invite not in told and hidden.invite not in told


def test_a_stranger_on_the_network_finds_nothing(start: Start, lab: Lab, lan: Switch) -> None:
    alice = start("alice", "host", where=lab.host("alice", lan))
    number, *words = alice.invite.split("-")
    other = str(int(number) % 900 + 11)

    bob = start("bob", "join", "-".join([other, *words]), where=lab.host("bob", lan))

    assert bob.wait() == 3
    assert bob.left_behind == []


def _rooms(where: Host) -> str:
    said = where.run([sys.executable, "-m", "meshconf", "rooms", "--json"], cwd=ROOT, env=dict(os.environ))
    return json.dumps(json.loads(said.stdout), ensure_ascii=False)
