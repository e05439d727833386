"""The stories are worth something: each invariant is broken on purpose in the core, and a story notices.

A row names what is broken, who is among the people when it is told, the seed, whether the
network is calm, and what the oracle then says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from meshconf.errors import MeshconfError
from meshconf.protocol.room import authority, history, rules
from meshconf.protocol.room.acts import Entry
from meshconf.protocol.room.errands import Errands
from meshconf.protocol.room.exchange import Exchange
from meshconf.protocol.room.history import History, Node
from meshconf.protocol.room.loyalty import Loyalty
from meshconf.protocol.room.state import RoomState
from meshconf.protocol.room.succession import Succession
from meshconf.types import PeerId
from tests.support.liars import Equivocator, Forger, Liar, Pretender, Replayer, Usurper
from tests.support.story import Story

Break = Callable[[pytest.MonkeyPatch], None]


def signatures_unchecked(patch: pytest.MonkeyPatch) -> None:
    begin = History.__init__
    patch.setattr(History, "__init__", lambda self, first, verify: begin(self, first, lambda *_: True))


def rights_unchecked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "check", lambda *_: None)


def _with_state(patch: pytest.MonkeyPatch, alter: Callable[[RoomState, Entry], RoomState]) -> None:
    follow = History._next

    def wrong(self: History, parent: Node, entry: Entry) -> RoomState:
        state = alter(parent.state, entry)
        return follow(self, Node(parent.entry, parent.digest, state, parent.parent), entry)

    patch.setattr(History, "_next", wrong)


def numbers_forgotten(patch: pytest.MonkeyPatch) -> None:
    _with_state(patch, lambda state, entry: replace(state, numbers={}))


def anybody_orders(patch: pytest.MonkeyPatch) -> None:
    def alter(state: RoomState, entry: Entry) -> RoomState:
        return replace(state, host=PeerId(entry.host)) if entry.epoch == state.epoch else state

    _with_state(patch, alter)


def votes_unchecked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(History, "_check_votes", lambda *_: None)


def invented_people_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(history, "supporters", lambda node: len(node.supporters))


def ties_by_arrival(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(history, "_merit", lambda node: history.supporters(node))


def epochs_by_place_in_line(patch: pytest.MonkeyPatch) -> None:
    def place(state: RoomState, claimant: str) -> int:
        line: list[str] = list(state.line)
        return state.epoch + 1 + (line.index(claimant) if claimant in line else len(line))

    patch.setattr(RoomState, "epoch_of", place)


def removal_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(authority.Room, "welcomes", lambda *_: True)


def undone_untold(patch: pytest.MonkeyPatch) -> None:
    part = history.parted
    patch.setattr(authority, "parted", lambda old, new: ([], part(old, new)[1]))


def claims_not_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Loyalty, "may_follow", lambda *_, **__: True)


def mandates_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Loyalty, "renewed", lambda *_: None)


def laggards_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Exchange, "tell_laggard", lambda *_: None)


def carried_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Errands, "_vet", lambda *_: None)


def nobody_succeeds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Succession, "campaign", lambda *_: None)


def refusals_unsaid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Errands, "give_up", lambda *_: None)


def nothing_fetched(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Exchange, "fetch", lambda *_: None)


TABLE: list[tuple[Break, list[type[Liar]], int, bool, str]] = [
    (signatures_unchecked, [Forger], 0, False, "a signature is forged"),
    (rights_unchecked, [], 1, False, "a member did"),
    (numbers_forgotten, [Replayer], 41, True, "an act was done twice"),
    (anybody_orders, [Forger], 0, False, "somebody ordered who was not host"),
    (votes_unchecked, [Forger], 0, False, "a vote is forged"),
    (invented_people_count, [Pretender], 3, True, "left a host that lives for a liar"),
    (ties_by_arrival, [Equivocator], 2, True, "never came to agree"),
    (epochs_by_place_in_line, [], 0, False, "two hosts in one epoch"),
    (removal_ignored, [], 2, False, "welcomes somebody who was removed"),
    (undone_untold, [], 0, False, "undone without a word"),
    (claims_not_held, [Usurper], 7, True, "left a host that lives for a liar"),
    (mandates_forgotten, [Usurper], 14, False, "left a host that lives for a liar"),
    (laggards_left, [Equivocator], 6, False, "never came to agree"),
    (carried_unread, [Forger], 0, True, "was called a liar"),
    (nobody_succeeds, [], 1, False, "never came to agree"),
    (refusals_unsaid, [], 10, False, "undone without a word"),
    (nothing_fetched, [], 4, False, "never came to agree"),
]


@pytest.mark.parametrize(("broken", "liars", "seed", "calm", "says"), TABLE, ids=[row[0].__name__ for row in TABLE])
def test_a_broken_core_is_caught(
    broken: Break, liars: list[type[Liar]], seed: int, calm: bool, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Story(seed, 5, liars, calm=calm).tell()
    with monkeypatch.context() as patch:
        broken(patch)
        with pytest.raises((AssertionError, MeshconfError), match=says):
            Story(seed, 5, liars, calm=calm).tell()
