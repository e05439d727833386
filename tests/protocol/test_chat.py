"""Lines of chat: signed, in order, none twice, none lost when a link is renewed; the past only as it was said."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from meshconf.protocol.chat import AGAIN, AHEAD_MS, KEPT, PARCEL, TOLD, Conversation, Line
from meshconf.protocol.messages import MAX_MESSAGE, encode
from meshconf.types import PeerId
from tests.support.world import Keys


class Circle:
    """Some people in one room, and what each of them knows of the talk."""

    def __init__(self, *names: str) -> None:
        keys = Keys()
        self.ids = {name: PeerId(name * 16) for name in names}
        pairs = {name: keys.make(name) for name in names}
        self.members = {self.ids[name]: public for name, (public, _) in pairs.items()}
        self.talk = {
            name: Conversation(
                self.ids[name], "room", sign=sign, verify=keys.verify, public=lambda peer: self.members.get(peer)
            )
            for name, (_, sign) in pairs.items()
        }

    def hears(self, listener: str, speaker: str, line: Line) -> bool:
        return self.talk[listener].take(self.ids[speaker], line)


def test_a_line_is_news_once() -> None:
    circle = Circle("a", "b")
    line = circle.talk["a"].say("hello", now_ms=5)
    assert circle.hears("b", "a", line) and not circle.hears("b", "a", line)


def test_lines_of_one_moment_keep_their_order() -> None:
    talk = Circle("a").talk["a"]
    assert [talk.say("x", now_ms=7).at for _ in range(3)] == [7, 8, 9]
    assert talk.say("the clock went back", now_ms=1).at == 10


@pytest.mark.parametrize("change", [{"text": "other"}, {"at": 6}, {"signature": bytes(64)}])
def test_a_line_that_was_changed_is_refused(change: dict[str, object]) -> None:
    circle = Circle("a", "b")
    line = msgspec.structs.replace(circle.talk["a"].say("hello", now_ms=5), **change)
    with pytest.raises(ProtocolError, match="did not sign"):
        circle.hears("b", "a", line)


def test_nobody_speaks_for_another() -> None:
    circle = Circle("a", "b", "c")
    line = circle.talk["a"].say("hello", now_ms=5)
    with pytest.raises(ProtocolError, match="somebody else"):
        circle.hears("b", "c", line)


def test_who_was_cut_off_gets_what_it_missed() -> None:
    circle = Circle("a", "b", "c")
    first, *later = [circle.talk["a"].say(f"line {n}", now_ms=n) for n in range(1, 5)]
    circle.hears("b", "a", first)
    wanted = circle.talk["b"].heard_up_to(circle.ids["a"])
    assert circle.talk["a"].missed(wanted.at) == later
    assert circle.talk["a"].missed(circle.talk["c"].heard_up_to(circle.ids["a"]).at) == [first, *later]


def test_who_comes_again_with_a_clock_that_was_set_back_is_heard() -> None:
    circle = Circle("a", "b")
    circle.hears("b", "a", circle.talk["a"].say("an hour ahead", now_ms=4_000_000))
    again = Circle("a", "b").talk["a"]
    again.heard_of_us(circle.talk["b"].heard_up_to(circle.ids["a"]).at, now_ms=400_000)
    line = again.say("on time", now_ms=400_000)
    assert line.at > 4_000_000
    again.heard_of_us(2**53, now_ms=500_000)
    assert again.say("a liar pushes by a day at most", now_ms=500_000).at == 500_000 + AHEAD_MS + 1


def test_what_is_repeated_and_told_is_bounded_and_the_newest() -> None:
    talk = Circle("a").talk["a"]
    lines = [talk.say("x" * 4000, now_ms=n) for n in range(1, 400)]
    again = talk.missed(1)
    told = [line for past in talk.past() for line in past.lines]
    assert again == lines[-len(again) :] and AGAIN - 5000 < sum(len(line.text) for line in again) < AGAIN
    assert told == lines[-len(told) :] and TOLD - 10_000 < sum(len(line.text) for line in told) < TOLD


def test_a_newcomer_is_told_the_past_as_it_was_said() -> None:
    circle = Circle("a", "b", "c")
    said = [circle.talk["a"].say("one", now_ms=1), circle.talk["b"].say("two", now_ms=2)]
    circle.hears("a", "b", said[1])
    [past] = circle.talk["a"].past()
    live = circle.talk["b"].say("three", now_ms=3)
    assert circle.hears("c", "b", live)
    assert circle.talk["c"].take_past([*past.lines, live]) == said
    assert circle.talk["c"].take_past(past.lines) == []


def test_the_past_cannot_be_invented_by_who_tells_it() -> None:
    circle = Circle("a", "b", "c")
    line = msgspec.structs.replace(circle.talk["b"].say("yes", now_ms=1), text="no")
    with pytest.raises(ProtocolError, match="did not sign"):
        circle.talk["c"].take_past([line])


def test_nothing_is_told_of_somebody_whom_nobody_can_vouch_for() -> None:
    circle = Circle("a", "b", "c")
    line = circle.talk["b"].say("hello", now_ms=1)
    del circle.members[circle.ids["b"]]
    assert circle.talk["c"].take_past([line]) == []


@given(st.lists(st.text(min_size=1, max_size=4000), max_size=12))
def test_the_past_travels_in_messages_that_fit(texts: list[str]) -> None:
    talk = Circle("a").talk["a"]
    lines = [talk.say(text, now_ms=n) for n, text in enumerate(texts)]
    parcels = talk.past()
    assert [line for past in parcels for line in past.lines] == lines
    assert all(len(encode(past)) <= max(MAX_MESSAGE, PARCEL) for past in parcels)


def test_memory_is_bounded_and_keeps_the_newest() -> None:
    talk = Circle("a").talk["a"]
    for n in range(KEPT + 20):
        talk.say("x", now_ms=n + 1)
    lines = [line for past in talk.past() for line in past.lines]
    assert len(lines) == KEPT and lines[0].at == 21


def test_a_flood_with_a_clock_that_is_ahead_pushes_out_nobody_elses_lines() -> None:
    circle = Circle("a", "b", "c")
    listener = circle.talk["c"]
    own = listener.say("my own", now_ms=10)
    for n in range(2 * KEPT):
        circle.hears("c", "b", circle.talk["b"].say("buy", now_ms=10**12 + n))
    said = circle.talk["a"].say("hello", now_ms=20)
    circle.hears("c", "a", said)
    lines = [line for past in listener.past() for line in past.lines]
    assert lines[:2] == [own, said] and len(lines) == KEPT
    assert listener.missed(1) == [own]


def test_the_lines_of_who_was_removed_take_nobodys_place_in_the_past() -> None:
    circle = Circle("a", "b")
    said = circle.talk["a"].say("hello", now_ms=20)
    for n in range(60):
        circle.hears("a", "b", circle.talk["b"].say("x" * 4000, now_ms=1000 + n))
    del circle.members[circle.ids["b"]]
    assert [line for past in circle.talk["a"].past() for line in past.lines] == [said]
