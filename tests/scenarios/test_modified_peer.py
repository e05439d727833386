"""A member with a modified program among honest ones: what it tries, and what each honest process does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine, Event

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

NOTICED_WITHIN = 2.0
"""Seconds until honest processes have named a lie; on one machine it takes hundredths."""

log = logging.getLogger("tests.figures")
"""What it took, shown with `--log-cli-level=INFO`."""


class Rogue(Engine):
    """The process of the modified member."""

    PROGRAM = "tests.support.rogue"

    def lie(self, lie: str, **how: Any) -> float:
        """Do one mischief; returns the moment before."""
        before = time.monotonic()
        answer = self.ask({"do": "lie", "lie": lie, **how}, id=int(before * 1000))
        assert answer["event"] == "ok", answer
        return before


class Meeting:
    """Alice is host, Bob an honest member, Mallory a member with a modified program."""

    def __init__(self, start: Start, stack: ExitStack, rendezvous: Rendezvous, homes: Callable[[str], Path]) -> None:
        self._start, self._stack, self._rendezvous, self._homes = start, stack, rendezvous, homes

    def gather(self, *options: str, name: str = "Mallory") -> tuple[Engine, Engine, Rogue]:
        """All three, connected; the options are everybody's."""
        self.alice = self._start("Alice", "host", *self._rendezvous.options, *options)
        self.bob = self._start("Bob", "join", self.alice.invite, *self._rendezvous.options, *options)
        self.bob.wait_connected(self.alice)
        self.mallory = self.rogue(name, self.alice.invite, *self._rendezvous.options, *options)
        for one in (self.alice, self.bob):
            one.wait_connected(self.mallory)
        self.mallory.wait_connected(self.alice, self.bob)
        self.agreed = self._settled()
        return self.alice, self.bob, self.mallory

    def rogue(self, name: str, invite: str, *options: str, home: Path | None = None) -> Rogue:
        """A modified member that joins."""
        return self._stack.enter_context(Rogue(name, "join", invite, *options, home=home or self._homes("rogue")))

    def holds(self) -> None:
        """The room is as it was when all were gathered, for both honest members, and they talk."""
        for one in (self.alice, self.bob):
            assert _room(one) == self.agreed, one.name
        self.talks()

    def talks(self) -> None:
        """A line of chat goes each way between the honest."""
        for one, other in ((self.alice, self.bob), (self.bob, self.alice)):
            since, text = other.mark(), f"{one.name} at {time.monotonic()}"
            one.send({"do": "chat", "text": text})
            other.wait_for_event("chat", 3.0, since=since, peer=one.peer, text=text)

    def _settled(self) -> dict[str, object]:
        """The room once both honest members see it alike, everybody in it."""
        deadline = time.monotonic() + 5.0
        while (room := _room(self.alice)) != _room(self.bob) or len(room["people"]) < 3:
            assert time.monotonic() < deadline, (room, _room(self.bob))
            mark = self.bob.mark()
            self.bob.wait_for(lambda event: True, 1.0, since=mark)
        return room


@pytest.fixture
def meeting(start: Start, rendezvous: Rendezvous, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    """A meeting to be gathered."""
    with ExitStack() as stack:
        yield Meeting(start, stack, rendezvous, tmp_path_factory.mktemp)


def _room(engine: Engine) -> dict[str, Any]:
    """What the log says to one process, but for the epoch: a host that is contested begins a new one."""
    state = next(event for event in reversed(engine.events) if event["event"] == "room_state")
    kept = {key: state[key] for key in ("host", "admins", "locked", "lobby", "forbidden")}
    return {**kept, "people": sorted(state["members"])}


def _blames(event: Event) -> bool:
    return event["event"] == "notice" and "Mallory" in event["text"] and "refuses" in event["text"]


def _after(engine: Engine, mark: int, kind: str, **fields: object) -> list[Event]:
    events = [event for event in engine.events[mark:] if event["event"] == kind]
    return [event for event in events if all(event.get(key) == value for key, value in fields.items())]


# Rules.


def test_nobody_hears_or_sees_who_sends_although_it_is_forbidden(meeting: Meeting) -> None:
    alice, bob, mallory = meeting.gather("--camera", "test", "--mic", "test", "--stats")
    honest = (alice, bob)
    for one in honest:
        for source in ("mic", "camera"):
            one.wait_for_event("first_frame", peer=mallory.peer, source=source)
    mallory.lie("ignore_rules")

    began = time.monotonic()
    for at, kind in enumerate(("audio", "video")):
        assert alice.ask({"do": "forbid", "kind": kind, "peer": mallory.peer}, id=at)["event"] == "ok"
    for one in honest:
        for source in ("mic", "camera"):
            one.wait_for_event("source", 2.0, peer=mallory.peer, source=source, state="forbidden")
        log.info("%s: %s forbidden after %.3f s", one.name, source, time.monotonic() - began)
    marks = {one: one.mark() for one in honest}
    mallory.lie("flicker")

    for one, other in ((alice, bob), (bob, alice)):
        for _ in range(3):
            stats = one.wait_for_event("stats", since=marks[one])
            marks[one] = one.events.index(stats) + 1
        links = {link["peer"]: link for link in stats["links"]}
        assert links[mallory.peer]["down_bps"] > 100_000, "it does not send"
        assert links[mallory.peer]["sources"] == []
        assert {source["source"] for source in links[other.peer]["sources"]} == {"mic", "camera"}
        log.info("%s: %d bit/s come in for nothing", one.name, links[mallory.peer]["down_bps"])
        shown = _after(one, 0, "source", peer=mallory.peer)[-2:]
        assert {event["state"] for event in shown} == {"forbidden"}
        assert len(_after(one, 0, "first_frame", peer=mallory.peer)) == 2, "something came through"
    meeting.talks()


# The log.


@pytest.mark.parametrize(
    ("lie", "named_by"),
    [
        ("forge_transfer", "AB"),
        ("forge_order", "AB"),
        ("act_as_host", "AB"),
        ("forge_beat", "AB"),
        ("forge_wish", "A"),
        ("usurp", "AB"),
    ],
)
def test_a_forgery_changes_nothing_and_its_sender_is_named(meeting: Meeting, lie: str, named_by: str) -> None:
    alice, bob, mallory = meeting.gather()
    marks = {one: one.mark() for one in (alice, bob)}
    before = mallory.lie(lie, **({"peer": bob.peer} if lie == "forge_wish" else {}))
    for one in (alice, bob):
        if one.name[0] in named_by:
            notice = one.wait_for(_blames, 5.0, since=marks[one])
            log.info("%s, %s after %.3f s: %s", lie, one.name, time.monotonic() - before, notice["text"])
    meeting.holds()
    for one, mark in marks.items():
        assert {event["host"] for event in _after(one, mark, "room_state")} <= {alice.peer}


def test_who_speaks_in_the_name_of_another_loses_its_link(meeting: Meeting) -> None:
    alice, bob, mallory = meeting.gather()
    marks = {one: one.mark() for one in (alice, bob)}
    before = mallory.lie("forge_line", peer=bob.peer)
    for one, mark in marks.items():
        one.wait_for_event("peer", 2.0, since=mark, peer=mallory.peer, state="reconnecting")
        log.info("%s: link ended after %.3f s", one.name, time.monotonic() - before)
        one.wait_for_event("peer", since=mark, peer=mallory.peer, state="connected")
        assert not _after(one, mark, "chat")
    meeting.holds()


def test_an_act_of_an_admin_by_a_member_is_refused(meeting: Meeting) -> None:
    _, bob, mallory = meeting.gather()
    mallory.lie("act_as_admin", peer=bob.peer)
    answer = mallory.ask({"do": "lock"}, id=1)
    assert answer["event"] == "error" and "Only the host and the admins" in answer["message"], answer
    meeting.holds()


def test_an_old_log_and_old_acts_change_nothing(meeting: Meeting) -> None:
    alice, bob, mallory = meeting.gather()
    for at, do in enumerate(("lock", "unlock", "lobby_on", "lobby_off")):
        assert alice.ask({"do": do}, id=at)["event"] == "ok"
    seq = alice.wait_for_event("ok", id=3) and _after(alice, 0, "room_state")[-1]["seq"]
    bob.wait_for_event("room_state", seq=seq)
    mallory.wait_for_event("room_state", seq=seq)
    marks = {one: one.mark() for one in (alice, bob)}
    for _ in range(3):
        mallory.lie("replay")
    meeting.holds()
    for one, mark in marks.items():
        assert not _after(one, mark, "room_state")
        assert not _after(one, mark, "peer")
