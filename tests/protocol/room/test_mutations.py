"""The stories are worth something: each invariant is broken on purpose in the core, and a story notices.

A row names what is broken, who is among the people when it is told, the seed, and what the oracle then says.
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
from tests.support.liars import Equivocator, Flooder, Forger, Liar, Pretender, Replayer, Usurper
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
    _with_state(patch, lambda state, entry: replace(state, host=entry.host) if entry.epoch == state.epoch else state)


def claims_unchecked(patch: pytest.MonkeyPatch) -> None:
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


def claims_not_shown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Exchange, "show", lambda *_: None)


def laggards_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Exchange, "tell_laggard", lambda *_: None)


def carried_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Errands, "_vet", lambda *_: None)


def nobody_succeeds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Succession, "campaign", lambda *_: None)


def refusals_unsaid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Errands, "give_up", lambda *_: None)


def resent_never(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Exchange, "fetch", lambda *_: None)


TABLE: list[tuple[Break, list[type[Liar]], int, str]] = [
    (signatures_unchecked, [Forger], 0, ""),
    (rights_unchecked, [], 0, ""),
    (numbers_forgotten, [Replayer], 0, ""),
    (anybody_orders, [Forger], 0, ""),
    (claims_unchecked, [Forger], 0, ""),
    (invented_people_count, [Pretender], 0, ""),
    (ties_by_arrival, [Equivocator], 0, ""),
    (epochs_by_place_in_line, [], 0, ""),
    (removal_ignored, [], 0, ""),
    (undone_untold, [], 0, ""),
    (claims_not_held, [Usurper], 0, ""),
    (claims_not_shown, [Usurper], 0, ""),
    (laggards_left, [Equivocator], 0, ""),
    (carried_unread, [Flooder], 0, ""),
    (nobody_succeeds, [], 0, ""),
    (refusals_unsaid, [], 0, ""),
    (resent_never, [], 0, ""),
]


@pytest.mark.parametrize(("broken", "liars", "seed", "says"), TABLE, ids=[row[0].__name__ for row in TABLE])
def test_a_broken_core_is_caught(
    broken: Break, liars: list[type[Liar]], seed: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Story(seed, 5, liars).tell()
    with monkeypatch.context() as patch:
        broken(patch)
        with pytest.raises((AssertionError, MeshconfError), match=says):
            Story(seed, 5, liars).tell()
