"""A network that is cut in two for a while: both halves talk on, and when it heals there is one meeting again."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable
from itertools import combinations

import pytest

from meshconf.protocol.peer import CONNECT_WITHIN
from tests.lab.network import Host, Lab, Switch
from tests.scenarios.conftest import Start
from tests.support.engine import Engine, Event

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

CUT_FOR = 20.0
TOGETHER_WITHIN = 15.0
"""Seconds from the healing until all agree and are connected again."""

NAMES = ("alice", "bob", "carol", "dave", "erin")


class Meeting:
    """Engines on a switch, each on a machine of its own; the first is the host."""

    def __init__(self, start: Start, lab: Lab, names: Iterable[str]) -> None:
        self.lan: Switch = lab.switch("lan", "10.1.0.0/24")
        self.machines: dict[str, Host] = {name: lab.host(name, self.lan) for name in names}
        self.engines: dict[str, Engine] = {}
        for name, machine in self.machines.items():
            host = next(iter(self.engines.values()), None)
            verb = ("join", host.invite) if host else ("host",)
            self.engines[name] = start(name, *verb, "--mic", "test", "--stats", where=machine)
            # One after the other: the order of admission is the line of succession.
            self.engines[name].wait_connected(*list(self.engines.values())[:-1])
        for one, other in combinations(self.engines.values(), 2):
            one.wait_for_event("first_frame", peer=other.peer, source="mic")

    def marks(self) -> dict[str, int]:
        """Where everybody's story stands."""
        return {name: engine.mark() for name, engine in self.engines.items()}

    def state(self, name: str) -> Event:
        """The room as somebody sees it last."""
        return [event for event in self.engines[name].events if event["event"] == "room_state"][-1]

    def show(self, when: str) -> None:
        """Log what everybody sees."""
        shown = {engine.peer: name for name, engine in self.engines.items()}
        for name in self.engines:
            state = self.state(name)
            people = [shown[peer] for peer in state["members"]]
            told = json.dumps({**_rules(state), "host": shown[state["host"]], "members": people})
            log.info("%s, %s sees %s", when, name, told)

    def wait_for_state(self, names: Iterable[str], seconds: float, **fields: object) -> None:
        """Until these see the room so."""
        for name in names:
            self.engines[name].wait_for(lambda event: _is(event, fields), seconds)

    def wait_agreed(self, seconds: float) -> None:
        """Until everybody is with everybody, and all see the same room."""
        deadline = time.monotonic() + seconds
        everybody = sorted(engine.peer for engine in self.engines.values())
        for name in self.engines:
            while True:
                mark = self.engines[name].mark()
                states = [self.state(each) for each in self.engines]
                whole = all(sorted(state["members"]) == everybody for state in states)
                if whole and len({json.dumps(_rules(state), sort_keys=True) for state in states}) == 1:
                    break
                left = deadline - time.monotonic()
                assert left > 0, "\n".join(json.dumps(state) for state in states)
                try:
                    self.engines[name].wait_for_event("room_state", min(left, 0.5), since=mark)
                except AssertionError:
                    continue

    def wait_linked(self, seconds: float) -> None:
        """Until everybody hears everybody: links that are connected and carry sound now."""
        deadline = time.monotonic() + seconds
        for name, engine in self.engines.items():
            others = {other.peer for each, other in self.engines.items() if each != name}
            wait_hears(engine, others, deadline - time.monotonic())


def wait_hears(engine: Engine, others: set[str], seconds: float) -> None:
    """Until all of these are heard by somebody at this time."""
    engine.wait_for(lambda event: _hears(event, others), seconds, since=engine.mark())


def _is(event: Event, fields: dict[str, object]) -> bool:
    return event["event"] == "room_state" and all(event[key] == value for key, value in fields.items())


def _rules(state: Event) -> Event:
    return {key: state[key] for key in ("epoch", "seq", "host", "admins", "locked", "lobby", "forbidden")}


def _hears(event: Event, others: set[str]) -> bool:
    if event["event"] != "stats":
        return False
    heard = {
        link["peer"]
        for link in event["links"]
        for source in link["sources"]
        if source["source"] == "mic" and (source["level_db"] or -100) > -60
    }
    return others <= heard


def _undone(engine: Engine, since: int) -> list[str]:
    return [event["act"] for event in engine.events[since:] if event["event"] == "undone"]


def test_two_and_three_go_on_apart_and_are_one_meeting_again(start: Start, lab: Lab) -> None:
    meeting = Meeting(start, lab, NAMES)
    alice, bob, carol, dave, erin = meeting.engines.values()
    small, large = NAMES[:2], NAMES[2:]
    meeting.show("before")
    began = time.monotonic()

    meeting.lan.part(*(meeting.machines[name] for name in large))
    # The half without the host has another one, and each half does something of its own.
    meeting.wait_for_state(large, 12.0, host=carol.peer)
    marks = meeting.marks()
    assert alice.ask({"do": "lock"}, id=1)["event"] == "ok"
    assert carol.ask({"do": "lobby_on"}, id=2)["event"] == "ok"
    meeting.wait_for_state(small, 5.0, locked=True, host=alice.peer)
    meeting.wait_for_state(large, 5.0, lobby=True, host=carol.peer)
    for name, half in (("bob", {alice.peer}), ("erin", {carol.peer, dave.peer})):
        engine = meeting.engines[name]
        wait_hears(engine, half, 5.0)
    while time.monotonic() < began + CUT_FOR:
        # Nobody of the other half comes back while the cut lasts.
        time.sleep(0.5)
    meeting.show("during")
    assert sorted(meeting.state("alice")["members"]) == sorted([alice.peer, bob.peer])
    assert sorted(meeting.state("erin")["members"]) == sorted([carol.peer, dave.peer, erin.peer])

    meeting.lan.heal(*(meeting.machines[name] for name in large))
    healed = time.monotonic()

    meeting.wait_agreed(TOGETHER_WITHIN)
    log.info("one meeting %.1f s after the healing", time.monotonic() - healed)
    meeting.wait_linked(CONNECT_WITHIN + 5.0)
    meeting.show("after")
    # More people stand behind what the three did; the two are told what became of theirs.
    state = meeting.state("alice")
    assert (state["host"], state["lobby"], state["locked"]) == (carol.peer, True, False)
    assert _undone(alice, marks["alice"]) == _undone(bob, marks["bob"]) == ["lock"]
    assert not [name for name in large if _undone(meeting.engines[name], marks[name])]


def test_a_host_that_was_cut_off_alone_finds_the_room_as_it_is(start: Start, lab: Lab) -> None:
    meeting = Meeting(start, lab, NAMES[:4])
    alice, bob, *_ = meeting.engines.values()
    others = NAMES[1:4]
    marks = meeting.marks()
    cut = time.monotonic()

    meeting.machines["alice"].link.down()
    meeting.wait_for_state(others, 12.0, host=bob.peer)
    assert bob.ask({"do": "forbid", "kind": "screen"}, id=1)["event"] == "ok"
    alice.wait_for(lambda event: _is(event, {"members": [alice.peer]}), 12.0, since=marks["alice"])
    while time.monotonic() < cut + 10.0:
        time.sleep(0.5)

    meeting.show("during")
    meeting.machines["alice"].link.up()
    healed = time.monotonic()

    meeting.wait_agreed(TOGETHER_WITHIN)
    log.info("the host is back %.1f s after the healing", time.monotonic() - healed)
    meeting.wait_linked(CONNECT_WITHIN + 5.0)
    meeting.show("after")
    state = meeting.state("alice")
    assert (state["host"], state["forbidden"]["screen"]) == (bob.peer, True)
    bob.wait_for_event("host_returned", 5.0, peer=alice.peer)
