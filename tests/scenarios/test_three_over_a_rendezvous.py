"""Three people who meet through a rendezvous, and what is left of it once they have met: nothing."""

from __future__ import annotations

import time

import pytest

from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine, Event

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]


def _pictures_flow(event: Event, peers: set[str]) -> bool:
    if event["event"] != "stats":
        return False
    flowing = {
        link["peer"]
        for link in event["links"]
        for source in link["sources"]
        if source["source"] == "camera" and (source["fps"] or 0) > 5
    }
    return flowing >= peers


def test_three_meet_and_outlive_the_rendezvous(start: Start, rendezvous: Rendezvous) -> None:
    devices = ("--camera", "test", "--mic", "test", "--stats")
    alice = start("alice", "host", *rendezvous.options, *devices)
    code = alice.invite
    bob = start("bob", "join", code, *rendezvous.options, *devices)
    carol = start("carol", "join", code, *rendezvous.options, *devices)
    everybody = (alice, bob, carol)

    for each, other in _pairs(everybody):
        each.wait_connected(other)
        picture = each.wait_for_event("first_frame", peer=other.peer, source="camera")
        assert picture["height"] in (360, 180, 90), "smaller where the computer is busy"
        assert picture["width"] * 9 == picture["height"] * 16
        each.wait_for_event("first_frame", peer=other.peer, source="mic")

    marks = {each: each.mark() for each in everybody}
    rendezvous.kill()

    alice.wait_for(lambda event: event["event"] == "notice" and "rendezvous" in event["text"], since=marks[alice])
    after = {each: each.mark() for each in everybody}
    for each in everybody:
        peers = {other.peer for other in everybody if other is not each}
        for _ in range(2):
            each.wait_for(lambda event, peers=peers: _pictures_flow(event, peers), since=after[each])  # type: ignore[misc]
            after[each] = each.mark()
    carol.send({"do": "chat", "text": "still here"})
    for each in (alice, bob):
        each.wait_for_event("chat", 2.0, peer=carol.peer, text="still here", to=None)
    for each in everybody:
        states = [event["state"] for event in each.events[marks[each] :] if event["event"] == "peer"]
        assert states == [], f"{each.name} noticed the end of the rendezvous"

    carol_id, left_at = carol.peer, time.monotonic()
    carol.send({"do": "leave"})
    for each in (alice, bob):
        each.wait_for_event("peer", 1.0, peer=carol_id, state="left")
    assert time.monotonic() - left_at < 1.0
    assert carol.wait() == 0
    assert bob.leave() == 0
    assert alice.leave() == 0


def _pairs(everybody: tuple[Engine, ...]) -> list[tuple[Engine, Engine]]:
    return [(each, other) for each in everybody for other in everybody if each is not other]
