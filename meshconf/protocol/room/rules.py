"""The transition table of a room: for each act who may do it, when it makes sense, and what it changes.

Pure functions of state and act. Whoever replays the log asks here, so a host that orders a forbidden act orders
nothing: every other member refuses the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from meshconf.errors import Refused
from meshconf.protocol.identity import peer_id_of
from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.state import Person, RoomState
from meshconf.types import Medium, PeerId, Role

MAX_ADMITTED = 256
"""People who were ever admitted and not removed; far more than are in a room at once."""
MAX_REMOVED = 256

_EVERYBODY = frozenset(Role)
_STAFF = frozenset(role for role in Role if role.is_staff)
_HOST = frozenset({Role.HOST})

Check = Callable[[RoomState, PeerId, Act], None]
Change = Callable[[RoomState, Act], RoomState]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: who may, what else must hold (raises `Refused`), and what it makes of the state."""

    by: frozenset[Role]
    check: Check
    change: Change


def check(state: RoomState, author: PeerId, act: Act) -> None:
    """Whether this person may do this now.

    Raises:
        Refused: not so; the sentence says why, `reason` names it for programs.
    """
    if state.ended:
        raise Refused("The meeting is over.", reason="ended")
    role = state.role(author)
    rule = TABLE.get(act.do)
    if role is None or rule is None:
        raise Refused("Only members of the room can do that.", reason="not-member")
    if role not in rule.by:
        if rule.by == _HOST:
            raise Refused("Only the host can do that.", reason="not-host")
        require_staff(state, author)
    rule.check(state, author, act)


def require_staff(state: RoomState, peer: PeerId) -> None:
    """Let host and admins pass.

    Raises:
        Refused: that person is neither.
    """
    if not state.is_staff(peer):
        raise Refused("Only the host and the admins can do that.", reason="not-admin")


def change(state: RoomState, act: Act) -> RoomState:
    """The state after an act that `check` let pass; epoch, seq and numbers are the log's to count."""
    return TABLE[act.do].change(state, act)


# What must hold.


def _nothing(state: RoomState, author: PeerId, act: Act) -> None:
    return


def _someone(state: RoomState, act: Act) -> PeerId:
    if act.peer is None or act.peer not in state.people:
        raise Refused("Nobody in this meeting has that name or id.", reason="unknown-person")
    return PeerId(act.peer)


def _another(state: RoomState, author: PeerId, act: Act) -> PeerId:
    peer = _someone(state, act)
    if peer == author:
        raise Refused("That cannot be done to oneself.", reason="self")
    return peer


def _can_admit(state: RoomState, author: PeerId, act: Act) -> None:
    if act.peer is None or act.public is None:
        raise Refused("Who is to be admitted must be named with a key.", reason="unknown-person")
    if peer_id_of(act.public) != act.peer:
        raise Refused("That key belongs to somebody else.", reason="unknown-person")
    if act.peer in state.people:
        raise Refused("That person is admitted already.", reason="no-change")
    if act.peer in state.removed:
        raise Refused("That person was removed from the meeting.", reason="removed")
    if state.locked:
        raise Refused("The meeting is locked.", reason="locked")
    if state.lobby and not state.is_staff(author):
        raise Refused("The host and the admins let people in.", reason="not-admin")
    if len(state.people) >= MAX_ADMITTED:
        raise Refused("The meeting is full.", reason="full")


def _can_remove(state: RoomState, author: PeerId, act: Act) -> None:
    peer = _another(state, author, act)
    if peer == state.host:
        raise Refused("The host cannot be removed.", reason="not-host")
    if peer in state.admins and author != state.host:
        raise Refused("Only the host can remove an admin.", reason="not-host")
    if len(state.removed) >= MAX_REMOVED:
        raise Refused("Too many people were removed; begin a new meeting.", reason="full")


def _can_appoint(state: RoomState, author: PeerId, act: Act) -> None:
    if _another(state, author, act) in state.admins:
        raise Refused("That person is an admin already.", reason="no-change")


def _can_dismiss(state: RoomState, author: PeerId, act: Act) -> None:
    if _another(state, author, act) not in state.admins:
        raise Refused("That person is no admin.", reason="no-change")


def _can_transfer(state: RoomState, author: PeerId, act: Act) -> None:
    _another(state, author, act)


def _medium(act: Act) -> Medium:
    if act.kind is None:
        raise Refused("Say what is to be forbidden or permitted.", reason="unknown-kind")
    return act.kind


def _can_forbid(state: RoomState, author: PeerId, act: Act) -> None:
    medium = _medium(act)
    if act.peer is None:
        if medium in state.silenced:
            raise Refused("That is forbidden already.", reason="no-change")
        return
    peer = _someone(state, act)
    if peer == state.host or (peer in state.admins and author != state.host):
        raise Refused("That cannot be forbidden to the host, nor by an admin to another.", reason="not-host")
    if (medium, peer) in state.banned:
        raise Refused("That is forbidden to that person already.", reason="no-change")


def _can_permit(state: RoomState, author: PeerId, act: Act) -> None:
    medium = _medium(act)
    if act.peer is None:
        lifted = {peer for kind, peer in state.banned if kind is medium}
        if medium not in state.silenced and not lifted:
            raise Refused("That is permitted already.", reason="no-change")
    else:
        lifted = {_someone(state, act)}
        if state.allows(PeerId(act.peer), medium):
            raise Refused("That is permitted to that person already.", reason="no-change")
    if author != state.host and lifted.intersection(state.admins):
        raise Refused("What the host has forbidden to an admin only the host can permit.", reason="not-host")


def _unless(held: Callable[[RoomState], bool], sentence: str) -> Check:
    def check(state: RoomState, author: PeerId, act: Act) -> None:
        if held(state):
            raise Refused(sentence, reason="no-change")

    return check


# What it makes of the state.


def _admit(state: RoomState, act: Act) -> RoomState:
    assert act.peer is not None and act.public is not None
    return replace(state, people={**state.people, PeerId(act.peer): Person(act.public, act.name)})


def _remove(state: RoomState, act: Act) -> RoomState:
    assert act.peer is not None
    gone = PeerId(act.peer)
    return replace(
        state,
        people={peer: person for peer, person in state.people.items() if peer != gone},
        admins=tuple(peer for peer in state.admins if peer != gone),
        removed=state.removed | {gone},
        exempt=_without(state.exempt, gone),
        banned=_without(state.banned, gone),
    )


def _appoint(state: RoomState, act: Act) -> RoomState:
    return replace(state, admins=(*state.admins, PeerId(act.peer or "")))


def _dismiss(state: RoomState, act: Act) -> RoomState:
    return replace(state, admins=tuple(peer for peer in state.admins if peer != act.peer))


def _hand_over(state: RoomState, act: Act) -> RoomState:
    host = PeerId(act.peer or "")
    return replace(
        state,
        host=host,
        epoch=state.epoch_of(host),
        admins=tuple(peer for peer in state.admins if peer != host),
        banned=_without(state.banned, host),
    )


def _forbid(state: RoomState, act: Act) -> RoomState:
    medium = _medium(act)
    if act.peer is None:
        # A new rule for everybody begins without exceptions.
        kept = frozenset(pair for pair in state.exempt if pair[0] is not medium)
        return replace(state, silenced=state.silenced | {medium}, exempt=kept)
    pair = (medium, PeerId(act.peer))
    return replace(state, banned=state.banned | {pair}, exempt=state.exempt - {pair})


def _permit(state: RoomState, act: Act) -> RoomState:
    medium = _medium(act)
    if act.peer is None:
        return replace(
            state,
            silenced=state.silenced - {medium},
            exempt=frozenset(pair for pair in state.exempt if pair[0] is not medium),
            banned=frozenset(pair for pair in state.banned if pair[0] is not medium),
        )
    pair = (medium, PeerId(act.peer))
    exempt = state.exempt | {pair} if medium in state.silenced else state.exempt
    return replace(state, banned=state.banned - {pair}, exempt=exempt)


def _without(pairs: frozenset[tuple[Medium, PeerId]], peer: PeerId) -> frozenset[tuple[Medium, PeerId]]:
    return frozenset(pair for pair in pairs if pair[1] != peer)


TABLE: dict[Deed, Rule] = {
    Deed.ADMIT: Rule(_EVERYBODY, _can_admit, _admit),
    Deed.REMOVE: Rule(_STAFF, _can_remove, _remove),
    Deed.APPOINT: Rule(_HOST, _can_appoint, _appoint),
    Deed.DISMISS: Rule(_HOST, _can_dismiss, _dismiss),
    Deed.TRANSFER: Rule(_HOST, _can_transfer, _hand_over),
    Deed.FORBID: Rule(_STAFF, _can_forbid, _forbid),
    Deed.PERMIT: Rule(_STAFF, _can_permit, _permit),
    Deed.LOCK: Rule(
        _STAFF, _unless(lambda s: s.locked, "The meeting is locked already."), lambda s, _: replace(s, locked=True)
    ),
    Deed.UNLOCK: Rule(
        _STAFF, _unless(lambda s: not s.locked, "The meeting is not locked."), lambda s, _: replace(s, locked=False)
    ),
    Deed.LOBBY_ON: Rule(
        _STAFF, _unless(lambda s: s.lobby, "The lobby is on already."), lambda s, _: replace(s, lobby=True)
    ),
    Deed.LOBBY_OFF: Rule(
        _STAFF, _unless(lambda s: not s.lobby, "There is no lobby."), lambda s, _: replace(s, lobby=False)
    ),
    Deed.HISTORY_ON: Rule(
        _HOST, _unless(lambda s: s.history, "Newcomers see the chat already."), lambda s, _: replace(s, history=True)
    ),
    Deed.HISTORY_OFF: Rule(
        _HOST,
        _unless(lambda s: not s.history, "Newcomers do not see the chat."),
        lambda s, _: replace(s, history=False),
    ),
    Deed.END: Rule(_STAFF, _nothing, lambda s, _: replace(s, ended=True)),
    Deed.SUCCEED: Rule(_EVERYBODY, _nothing, _hand_over),
}
"""Who may do what. `found` is no row: it makes the first state and is refused everywhere else."""
