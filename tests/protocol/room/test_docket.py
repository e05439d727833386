"""Our acts under way: sent again, hurried, closed once, given up."""

from __future__ import annotations

from meshconf.protocol.room.acts import Act, Deed
from meshconf.protocol.room.docket import GIVE_UP, RESEND, Docket
from meshconf.protocol.room.making import propose
from tests.protocol.room.logs import A

FIRST = propose("room", A.id, 1, Act(Deed.LOCK), A.sign)


def test_a_proposal_is_due_at_once_and_then_now_and_again() -> None:
    docket = Docket()
    docket.file(FIRST, 0.0)
    assert docket.due(0.0) == [FIRST]
    assert docket.due(RESEND - 0.1) == []
    assert docket.due(RESEND) == [FIRST]


def test_a_new_host_gets_everything_at_once() -> None:
    docket = Docket()
    docket.file(FIRST, 0.0)
    docket.due(0.0)
    docket.hurry()
    assert docket.due(0.1) == [FIRST]


def test_what_is_closed_is_neither_sent_nor_given_up() -> None:
    docket = Docket()
    docket.file(FIRST, 0.0)
    assert docket.close(1) and not docket.close(1)
    assert docket.due(RESEND) == [] and docket.expired(GIVE_UP) == []


def test_what_nobody_does_is_given_up_once() -> None:
    docket = Docket()
    docket.file(FIRST, 0.0)
    assert docket.expired(GIVE_UP - 0.1) == []
    assert docket.expired(GIVE_UP) == [1]
    assert docket.expired(GIVE_UP) == []
