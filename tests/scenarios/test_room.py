"""Roles, rules and doors of a room, and who is host when, among real processes: heard, seen, exit codes and all."""

from __future__ import annotations

import time

import pytest

from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine, Event

pytestmark = [pytest.mark.lab, pytest.mark.timeout(90)]

GAP_MS = 200.0
"""What a listener would notice: so much of a second's sound made up."""


class Meeting:
    """Alice, who is host, and others, all connected."""

    def __init__(self, start: Start, rendezvous: Rendezvous, *names: str, options: tuple[str, ...] = ()) -> None:
        self._start = start
        self._road = rendezvous.options
        self._numbers = iter(range(1, 1000))
        self.engines = {"alice": start("alice", "host", *self._road, *options)}
        for name in names:
            self.engines[name] = self.join(name, *options)
            self.engines[name].wait_for_event("joined")  # one after the other, which is the line of succession
        for engine in self.engines.values():
            engine.wait_connected(*(other for other in self.engines.values() if other is not engine))

    def __getitem__(self, name: str) -> Engine:
        return self.engines[name]

    def join(self, name: str, *options: str, code: str = "", again: Engine | None = None) -> Engine:
        """Somebody who begins to join; `again` for the identity of an earlier visit."""
        home = again.home if again else None
        return self._start(name, "join", code or self["alice"].invite, *self._road, *options, home=home)

    def ask(self, who: str, do: str, **fields: object) -> Event:
        """The answer to a command; `peer` may be a name."""
        if (peer := fields.get("peer")) in self.engines:
            fields["peer"] = self[str(peer)].peer
        return self[who].ask({"do": do, **fields}, id=next(self._numbers), seconds=15.0)

    def do(self, who: str, do: str, **fields: object) -> None:
        """A command that is carried out."""
        answer = self.ask(who, do, **fields)
        assert answer["event"] == "ok", answer

    def refusal(self, who: str, do: str, **fields: object) -> str:
        """The sentence with which a command is refused."""
        answer = self.ask(who, do, **fields)
        assert (answer["event"], answer["code"]) == ("error", "refused"), answer
        return str(answer["message"])


@pytest.fixture
def three(start: Start, rendezvous: Rendezvous) -> Meeting:
    """Alice, who is host, Bob and Carol."""
    return Meeting(start, rendezvous, "bob", "carol")


def sees(viewer: Engine, *, seconds: float = 5.0, since: int = 0, **fields: object) -> Event:
    """Wait for a state of the room."""
    return viewer.wait_for_event("room_state", seconds, since=since, **fields)


# Roles.


def test_each_role_may_do_what_is_its_and_is_told_why_not_otherwise(three: Meeting) -> None:
    assert "Only the host and the admins" in three.refusal("bob", "lock")
    assert "Only the host can" in three.refusal("bob", "appoint", peer="carol")

    three.do("alice", "appoint", peer="bob")
    for engine in three.engines.values():
        sees(engine, admins=[three["bob"].peer])
    assert three["carol"].wait_for_event("notice", 5.0)["text"] == "alice made bob an admin."

    three.do("bob", "lock")
    assert "already" in three.refusal("bob", "lock")
    assert "Only the host can" in three.refusal("bob", "transfer_host", peer="carol")
    assert "host cannot be removed" in three.refusal("bob", "remove", peer="alice")
    sees(three["carol"], locked=True)

    three.do("alice", "dismiss", peer="bob")
    assert "Only the host and the admins" in three.refusal("bob", "unlock")


def test_a_host_who_hands_over_is_a_member(three: Meeting) -> None:
    three.do("alice", "transfer_host", peer="carol")

    for engine in three.engines.values():
        sees(engine, host=three["carol"].peer)
    assert "Only the host and the admins" in three.refusal("alice", "lock")
    three.do("carol", "lock")


def test_an_admin_ends_the_meeting_for_all(three: Meeting) -> None:
    three.do("alice", "appoint", peer="carol")
    carol = three["carol"]
    carol.wait_for(lambda event: event["event"] == "room_state" and carol.peer in event["admins"])
    carol.send({"do": "end"})

    for engine in three.engines.values():
        assert engine.wait() == 0
        assert engine.events[-1]["reason"] == "ended"
        assert "Traceback" not in engine.stderr


# Rules.


def test_a_forbidden_source_stops_and_starts_only_when_it_is_permitted_again(
    start: Start, rendezvous: Rendezvous
) -> None:
    meeting = Meeting(start, rendezvous, "bob", "carol", options=("--mic", "test"))
    alice, bob, carol = meeting.engines.values()
    alice.wait_for_event("first_frame", peer=bob.peer, source="mic")

    meeting.do("alice", "forbid", kind="audio")

    bob.wait_for_event("source", 5.0, peer=bob.peer, source="mic", state="forbidden")
    alice.wait_for_event("source", 5.0, peer=bob.peer, source="mic", state="forbidden")
    sees(carol, forbidden={"audio": True, "video": False, "screen": False, "control": False})
    assert "forbidden" in meeting.refusal("bob", "source", source="mic", on=True)

    since = {engine: engine.mark() for engine in (alice, carol)}
    meeting.do("alice", "permit", kind="audio", peer="bob")
    sees(carol, forbidden={"audio": [carol.peer], "video": False, "screen": False, "control": False})
    meeting.do("bob", "source", source="mic", on=True, **{"from": "test"})
    for engine, mark in since.items():
        engine.wait_for_event("first_frame", 5.0, since=mark, peer=bob.peer, source="mic")
    assert "forbidden" in meeting.refusal("carol", "source", source="mic", on=True)


# Doors.


def test_a_lobby_lets_in_who_is_admitted_and_sends_away_who_is_denied(three: Meeting) -> None:
    three.do("alice", "appoint", peer="bob")
    three.do("alice", "lobby_on")

    dave = three.join("dave")
    assert "lobby" in dave.wait_for_event("notice", 10.0)["text"]
    waits = three["bob"].wait_for_event("lobby", 5.0, name="dave", waiting=True)
    assert "Only the host and the admins" in three.refusal("carol", "admit", peer=waits["peer"])
    three.do("bob", "admit", peer=waits["peer"])
    dave.wait_connected(three["alice"], three["bob"], three["carol"])

    eve = three.join("eve")
    waits = three["alice"].wait_for_event("lobby", 10.0, name="eve", waiting=True)
    three.do("alice", "deny", peer=waits["peer"])
    assert eve.wait() == 4
    assert eve.wait_for_event("error", 0)["code"] == "refused"
    assert "did not let you in" in eve.stderr and "Traceback" not in eve.stderr
    three["bob"].wait_for_event("lobby", 5.0, name="eve", waiting=False)


def test_a_locked_meeting_takes_nobody_until_it_is_unlocked(three: Meeting) -> None:
    three.do("alice", "lock")
    dave = three.join("dave")
    assert dave.wait() == 4
    assert "locked" in dave.stderr

    three.do("alice", "unlock")
    three.join("erin").wait_connected(three["alice"], three["bob"], three["carol"])


def test_who_is_removed_is_out_at_once_and_for_good(three: Meeting) -> None:
    alice, bob = three["alice"], three["bob"]
    former, since = alice.invite, alice.mark()

    three.do("alice", "remove", peer="bob")

    assert bob.wait() == 4
    assert bob.events[-1]["reason"] == "removed"
    for engine in (alice, three["carol"]):
        engine.wait_for_event("peer", 5.0, peer=bob.peer, state="left")
    fresh = alice.wait_for_event("room", 5.0, since=since)["invite"]
    assert fresh != former
    assert three.join("stranger", code=former).wait() == 3
    back = three.join("bob", code=fresh, again=bob)
    assert back.wait() == 4
    assert "removed" in back.stderr


# The host's going.


def made_up_ms(engine: Engine, peer: str, *, since: int) -> list[float]:
    """Milliseconds of each second of this person's sound that were made up, as told since the mark."""
    seconds = [event["links"] for event in engine.events[since:] if event["event"] == "stats"]
    return [
        (source["concealed"] or 0.0) * 1000
        for links in seconds
        for link in links
        if link["peer"] == peer
        for source in link["sources"]
        if source["source"] == "mic"
    ]


def test_a_host_who_leaves_hands_over_at_once_and_nobody_stops_talking(start: Start, rendezvous: Rendezvous) -> None:
    meeting = Meeting(start, rendezvous, "bob", "carol", options=("--mic", "test", "--stats"))
    alice, bob, carol = meeting.engines.values()
    for one, other in ((bob, carol), (carol, bob)):
        one.wait_for_event("first_frame", peer=other.peer, source="mic")
        one.wait_for_event("stats", since=one.mark())
    marks = {engine: engine.mark() for engine in (bob, carol)}

    left_at = time.monotonic()
    assert alice.leave() == 0

    states = [sees(engine, since=mark, host=bob.peer) for engine, mark in marks.items()]
    assert time.monotonic() - left_at < 3.0
    assert len({state["epoch"] for state in states}) == 1
    for one, other in ((bob, carol), (carol, bob)):
        for _ in range(2):
            one.wait_for_event("stats", since=one.mark())
        told = one.events[marks[one] :]
        assert not [event for event in told if event["event"] == "peer" and event["peer"] == other.peer]
        assert max(made_up_ms(one, other.peer, since=marks[one])) < GAP_MS
    assert not [event for event in bob.events if "could not be reached" in event.get("text", "")]
    meeting.do("bob", "lock")


def test_a_killed_host_has_one_successor_within_seconds(start: Start, rendezvous: Rendezvous) -> None:
    meeting = Meeting(start, rendezvous, "bob", "carol", "dave")
    alice, bob, carol, dave = meeting.engines.values()
    meeting.do("alice", "appoint", peer="carol")
    for engine in (bob, carol, dave):
        sees(engine, admins=[carol.peer])

    alice.kill()
    killed_at = time.monotonic()

    for engine in (bob, carol, dave):
        sees(engine, host=carol.peer, seconds=8.0)
    assert time.monotonic() - killed_at < 8.0
    assert "could not be reached" in bob.wait_for(lambda event: "host now" in event.get("text", ""), 5.0)["text"]
    meeting.do("carol", "forbid", kind="screen")
    for engine in (bob, dave):
        hosts = {event["host"] for event in engine.events if event["event"] == "room_state"}
        assert hosts == {alice.peer, carol.peer}
    meeting.join("erin", code=carol.invite).wait_connected(bob, carol, dave)
