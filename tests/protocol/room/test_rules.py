"""The transition table, row by row: who may, who may not, what it changes, and what would change nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meshconf.errors import Refused
from meshconf.protocol.room import rules
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.state import Person, RoomState
from meshconf.types import Medium
from tests.protocol.room.logs import A, B, C, D, E, Someone

STATE = RoomState(
    host=A.id, people={person.id: Person(person.public, "") for person in (A, B, C, D)}, admins=(B.id, C.id)
)
HOST, STAFF, ALL = (A,), (A, B), (A, B, D)
ADMIT = Act(Deed.ADMIT, peer=E.id, public=E.public)


def act(do: Deed, who: Someone | None = None, kind: Medium | None = None) -> Act:
    return Act(do, peer=who.id if who else None, kind=kind)


def reason(state: RoomState, author: Someone, wish: Act) -> str | None:
    try:
        rules.check(state, author.id, wish)
    except Refused as error:
        return error.reason
    return None


def after(state: RoomState, author: Someone, *wishes: Act) -> RoomState:
    for wish in wishes:
        rules.check(state, author.id, wish)
        state = rules.change(state, wish)
    return state


@pytest.mark.parametrize(
    ("wish", "able", "state"),
    [
        (ADMIT, ALL, STATE),
        (ADMIT, STAFF, replace(STATE, lobby=True)),
        (act(Deed.REMOVE, D), STAFF, STATE),
        (act(Deed.APPOINT, D), HOST, STATE),
        (act(Deed.DISMISS, C), HOST, STATE),
        (act(Deed.TRANSFER, C), HOST, STATE),
        (act(Deed.FORBID, None, Medium.AUDIO), STAFF, STATE),
        (act(Deed.FORBID, D, Medium.AUDIO), STAFF, STATE),
        (act(Deed.PERMIT, None, Medium.VIDEO), STAFF, replace(STATE, silenced=frozenset({Medium.VIDEO}))),
        (act(Deed.PERMIT, D, Medium.VIDEO), STAFF, replace(STATE, silenced=frozenset({Medium.VIDEO}))),
        (act(Deed.LOCK), STAFF, STATE),
        (act(Deed.UNLOCK), STAFF, replace(STATE, locked=True)),
        (act(Deed.LOBBY_ON), STAFF, STATE),
        (act(Deed.LOBBY_OFF), STAFF, replace(STATE, lobby=True)),
        (act(Deed.HISTORY_ON), HOST, STATE),
        (act(Deed.HISTORY_OFF), HOST, replace(STATE, history=True)),
        (act(Deed.END), STAFF, STATE),
        (act(Deed.SUCCEED, D), ALL, STATE),
    ],
    ids=lambda value: value.do.value if isinstance(value, Act) else "",
)
def test_each_row_says_who_may(wish: Act, able: tuple[Someone, ...], state: RoomState) -> None:
    assert [person for person in (A, B, D) if reason(state, person, wish) is None] == list(able)
    assert reason(state, E, wish) == "not-member"
    assert reason(replace(state, ended=True), A, wish) == "ended"


def test_every_deed_but_the_founding_has_a_row() -> None:
    assert set(rules.TABLE) == set(Deed) - {Deed.FOUND}
    assert reason(STATE, A, act(Deed.FOUND)) == "not-member"


@pytest.mark.parametrize(
    ("state", "author", "wish", "why"),
    [
        (STATE, A, Act(Deed.ADMIT, peer=B.id, public=B.public), "no-change"),
        (STATE, A, Act(Deed.ADMIT, peer=E.id, public=B.public), "unknown-person"),
        (STATE, A, Act(Deed.ADMIT, peer=E.id), "unknown-person"),
        (replace(STATE, removed=frozenset({E.id})), A, ADMIT, "removed"),
        (replace(STATE, locked=True), A, ADMIT, "locked"),
        (STATE, A, act(Deed.REMOVE, A), "self"),
        (STATE, A, act(Deed.REMOVE, E), "unknown-person"),
        (STATE, B, act(Deed.REMOVE, A), "not-host"),
        (STATE, B, act(Deed.REMOVE, C), "not-host"),
        (STATE, A, act(Deed.APPOINT, B), "no-change"),
        (STATE, A, act(Deed.APPOINT, A), "self"),
        (STATE, A, act(Deed.DISMISS, D), "no-change"),
        (STATE, A, act(Deed.TRANSFER, A), "self"),
        (STATE, A, act(Deed.TRANSFER, E), "unknown-person"),
        (STATE, A, act(Deed.FORBID), "unknown-kind"),
        (STATE, B, act(Deed.FORBID, A, Medium.AUDIO), "not-host"),
        (STATE, B, act(Deed.FORBID, C, Medium.AUDIO), "not-host"),
        (replace(STATE, silenced=frozenset({Medium.AUDIO})), A, act(Deed.FORBID, None, Medium.AUDIO), "no-change"),
        (STATE, A, act(Deed.PERMIT, None, Medium.AUDIO), "no-change"),
        (STATE, A, act(Deed.PERMIT, D, Medium.AUDIO), "no-change"),
        (replace(STATE, locked=True), A, act(Deed.LOCK), "no-change"),
        (STATE, A, act(Deed.UNLOCK), "no-change"),
        (STATE, A, act(Deed.LOBBY_OFF), "no-change"),
        (STATE, A, act(Deed.HISTORY_OFF), "no-change"),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_why(state: RoomState, author: Someone, wish: Act, why: str) -> None:
    assert reason(state, author, wish) == why


@pytest.mark.parametrize("peer", [None, D])
def test_a_refused_rule_leaves_what_it_is_about_to_the_words_of_the_face(peer: Someone | None) -> None:
    wish = act(Deed.FORBID, peer, Medium.VIDEO)
    with pytest.raises(Refused, match=r"^That is forbidden (to that person )?already\.$"):
        rules.check(after(STATE, A, wish), A.id, wish)
    with pytest.raises(Refused, match=r"^That is permitted (to that person )?already\.$"):
        rules.check(STATE, A.id, act(Deed.PERMIT, peer, Medium.VIDEO))


def test_who_is_removed_loses_every_role_and_rule() -> None:
    state = after(STATE, A, act(Deed.FORBID, C, Medium.AUDIO), act(Deed.REMOVE, C))
    assert C.id not in state.people and C.id not in state.admins
    assert C.id in state.removed and not state.banned


def test_a_transfer_leaves_the_old_host_a_member() -> None:
    state = after(STATE, A, act(Deed.TRANSFER, B))
    assert state.host == B.id and state.role(A.id) == "member" and B.id not in state.admins
    assert state.epoch > STATE.epoch


def test_a_rule_for_all_binds_members_only_and_knows_exceptions() -> None:
    state = after(STATE, A, act(Deed.FORBID, None, Medium.VIDEO))
    assert [state.allows(person.id, Medium.VIDEO) for person in (A, B, D, E)] == [True, True, False, False]
    assert state.allows(D.id, Medium.AUDIO)
    state = after(state, A, act(Deed.PERMIT, D, Medium.VIDEO))
    assert state.allows(D.id, Medium.VIDEO) and Medium.VIDEO in state.silenced
    state = after(state, A, act(Deed.FORBID, D, Medium.VIDEO), act(Deed.PERMIT, None, Medium.VIDEO))
    assert state.allows(D.id, Medium.VIDEO)


def test_a_ban_on_one_person_holds_for_an_admin_too() -> None:
    state = after(STATE, A, act(Deed.FORBID, B, Medium.SCREEN))
    assert state.forbidden_to(Medium.SCREEN) == [B.id]


@pytest.mark.parametrize("whom", [B, None])
def test_what_the_host_forbade_an_admin_no_admin_permits(whom: Someone | None) -> None:
    state = after(STATE, A, act(Deed.FORBID, B, Medium.AUDIO))
    wish = act(Deed.PERMIT, whom, Medium.AUDIO)
    assert [reason(state, author, wish) for author in (B, C, A)] == ["not-host", "not-host", None]
