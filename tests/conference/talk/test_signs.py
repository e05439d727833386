"""Hands and deafness: who is told, who is believed, who may take down whose hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from meshconf.conference.events import Event
from meshconf.conference.talk.events import Deafened, Hand
from meshconf.conference.talk.signs import LONGEST, SignBoard
from meshconf.errors import Refused
from meshconf.protocol.messages import AnyMessage, decode, encode
from meshconf.protocol.room.state import Person, RoomState
from meshconf.protocol.signs import LowerHand, Signs
from meshconf.types import PeerId

ANA, BEN, CAT = PeerId("ana"), PeerId("ben"), PeerId("cat")


class BensBoard:
    """Ben's board in a meeting of three, of which Ana is the host."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.room = RoomState(host=ANA, people={peer: Person(b"", peer) for peer in (ANA, BEN, CAT)})
        self.sent: list[tuple[PeerId | None, AnyMessage]] = []
        self.told: list[Event] = []
        self.board = SignBoard(
            BEN,
            cast(Any, self),
            name=lambda peer: peer.capitalize(),
            room=lambda: self.room,
            tell=self.told.append,
            clock=lambda: self.now,
        )

    def broadcast(self, message: AnyMessage) -> None:
        self.sent.append((None, decode(encode(message))))

    def send(self, peer: PeerId, message: AnyMessage) -> bool:
        self.sent.append((peer, decode(encode(message))))
        return True

    @property
    def hands(self) -> list[tuple[str, bool, float]]:
        return [(event.peer, event.up, event.waited_s) for event in self.told if isinstance(event, Hand)]


def test_a_hand_goes_up_and_down_and_everybody_is_told_once() -> None:
    ben = BensBoard()
    for up in (True, True, False, False):
        ben.board.raise_hand(up)
    assert ben.sent == [(None, Signs(hand=0)), (None, Signs())]
    assert ben.hands == [(BEN, True, 0.0), (BEN, False, 0.0)]


def test_who_comes_later_learns_how_long_it_has_been_up() -> None:
    ben = BensBoard()
    ben.board.greet(ANA)
    ben.board.raise_hand(True)
    ben.board.deafened(True)
    ben.now += 12.5
    ben.board.greet(CAT)
    assert ben.sent[-1] == (CAT, Signs(hand=12_500, deaf=True)) and len(ben.sent) == 3


def test_the_hands_of_others_are_told_with_their_waiting() -> None:
    ben = BensBoard()
    ben.board.received(CAT, Signs(hand=3000))
    ben.board.received(ANA, Signs(hand=2**53))
    ben.board.received(CAT, Signs(hand=4000))
    ben.board.received(CAT, Signs())
    assert ben.hands == [(CAT, True, 3.0), (ANA, True, LONGEST / 1000), (CAT, False, 0.0)]


def test_who_hears_nobody_is_known() -> None:
    ben = BensBoard()
    for deaf in (True, True, False):
        ben.board.received(CAT, Signs(deaf=deaf))
    assert [(event.peer, event.on) for event in ben.told if isinstance(event, Deafened)] == [(CAT, True), (CAT, False)]


def test_host_and_admins_take_a_hand_down_and_nobody_else() -> None:
    ben = BensBoard()
    ben.board.raise_hand(True)
    ben.board.received(CAT, LowerHand())
    assert BEN in ben.board.hands
    ben.room = replace(ben.room, admins=(CAT,))
    ben.board.received(CAT, LowerHand())
    assert BEN not in ben.board.hands


def test_only_who_may_asks_for_a_hand_to_come_down() -> None:
    ben = BensBoard()
    with pytest.raises(Refused) as caught:
        ben.board.lower_hand_of(CAT)
    assert caught.value.reason == "not-admin" and ben.sent == []
    ben.room = replace(ben.room, host=BEN)
    ben.board.lower_hand_of(CAT)
    assert ben.sent == [(CAT, LowerHand())]


def test_a_program_that_waves_is_looked_at_no_more_than_a_person() -> None:
    ben = BensBoard()
    for number in range(1000):
        ben.board.received(CAT, Signs(hand=0 if number % 2 else None))
    assert len(ben.hands) <= 10


def test_whoever_goes_takes_the_signs_along() -> None:
    ben = BensBoard()
    ben.board.received(CAT, Signs(hand=0, deaf=True))
    ben.board.forget(CAT)
    assert CAT not in ben.board.hands
    ben.board.received(CAT, Signs(hand=0))
    assert [up for _, up, _ in ben.hands] == [True, True]
