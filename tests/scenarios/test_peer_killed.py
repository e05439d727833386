"""People whose machines die without a word; the others talk on."""

from __future__ import annotations

import time

import pytest

from tests.lab.network import Lab
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]

GONE_WITHIN = 5.0


def _sees(viewer: Engine, shown: Engine, *, since: int = 0) -> None:
    """Wait for statistics in which the picture of `shown` moves."""
    peer = shown.peer
    viewer.wait_for(
        lambda event: (
            event["event"] == "stats"
            and any(
                source["source"] == "camera" and (source["fps"] or 0) > 5
                for link in event["links"]
                if link["peer"] == peer
                for source in link["sources"]
            )
        ),
        since=since,
    )


def test_a_killed_guest_is_gone_within_five_seconds(start: Start, rendezvous: Rendezvous) -> None:
    alice = start("alice", "host", *rendezvous.options, "--camera", "test", "--stats")
    bob = start("bob", "join", alice.invite, *rendezvous.options, "--camera", "test", "--stats")
    carol = start("carol", "join", alice.invite, *rendezvous.options, "--mic", "test")
    for each, other in ((alice, bob), (bob, alice)):
        _sees(each, other)
        each.wait_for_event("first_frame", peer=carol.peer, source="mic")

    marks = {each: each.mark() for each in (alice, bob)}
    carol.kill()
    killed_at = time.monotonic()

    for each, other in ((alice, bob), (bob, alice)):
        each.wait_for_event("peer", GONE_WITHIN, peer=carol.peer, state="left")
        assert time.monotonic() - killed_at < GONE_WITHIN
        each.wait_for(
            lambda event: event["event"] == "room_state" and set(event["members"]) == {alice.peer, bob.peer},
            1.0,
            since=marks[each],
        )
        told = each.events[marks[each] :]
        assert not [event for event in told if event["event"] == "peer" and event["peer"] == other.peer]
        assert not [event for event in told if event["event"] == "stats" and _stood_still(event, other)]
        _sees(each, other, since=each.mark())


def _stood_still(stats: dict[str, object], shown: Engine) -> bool:
    links = stats["links"]
    assert isinstance(links, list)
    return any(
        source["source"] == "camera" and source["frozen_ms"] > 900
        for link in links
        if link["peer"] == shown.peer
        for source in link["sources"]
    )


def test_the_meeting_outlives_its_host_and_stays_open_under_the_same_code(start: Start, lab: Lab) -> None:
    lan = lab.switch("lan", "10.1.0.0/24")
    machines = {name: lab.host(name, lan) for name in ("alice", "bob", "carol", "dave")}
    alice = start("alice", "host", "--mic", "test", where=machines["alice"])
    code = alice.invite
    bob = start("bob", "join", code, "--mic", "test", "--stats", where=machines["bob"])
    bob.wait_connected(alice)
    carol = start("carol", "join", code, "--mic", "test", "--stats", where=machines["carol"])
    for each, other in ((bob, carol), (carol, bob)):
        each.wait_for_event("first_frame", peer=other.peer, source="mic")
        # The host has shared the keys of the door.
        assert each.invite == code

    marks = {each: each.mark() for each in (bob, carol)}
    alice.kill()

    states = [
        each.wait_for(lambda event: event["event"] == "room_state" and event["host"] != alice.peer, 6.0, since=mark)
        for each, mark in marks.items()
    ]
    assert {state["host"] for state in states} == {bob.peer}
    assert len({state["epoch"] for state in states}) == 1
    bob.send({"do": "chat", "text": "we go on"})
    carol.wait_for_event("chat", 2.0, peer=bob.peer, text="we go on")

    dave = start("dave", "join", code, where=machines["dave"])

    dave.wait_connected(bob, carol)
    assert dave.wait_for_event("joined")["host"] == bob.peer
    dave.wait_for_event("first_frame", peer=carol.peer, source="mic")
    dave.wait_for_event("first_frame", peer=bob.peer, source="mic")
