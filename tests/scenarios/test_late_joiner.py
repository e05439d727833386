"""Whoever comes late sees and hears everybody at once, and learns what is on and what is off."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import Rendezvous, Start

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]


def test_a_late_joiner_gets_everything(start: Start, rendezvous: Rendezvous) -> None:
    alice = start("alice", "host", "Tea", *rendezvous.options, "--camera", "test", "--mic", "test")
    bob = start("bob", "join", alice.invite, *rendezvous.options, "--screen", "test", "--mic", "test")
    bob.wait_for_event("first_frame", peer=alice.peer, source="camera")
    alice.wait_for_event("first_frame", peer=bob.peer, source="screen")
    bob.send({"do": "source", "source": "mic", "on": False})
    alice.wait_for_event("source", 3.0, peer=bob.peer, source="mic", state="off")

    carol = start("carol", "join", alice.invite, *rendezvous.options, "--mic", "test")

    joined = carol.wait_for_event("joined")
    assert (joined["host"], joined["title"]) == (alice.peer, "Tea")
    assert sorted(one["name"] for one in joined["peers"]) == ["alice", "bob"]
    for source in ("camera", "mic"):
        carol.wait_for_event("source", peer=alice.peer, source=source, state="on")
        carol.wait_for_event("first_frame", 5.0, peer=alice.peer, source=source)
    # A screen hardly moves: without a keyframe on arrival there would be nothing to see.
    assert carol.wait_for_event("first_frame", peer=bob.peer, source="screen")["width"]
    assert not [event for event in carol.events if (event.get("peer"), event.get("source")) == (bob.peer, "mic")]
    for each in (alice, bob):
        each.wait_for_event("first_frame", peer=carol.peer, source="mic")
    state = carol.wait_for(lambda event: event["event"] == "room_state" and len(event["members"]) == 3)
    assert state["host"] == alice.peer

    # Known by the same invite as those who came first, the newcomer could open the door itself.
    assert carol.invite == alice.invite
