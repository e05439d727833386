"""Two meetings behind one rendezvous, and two on one network, know nothing of each other."""

from __future__ import annotations

import pytest

from tests.lab.network import Lab
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]


def test_two_meetings_behind_one_rendezvous(start: Start, rendezvous: Rendezvous) -> None:
    alice = start("alice", "host", "Tea", *rendezvous.options)
    carol = start("carol", "host", "Coffee", *rendezvous.options)
    assert alice.invite.split("-")[0] != carol.invite.split("-")[0]
    bob = start("bob", "join", alice.invite, *rendezvous.options)
    dave = start("dave", "join", carol.link, *rendezvous.options)

    _stay_apart((alice, bob), (carol, dave))
    assert bob.wait_for_event("joined")["title"] == "Tea"
    assert dave.wait_for_event("joined")["title"] == "Coffee"


def test_two_meetings_on_one_network(start: Start, lab: Lab) -> None:
    lan = lab.switch("lan", "10.1.0.0/24")
    alice = start("alice", "host", where=lab.host("alice", lan))
    carol = start("carol", "host", where=lab.host("carol", lan))
    bob = start("bob", "join", alice.invite, where=lab.host("bob", lan))
    dave = start("dave", "join", carol.invite, where=lab.host("dave", lan))

    _stay_apart((alice, bob), (carol, dave))


def _stay_apart(*meetings: tuple[Engine, Engine]) -> None:
    for here, there in (meetings, meetings[::-1]):
        host, guest = here
        guest.wait_connected(host)
        host.wait_connected(guest)
        host.send({"do": "chat", "text": f"only for those with {host.name}"})
        guest.wait_for_event("chat", 3.0, peer=host.peer)
        host.wait_for_event("chat", 3.0, peer=host.peer)
        for stranger in there:
            assert host.ask({"do": "chat", "text": "psst", "to": stranger.peer}, id=1)["event"] == "error"
    for here, there in (meetings, meetings[::-1]):
        for one in here:
            # The answer to the whisper repeats whom it was for.
            told = str([event for event in one.events if event["event"] != "error"])
            assert not [stranger.name for stranger in there if stranger.peer in told]
