"""What of the talk is sent again, and to whom."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from meshconf.conference import events
from meshconf.conference.chat import MeetingChat
from meshconf.conference.driver import Driver
from meshconf.conference.people import People
from meshconf.protocol.chat import Chat, HeardUpTo
from meshconf.protocol.messages import AnyMessage
from meshconf.types import PeerId
from tests.support.links import Person

ANA, BEN = Person(31), Person(32)


class Wire:
    """Stands for the driver: writes down what would be sent to whom."""

    def __init__(self) -> None:
        self.sent: list[tuple[PeerId | None, AnyMessage]] = []
        people = {person.peer: SimpleNamespace(public=person.identity.public) for person in (ANA, BEN)}
        state = SimpleNamespace(people=people, host=ANA.peer, history=False)
        self.room = SimpleNamespace(id="room", is_host=True, state=state)

    def send(self, peer: PeerId, message: AnyMessage) -> bool:
        self.sent.append((peer, message))
        return True

    def broadcast(self, message: AnyMessage) -> None:
        self.sent.append((None, message))


class Talk:
    """What Ana says to Ben, and what of it is sent again."""

    def __init__(self) -> None:
        self.wire = Wire()
        told: list[events.Event] = []
        people: Any = SimpleNamespace(name=lambda peer: peer)
        self.chat = MeetingChat(ANA.identity, cast("Driver", self.wire), cast("People", people), told.append)

    def meet(self, at: int) -> list[str]:
        """A link to Ben stands, who has heard up to that line and says so again and again."""
        self.wire.sent.clear()
        self.chat.greet(BEN.peer)
        for _ in range(50):
            self.chat.received(BEN.peer, HeardUpTo(at=at))
        return [message.line.text for to, message in self.wire.sent if to == BEN.peer and isinstance(message, Chat)]


def test_what_was_missed_is_repeated_once_for_each_new_link() -> None:
    talk = Talk()
    assert talk.meet(0) == []
    talk.chat.say("one")
    talk.chat.say("two")
    assert talk.meet(1) == talk.meet(1) == ["one", "two"]


def test_a_first_line_that_was_missed_is_repeated_though_nothing_was_heard_before() -> None:
    talk = Talk()
    talk.meet(0)
    talk.chat.say("my first")
    assert talk.meet(0) == ["my first"]


def test_what_was_said_before_somebody_came_or_while_they_were_away_is_not_told() -> None:
    talk = Talk()
    talk.chat.say("before")
    assert talk.meet(0) == []
    talk.chat.forget(BEN.peer)
    talk.chat.say("away")
    assert talk.meet(0) == []


def test_what_was_said_while_a_cut_had_parted_us_is_told_to_who_has_heard_us_before() -> None:
    talk = Talk()
    talk.meet(0)
    talk.chat.say("before the cut")
    talk.chat.forget(BEN.peer)
    talk.chat.say("during the cut")
    assert talk.meet(1) == ["before the cut", "during the cut"]


def test_so_much_is_repeated_as_a_peer_may_send() -> None:
    talk = Talk()
    talk.meet(0)
    for number in range(300):
        talk.chat.say(f"line {number}")
    again = talk.meet(0)
    assert len(again) <= 100 and again[-1] == "line 299"
