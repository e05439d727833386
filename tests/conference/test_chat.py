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


def test_what_was_missed_is_repeated_once_for_each_new_link() -> None:
    wire = Wire()
    told: list[events.Event] = []
    people: Any = SimpleNamespace(name=lambda peer: peer)
    chat = MeetingChat(ANA.identity, cast("Driver", wire), cast("People", people), told.append)
    chat.say("one")
    chat.say("two")
    for _ in range(2):
        wire.sent.clear()
        chat.greet(BEN.peer)
        for _ in range(50):
            chat.received(BEN.peer, HeardUpTo(at=1))
        again = [message.line.text for to, message in wire.sent if to == BEN.peer and isinstance(message, Chat)]
        assert again == ["one", "two"]
