"""Who points where."""

from __future__ import annotations

from meshconf.protocol.control.input import Point
from meshconf.protocol.control.messages import Pointing
from meshconf.protocol.control.pointers import Pointer, Pointers
from tests.protocol.control.world import ADA, BOB, EVE


def said(pointers: Pointers, until: float) -> list[tuple[float, Pointing]]:
    """All that is said until then, with the moments."""
    found = []
    now = 0.0
    while (due := pointers.next_timer()) is not None and due <= until:
        now = max(now, due)
        if (message := pointers.say(now=now)) is not None:
            found.append((round(now, 3), message))
    return found


def test_a_fast_pointer_is_told_thirty_times_a_second_and_where_it_rests() -> None:
    pointers = Pointers()
    told = []
    for n in range(100):
        pointers.point(ADA, Point(n / 100, 0.5), now=n / 100)
        if (message := pointers.say(now=n / 100)) is not None:
            told.append(message)
    assert 25 <= len(told) <= 31
    assert [message.x for _, message in said(pointers, 4.0)][-1] == 0.99


def test_a_pointer_that_goes_is_told_some_times_and_no_more() -> None:
    pointers = Pointers()
    pointers.point(ADA, Point(-1, -1), now=0.0)
    assert 3 <= len(said(pointers, 60.0)) <= 4
    assert pointers.next_timer() is None


def test_pointers_of_several_people_and_those_that_fade() -> None:
    pointers = Pointers()
    assert pointers.take(BOB, Pointing(owner=ADA, n=1, x=0.1, y=0.2, pen=True), now=0.0) == {ADA}
    assert pointers.take(EVE, Pointing(owner=ADA, n=7, x=0.3, y=0.4), now=1.0) == {ADA}
    assert pointers.take(BOB, Pointing(owner=ADA, n=1, x=0.9, y=0.9), now=1.0) == set(), "late"
    assert pointers.shown(ADA) == [Pointer(BOB, 0.1, 0.2, True), Pointer(EVE, 0.3, 0.4, False)]
    assert pointers.fade(now=3.5) == {ADA}
    assert pointers.take(EVE, Pointing(owner=BOB, n=8, x=0.5, y=0.5), now=3.6) == {ADA, BOB}
    assert pointers.shown(ADA) == []
    assert pointers.forget(EVE) == {BOB}
    assert pointers.shown(BOB) == []
