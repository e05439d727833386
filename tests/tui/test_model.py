"""The model of the meeting page: what events do to it, and that none of them can hurt it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshconf.tui.change import Change
from meshconf.tui.conversation import CHAT_LIMIT, LineKind
from meshconf.tui.model import MeetingModel
from meshconf.types import Role, SourceKind
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE

_NAMES = (
    "room", "joined", "peer", "room_state", "source", "levels", "stats", "chat", "lobby", "notice", "error", "ok",
    "left", "phrase", "host_returned", "undone", "picture", "windows",
    "microphone", "volume", "hand", "deafened", "playback", "sounds",
)  # fmt: skip
_KEYS = (
    "peer", "self", "host", "name", "state", "path", "source", "levels", "links", "text", "to", "t", "id", "peers",
    "admins", "title", "invite", "link", "reason", "message", "rtt_ms", "loss", "down_bps", "sources", "width", "db",
    "members", "forbidden", "waiting", "identity", "phrase", "past", "audio", "bus", "open", "muted", "on_air",
    "while_muted", "gain_db", "deaf", "up", "waited_s", "on", "from", "position_s", "duration_s", "code",
)  # fmt: skip
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([ADA, BOB, "on", "connected"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*_KEYS, ADA]), inner, max_size=4),
    max_leaves=12,
)
_EVENTS = st.builds(
    lambda name, rest: {**rest, "event": name},
    st.sampled_from(_NAMES) | _VALUES,
    st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=6),
)


def three_people() -> MeetingModel:
    model = MeetingModel("Ada Lovelace")
    for event in THREE_PEOPLE:
        model.apply(event)
    return model


@given(st.lists(_EVENTS | _VALUES, max_size=12))
def test_no_event_however_odd_raises(events: list[Any]) -> None:
    model = three_people()
    for event in events:
        assert isinstance(model.apply(event), Change)
    assert all(isinstance(person.name, str) for person in model.present())


def test_own_comes_first_and_then_the_host() -> None:
    model = three_people()
    model.apply({"event": "room_state", "host": CLEO})
    assert [person.peer for person in model.present()] == [ADA, CLEO, BOB]


def test_an_echo_of_own_words_is_not_shown_twice() -> None:
    model = three_people()
    before = len(model.chat)
    model.say("hello", 7)
    assert model.apply({"event": "chat", "peer": ADA, "text": "hello"}) is Change.NONE
    model.apply({"event": "chat", "peer": ADA, "text": "hello"})
    assert len(model.chat) == before + 2


def test_a_switch_waits_for_the_engines_answer() -> None:
    model = three_people()
    model.ask(SourceKind.SCREEN, True)
    assert model.me is not None and model.me.asked == {SourceKind.SCREEN: True}
    model.apply({"event": "source", "peer": ADA, "source": "screen", "state": "on"})
    assert model.me.asked == {} and model.me.is_on(SourceKind.SCREEN)


def test_an_error_frees_the_switches_and_is_told() -> None:
    model = three_people()
    model.ask(SourceKind.CAMERA, False)
    model.apply({"event": "error", "code": "device", "message": "No camera is plugged in."})
    assert model.me is not None and not model.me.asked
    assert model.chat[-1].kind is LineKind.ERROR


def test_a_person_who_leaves_is_gone_and_told_of() -> None:
    model = three_people()
    assert model.apply({"event": "peer", "peer": BOB, "state": "left"}) == Change.PEOPLE | Change.CHAT
    assert BOB not in model.people and model.chat[-1].text == "Bob Kahn left"


def test_the_chat_is_bounded() -> None:
    model = three_people()
    for number in range(CHAT_LIMIT + 50):
        model.apply({"event": "chat", "peer": BOB, "text": f"line {number}"})
    assert len(model.chat) == CHAT_LIMIT


def test_who_was_there_before_us_is_not_announced() -> None:
    model = MeetingModel("Eve")
    model.apply({"event": "joined", "self": "eve", "host": BOB, "peers": [{"peer": BOB, "name": "Bob"}]})
    model.apply({"event": "peer", "peer": BOB, "name": "Bob", "state": "connected"})
    assert not model.chat and model.role is Role.MEMBER


def test_rules_that_are_told_before_we_are_let_in_stay() -> None:
    model = MeetingModel("Eve")
    model.apply({"event": "room_state", "host": BOB, "admins": [CLEO], "members": [BOB, CLEO], "lobby": True})
    model.apply({"event": "joined", "self": "eve", "host": BOB, "peers": []})
    assert model.rules.role(CLEO) is Role.ADMIN and model.rules.lobby


def test_pictures_are_known_by_their_bus_as_long_as_they_have_one() -> None:
    model = MeetingModel()
    for event in THREE_PEOPLE:
        model.apply(event)
    told = {"event": "picture", "peer": CLEO, "source": "camera"}
    assert model.apply({**told, "bus": "meshconf-7-a-1"}) is Change.PICTURES
    assert model.people[CLEO].pictures == {SourceKind.CAMERA: "meshconf-7-a-1"}
    assert model.apply({**told, "bus": "/dev/shm/meshconf"}) is Change.PICTURES
    assert model.people[CLEO].pictures == {}
    assert model.apply({**told, "peer": "nobody", "bus": "b"}) is Change.NONE
    assert model.apply({**told, "source": "smell", "bus": "b"}) is Change.NONE


def test_whether_there_are_windows_is_unknown_until_it_is_told() -> None:
    model = MeetingModel()
    assert model.windows is None
    for told, known in ((True, True), (False, False), ("yes", False)):
        assert model.apply({"event": "windows", "open": told}) is Change.PICTURES
        assert model.windows is known
