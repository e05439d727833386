"""A member with a modified program among honest ones: what it tries, and what each honest process does."""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from meshconf.conference.keystore import KeyStore
from tests.scenarios.conftest import Rendezvous, Start
from tests.support.engine import Engine, Event
from tests.support.forgery import GARBAGE
from tests.support.rogue_engine import Rogue

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]


log = logging.getLogger("tests.figures")
"""What it took, shown with `--log-cli-level=INFO`."""


class Meeting:
    """Alice is host, Bob an honest member, Mallory a member with a modified program."""

    def __init__(self, start: Start, stack: ExitStack, rendezvous: Rendezvous, homes: Callable[[str], Path]) -> None:
        self._start, self._stack, self._rendezvous, self._homes = start, stack, rendezvous, homes

    def gather(
        self, *options: str, name: str = "Mallory", offered: bool = False, quiet: bool = False
    ) -> tuple[Engine, Engine, Rogue]:
        """All three, connected.

        Args:
            options: everybody's.
            name: Mallory's.
            offered: the honest offer to Mallory, not it to them.
            quiet: Mallory has none of the options, so that there is time left for the mischief.
        """
        self.alice = self._start("Alice", "host", *self._rendezvous.options, *options)
        self.bob = self._start("Bob", "join", self.alice.invite, *self._rendezvous.options, *options)
        self.bob.wait_connected(self.alice)
        home = self._homes("rogue")
        while offered and KeyStore(home).load_identity().peer_id < max(self.alice.peer, self.bob.peer):
            (home / "identity.key").unlink()
        its = () if quiet else options
        self.mallory = self.rogue(name, self.alice.invite, *self._rendezvous.options, *its, home=home)
        for one in (self.alice, self.bob):
            one.wait_connected(self.mallory)
        self.mallory.wait_connected(self.alice, self.bob)
        self.agreed = self._settled()
        return self.alice, self.bob, self.mallory

    def rogue(self, name: str, invite: str, *options: str, home: Path) -> Rogue:
        """A modified member that joins."""
        return self._stack.enter_context(Rogue(name, "join", invite, *options, home=home))

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
    told = ("sent something that the room refuses", "claimed to be host")
    return event["event"] == "notice" and any(f"Mallory {what}" in event["text"] for what in told)


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


def test_claims_without_end_do_not_fill_the_log(meeting: Meeting) -> None:
    alice, bob, mallory = meeting.gather()
    before = _after(alice, 0, "room_state")[-1]["seq"]
    began = time.monotonic()
    while time.monotonic() < began + 3.0:
        mallory.lie("usurp")
    meeting.holds()
    for one in (alice, bob):
        seq = _after(one, 0, "room_state")[-1]["seq"]
        log.info("%s: the log grew by %d entries", one.name, seq - before)
        assert seq - before <= 2


# Noise.


@pytest.mark.parametrize("what", ["room", "chat"])
def test_a_flood_ends_its_own_link_and_disturbs_nobody_else(meeting: Meeting, what: str) -> None:
    alice, bob, mallory = meeting.gather("--mic", "test", "--camera", "test", "--stats", offered=True, quiet=True)
    for one, other in ((alice, bob), (bob, alice)):
        one.wait_for_event("first_frame", peer=other.peer, source="camera")
        one.wait_for_event("first_frame", peer=other.peer, source="mic")
    # Everything is judged against the seconds before the floods, since a busy machine is slow without any.
    calm = {one: _stats(one, 3) for one in (alice, bob)}
    marks = {one: one.mark() for one in (alice, bob)}
    before = mallory.lie("flood", what=what, rate=1000, seconds=2)
    for one in (alice, bob):
        one.wait_for_event("peer", 5.0, since=marks[one], peer=mallory.peer, state="reconnecting")
        log.info("%s, %s: link ended after %.3f s", what, one.name, time.monotonic() - before)
    for one, other in ((alice, bob), (bob, alice)):
        _is_undisturbed(what, one, other, calm[one])
        assert not _after(one, marks[one], "peer", peer=other.peer), "the honest lost each other"
    meeting.talks()


def _is_undisturbed(what: str, one: Engine, other: Engine, calm: list[Event]) -> None:
    """In the seconds of a flood, sound and picture come as before, without stalls of the loop or memory filling up."""
    flooded = _stats(one, 3)
    _tell(what, one, calm, flooded)
    received = [_sources(stats, other) for stats in flooded]
    for source in ("camera", "mic"):
        before, during = (median(_sources(stats, other)[source]["fps"] for stats in some) for some in (calm, flooded))
        log.info("%s, %s: %s of %s %.1f/s, before %.1f", what, one.name, source, other.name, during, before)
        # A computer that is short of time sends half as many pictures, rather than let voices suffer.
        assert during > (0.7 if source == "mic" else 0.4) * before > 0, received
    frozen = max(_sources(stats, other)["camera"]["frozen_ms"] for stats in calm)
    assert max(each["camera"]["frozen_ms"] for each in received) < 800 + frozen, received
    late = median(stats["loop_lag_ms"] for stats in calm)
    assert median(stats["loop_lag_ms"] for stats in flooded) < 100 + 2 * late
    assert flooded[-1]["rss_bytes"] - calm[-1]["rss_bytes"] < 40_000_000


def _sources(stats: Event, peer: Engine) -> dict[str, dict[str, Any]]:
    """What came from somebody in the last second."""
    link = next(link for link in stats["links"] if link["peer"] == peer.peer)
    return {source["source"]: source for source in link["sources"]}


def _stats(engine: Engine, count: int) -> list[Event]:
    """The next statistics, one a second."""
    mark, found = engine.mark(), list[Event]()
    for _ in range(count):
        found.append(engine.wait_for_event("stats", since=mark))
        mark = engine.events.index(found[-1]) + 1
    return found


def _tell(what: str, one: Engine, calm: list[Event], flooded: list[Event]) -> None:
    for name, stats in (("calm", calm), ("flooded", flooded)):
        cpu = (stats[-1]["cpu_s"] - stats[0]["cpu_s"]) / (stats[-1]["t"] - stats[0]["t"])
        lags = [each["loop_lag_ms"] for each in stats]
        rss = stats[-1]["rss_bytes"] / 1e6
        log.info("%s, %s %s: CPU %.0f %%, loop lag %s ms, %.0f MB", what, one.name, name, 100 * cpu, lags, rss)


@pytest.mark.parametrize("half", [0, 1])
def test_what_is_no_message_ends_the_link_and_nothing_else(meeting: Meeting, half: int) -> None:
    alice, bob, mallory = meeting.gather()
    undisturbed = bob.mark()
    # More than six connections in a row nobody is offered or answers.
    for which in list(GARBAGE)[half::2]:
        mark, its = alice.mark(), mallory.mark()
        before = mallory.lie("garbage", which=which, peer=alice.peer)
        alice.wait_for_event("peer", 2.0, since=mark, peer=mallory.peer, state="reconnecting")
        log.info("%s: link ended after %.3f s", which, time.monotonic() - before)
        meeting.talks()
        alice.wait_for_event("peer", since=mark, peer=mallory.peer, state="connected")
        mallory.wait_for_event("peer", since=its, peer=alice.peer, state="connected")
    meeting.holds()
    assert not _after(bob, undisturbed, "peer", peer=alice.peer)
    assert not alice.stray_lines and not bob.stray_lines
    assert "Traceback" not in alice.stderr


def test_names_and_chat_full_of_escape_codes_are_safe_to_show(meeting: Meeting) -> None:
    alice, bob, mallory = meeting.gather(name="Mal\x1b[2J\x1b]0;x\x07lory\u202e\n\x9b31m")
    marks = {one: one.mark() for one in (alice, bob)}
    mallory.lie("say_escapes")
    for one, mark in marks.items():
        said = one.wait_for_event("chat", 3.0, since=mark, peer=mallory.peer)
        assert said["text"].endswith("end")
        told = [text for event in one.events for text in _texts(event)]
        assert any("lory" in text for text in told)
        for text in told:
            assert not [sign for sign in text if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf")], text
    meeting.holds()


def _texts(value: object) -> Iterator[str]:
    """All that would be shown of an event."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)


# Coming back.


def test_who_was_removed_comes_back_by_no_road(meeting: Meeting, rendezvous: Rendezvous) -> None:
    alice, bob, mallory = meeting.gather("--mic", "test")
    old = alice.invite
    mallory.lie("cling")
    marks = {one: one.mark() for one in (alice, bob)}
    began = time.monotonic()
    assert alice.ask({"do": "remove", "peer": mallory.peer}, id=1)["event"] == "ok"
    for one, mark in marks.items():
        one.wait_for_event("peer", 2.0, since=mark, peer=mallory.peer, state="left")
        log.info("%s: gone after %.3f s", one.name, time.monotonic() - began)
        marks[one] = one.mark()
    alice.wait_for(lambda event: event["event"] == "room" and event["invite"] != old)

    # With the old sockets, and with the rendezvous' road, which stands for a while yet.
    for _ in range(5):
        mallory.lie("speak_on")
    # With the old code, and with the new one, which some friend told.
    home = mallory.home
    assert mallory.leave() == 0
    late = meeting.rogue("Mallory", old, *rendezvous.options, home=home)
    assert late.wait() == 3
    late = meeting.rogue("Mallory", alice.invite, *rendezvous.options, home=home)
    assert late.wait() == 4

    meeting.talks()
    for one, mark in marks.items():
        assert not _after(one, mark, "peer", peer=mallory.peer)
        assert not _after(one, mark, "chat", peer=mallory.peer)
        assert mallory.peer not in _room(one)["people"]


# A door of its own.


def test_a_newcomer_with_a_forged_log_follows_the_true_one_once_it_meets_the_others(
    meeting: Meeting, start: Start
) -> None:
    alice, bob, mallory = meeting.gather("--mic", "test")
    dave, came = _through_a_forged_door(meeting, start, "branch")
    assert dave.wait_for_event("joined")["host"] == mallory.peer
    dave.wait_for_event("room_state", 5.0, host=alice.peer)
    log.info("Dave follows the true log after %.3f s", time.monotonic() - came)
    dave.wait_for_event("undone", act="admit")
    assert dave.wait_for_event("room_state", host=alice.peer)["forbidden"]["video"] is True
    for one in (alice, bob):
        one.wait_connected(dave)
        assert {event["host"] for event in _after(one, 0, "room_state")} == {alice.peer}
    assert dave.ask({"do": "source", "source": "camera", "on": True, "from": "test"}, id=1)["event"] == "error"


def test_a_newcomer_who_is_kept_from_all_others_is_told(meeting: Meeting, start: Start) -> None:
    alice, bob, mallory = meeting.gather()
    dave, came = _through_a_forged_door(meeting, start, "private")
    dave.wait_connected(mallory)
    dave.wait_for(lambda event: event["event"] == "notice" and "Mallory alone" in event["text"], 40.0)
    log.info("Dave is told after %.3f s", time.monotonic() - came)
    for one in (alice, bob):
        assert not _after(one, 0, "peer", peer=dave.peer)
    meeting.talks()


def test_a_newcomer_who_is_led_into_an_empty_room_leaves_it(meeting: Meeting, start: Start) -> None:
    meeting.gather()
    dave, came = _through_a_forged_door(meeting, start, "other")
    dave.wait_for_event("left", 20.0, reason="stranded")
    log.info("Dave leaves after %.3f s", time.monotonic() - came)
    assert dave.wait() == 5
    meeting.talks()


def _through_a_forged_door(meeting: Meeting, start: Start, forged: str) -> tuple[Engine, float]:
    """Somebody whom Mallory lets in, and when; what the host has forbidden is not in the log that it shows."""
    assert meeting.alice.ask({"do": "forbid", "kind": "video"}, id=1)["event"] == "ok"
    meeting.mallory.wait_for(lambda event: event["event"] == "room_state" and event["forbidden"]["video"] is True)
    mark = meeting.mallory.mark()
    meeting.mallory.lie("open_door", log=forged)
    door = meeting.mallory.wait_for(lambda event: event["event"] == "notice" and "ws:" in event["text"], since=mark)
    dave = start("Dave", "join", meeting.bob.invite, "--no-lan", "--rendezvous", door["text"])
    dave.wait_for_event("joined")
    return dave, time.monotonic()
