"""The engine hears of a window's size when it has settled, and of nothing twice."""

from __future__ import annotations

from meshconf.windows.attention import Attention, Look

SMALL, LARGE, HIDDEN = Look(315, True), Look(720, True), Look(315, False)


def test_a_look_is_told_once_after_it_has_settled() -> None:
    attention = Attention()
    attention.notice("a", SMALL, 10.0)
    assert attention.settled(10.05) == []
    attention.notice("a", SMALL, 10.08)
    assert attention.settled(10.11) == [("a", SMALL)]
    attention.notice("a", SMALL, 10.2)
    assert attention.settled(20.0) == []


def test_while_a_corner_is_dragged_nothing_is_told() -> None:
    attention = Attention()
    for step in range(50):
        attention.notice("a", Look(300 + step, True), 10 + step * 0.05)
        assert attention.settled(10 + step * 0.05) == []
    assert attention.settled(12.6) == [("a", Look(349, True))]


def test_who_comes_back_in_time_was_never_away() -> None:
    attention = Attention()
    attention.notice("a", SMALL, 10.0)
    assert attention.settled(10.2) == [("a", SMALL)]
    attention.notice("a", HIDDEN, 10.3)
    attention.notice("a", SMALL, 10.35)
    assert attention.settled(11.0) == []
    attention.notice("a", HIDDEN, 11.0)
    assert attention.settled(11.2) == [("a", HIDDEN)]


def test_windows_are_watched_apart() -> None:
    attention = Attention()
    attention.notice("a", SMALL, 10.0)
    attention.notice("b", LARGE, 10.08)
    assert attention.settled(10.12) == [("a", SMALL)]
    assert attention.settled(10.2) == [("b", LARGE)]


def test_a_window_that_comes_back_is_news_again() -> None:
    attention = Attention()
    attention.notice("a", SMALL, 10.0)
    assert attention.settled(10.2) == [("a", SMALL)]
    attention.forget("a")
    assert attention.settled(11.0) == []
    attention.notice("a", SMALL, 11.0)
    assert attention.settled(11.2) == [("a", SMALL)]
    attention.forget("never seen")
