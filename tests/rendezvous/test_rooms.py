"""The registry of rooms, row by row and as a property over any history."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rendezvous.limits import Limits
from rendezvous.messages import Arrived, Departed, Failed, Frame, Join, Joined, Open, Opened, Rename, Renamed, Send
from rendezvous.rooms import Delivery, Refusal, Rooms

TOKEN = b"t" * 16
OTHER = b"o" * 16


@pytest.fixture
def rooms() -> Rooms:
    return Rooms(Limits(members=2, joiners=2))


def test_the_smallest_free_nameplate_is_given_first(rooms: Rooms) -> None:
    assert rooms.open(10, Open(("l-a",), TOKEN, True), now=0) == [Delivery(10, Opened(10, ("l-a", "1")))]
    assert rooms.open(11, Open((), OTHER, True), now=0) == [Delivery(11, Opened(11, ("2",)))]


def test_members_and_joiners_hear_of_each_other(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    assert rooms.join(2, Join("a"), now=0) == [Delivery(2, Joined(2, (1,))), Delivery(1, Arrived(2))]
    assert rooms.open(3, Open(("a",), TOKEN), now=0) == [
        Delivery(3, Opened(3, ("a",))),
        Delivery(3, Arrived(2)),
        Delivery(2, Arrived(3)),
    ]
    assert rooms.leave(1, now=0) == [Delivery(2, Departed(1))]
    assert rooms.leave(2, now=0) == [Delivery(3, Departed(2))]


def test_another_token_does_not_open_the_same_name(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    with pytest.raises(Refusal) as refused:
        rooms.open(2, Open(("b", "a"), OTHER), now=0)
    assert refused.value.code == "taken"
    assert rooms.leave(2, now=0) == []


def test_boxes_go_from_joiners_to_members_only(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    rooms.join(2, Join("a"), now=0)
    rooms.join(3, Join("a"), now=0)
    assert rooms.send(2, Send(1, b"x")) == [Delivery(1, Frame(2, b"x"))]
    assert rooms.send(1, Send(3, b"x")) == [Delivery(3, Frame(1, b"x"))]
    assert rooms.send(2, Send(3, b"x")) == []
    assert rooms.send(1, Send(1, b"x")) == []


def test_a_rotated_code_never_gets_the_number_it_had(rooms: Rooms) -> None:
    rooms.open(1, Open(("l-a",), TOKEN, True), now=0)
    rooms.open(2, Open(("l-a",), TOKEN), now=0)
    assert rooms.rename(1, Rename(("l-a",), True)) == [
        Delivery(1, Opened(1, ("l-a", "2"))),
        Delivery(2, Renamed(("l-a", "2"))),
    ]
    with pytest.raises(Refusal) as refused:
        rooms.join(3, Join("1"), now=0)
    assert refused.value.code == "no-such-meeting"


def test_a_joiner_renames_nothing(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    rooms.join(2, Join("a"), now=0)
    with pytest.raises(Refusal, match="members"):
        rooms.rename(2, Rename(("b",)))


def test_an_empty_room_waits_two_minutes_for_its_members(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    rooms.leave(1, now=10)
    rooms.join(2, Join("a"), now=20)
    assert rooms.expire(now=129) == []
    assert [(d.socket, d.message.code) for d in rooms.expire(now=130) if isinstance(d.message, Failed)] == [
        (2, "no-such-meeting")
    ]
    assert len(rooms) == 0


def test_a_returning_member_keeps_the_room(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    rooms.leave(1, now=0)
    rooms.open(2, Open(("a",), TOKEN), now=60)
    assert rooms.expire(now=1000) == []


def test_no_room_outlives_a_day(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    (delivery,) = rooms.expire(now=24 * 3600)
    assert isinstance(delivery.message, Failed) and delivery.message.code == "expired"


def test_a_joiner_whom_nobody_lets_in_is_sent_away(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    rooms.join(2, Join("a"), now=0)
    refused, departed = rooms.expire(now=600)
    assert isinstance(refused.message, Failed) and refused.message.code == "idle"
    assert departed == Delivery(1, Departed(2))


def test_rooms_are_full_at_their_limits(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0)
    rooms.open(2, Open(("a",), TOKEN), now=0)
    for socket in (3, 4):
        rooms.join(socket, Join("a"), now=0)
    with pytest.raises(Refusal) as member:
        rooms.open(5, Open(("a",), TOKEN), now=0)
    with pytest.raises(Refusal) as joiner:
        rooms.join(5, Join("a"), now=0)
    assert member.value.code == joiner.value.code == "full"


def test_one_address_owns_a_few_rooms_at_most(rooms: Rooms) -> None:
    rooms.open(1, Open(("a",), TOKEN), now=0, owner="x", owner_rooms=1)
    with pytest.raises(Refusal) as refused:
        rooms.open(2, Open(("b",), TOKEN), now=0, owner="x", owner_rooms=1)
    assert refused.value.code == "limit"
    rooms.open(2, Open(("b",), TOKEN), now=0, owner="y", owner_rooms=1)


class AnyHistory(RuleBasedStateMachine):
    """A second, naive book-keeping beside the registry: who is in which room, told by the registry's own answers."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms = Rooms(Limits(members=3, joiners=3))
        self.now = 0.0
        self.last = 0
        self.room_of: dict[int, bytes] = {}
        self.members: set[int] = set()
        self.gone: set[int] = set()
        self.names: dict[bytes, tuple[str, ...]] = {}

    def heard(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            assert delivery.socket not in self.gone, "a departed socket hears nothing"
            message = delivery.message
            if isinstance(message, Failed):
                self.part(delivery.socket)
            elif isinstance(message, Opened | Renamed):
                self.names[self.room_of[delivery.socket]] = message.names
            elif isinstance(message, Frame):
                assert self.room_of[message.sender] == self.room_of[delivery.socket], "no frame crosses rooms"
                assert {message.sender, delivery.socket} & self.members, "joiners do not reach joiners"
            elif isinstance(message, Arrived):
                assert self.room_of[message.socket] == self.room_of[delivery.socket]
        for token in list(self.names):
            if token not in self.room_of.values() and not self.alive(token):
                del self.names[token]

    def alive(self, token: bytes) -> bool:
        """Whether a name of the room is still known, asked of a registry that may not answer with another room."""
        probe = 10**9 + self.last
        try:
            self.rooms.join(probe, Join(self.names[token][0]), now=self.now)
        except Refusal as refusal:
            return refusal.code == "full"
        self.rooms.leave(probe, now=self.now)
        return True

    def part(self, socket: int) -> None:
        self.gone.add(socket)
        self.room_of.pop(socket, None)
        self.members.discard(socket)

    @rule(
        names=st.lists(st.sampled_from("abc"), max_size=2), key=st.sampled_from((b"1", b"2", b"3")), plate=st.booleans()
    )
    def open(self, names: list[str], key: bytes, plate: bool) -> None:
        self.last += 1
        token = key * 16
        known = {each for each, own in self.names.items() if set(own) & set(names)}
        # Rooms are told apart by token here, so one token never makes two.
        if token in self.names and token not in known:
            return
        self.room_of[self.last] = token
        self.members.add(self.last)
        try:
            self.heard(self.rooms.open(self.last, Open(tuple(names), token, plate), now=self.now))
        except Refusal:
            self.part(self.last)
        else:
            assert known <= {token}, "a name belongs to one room"

    @rule(name=st.sampled_from(("a", "b", "c", "1", "2")))
    def join(self, name: str) -> None:
        self.last += 1
        token = next((token for token, names in self.names.items() if name in names), None)
        if token is not None:
            self.room_of[self.last] = token
        try:
            self.heard(self.rooms.join(self.last, Join(name), now=self.now))
        except Refusal:
            self.part(self.last)
        else:
            assert token is not None, "nobody joins a name that no room has"

    @rule(sender=st.integers(1, 12), to=st.integers(1, 12))
    def send(self, sender: int, to: int) -> None:
        try:
            self.heard(self.rooms.send(sender, Send(to, b"box")))
        except Refusal:
            assert sender not in self.room_of

    @rule(socket=st.integers(1, 12), name=st.sampled_from("abc"), plate=st.booleans())
    def rename(self, socket: int, name: str, plate: bool) -> None:
        try:
            self.heard(self.rooms.rename(socket, Rename((name,), plate)))
        except Refusal as refusal:
            assert refusal.code == "taken" or socket not in self.members

    @rule(socket=st.integers(1, 12))
    def leave(self, socket: int) -> None:
        if socket <= self.last:
            self.part(socket)
        self.heard(self.rooms.leave(socket, now=self.now))

    @rule(seconds=st.sampled_from((1.0, 100.0, 700.0, 90_000.0)))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.heard(self.rooms.expire(now=self.now))

    @invariant()
    def names_are_unique(self) -> None:
        names = [name for own in self.names.values() for name in own]
        assert len(names) == len(set(names))


AnyHistory.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyHistory = AnyHistory.TestCase
