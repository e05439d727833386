"""What a prefix of the log amounts to: roles, the line of succession, numbers of epochs."""

from __future__ import annotations

from dataclasses import replace

from meshconf.protocol.room.state import ROUND, Person, RoomState
from meshconf.types import Medium, Role
from tests.protocol.room.logs import A, B, C, D, E

STATE = RoomState(host=A.id, people={person.id: Person(person.public, "") for person in (A, B, C, D)}, admins=(D.id,))


def test_everybody_admitted_has_one_role_and_a_stranger_none() -> None:
    assert [STATE.role(person.id) for person in (A, B, D, E)] == [Role.HOST, Role.MEMBER, Role.ADMIN, None]


def test_host_and_admins_are_staff_and_a_stranger_is_not() -> None:
    assert [STATE.is_staff(person.id) for person in (A, B, D, E)] == [True, False, True, False]


def test_admins_come_first_in_line_then_members_as_they_came() -> None:
    assert STATE.line == [D.id, B.id, C.id]


def test_an_epoch_names_its_host_and_grows() -> None:
    epochs = {STATE.epoch_of(person.id) for person in (A, B, C, D)}
    assert len(epochs) == 4 and all(epoch // ROUND == 1 for epoch in epochs)
    later = replace(STATE, epoch=STATE.epoch_of(B.id))
    assert later.epoch_of(C.id) > later.epoch and later.epoch_of(C.id) % ROUND == STATE.epoch_of(C.id) % ROUND


def test_a_stranger_may_send_nothing() -> None:
    assert not STATE.allows(E.id, Medium.AUDIO)
