"""The ring of packets that a viewer may ask for again."""

from __future__ import annotations

from meshconf.media.send.history import MOST_REPEATS, SIZE, History


def test_what_was_sent_lately_is_there_and_what_was_overwritten_is_not() -> None:
    history = History()
    for number in range(2 * SIZE):
        history.keep(number, b"%d" % number, 97)
    assert history.again(0) is history.again(SIZE - 1) is None
    assert history.again(SIZE) == (b"%d" % SIZE, 97)
    assert history.again(2 * SIZE - 1) == (b"%d" % (2 * SIZE - 1), 97)
    assert history.again(2 * SIZE) is None


def test_numbers_that_wrap_find_their_packets() -> None:
    history = History()
    for number in range(65_530, 65_546):
        history.keep(number & 0xFFFF, b"%d" % number, 98 | 0x80)
    assert [history.again(number & 0xFFFF) for number in (65_535, 65_536)] == [(b"65535", 226), (b"65536", 226)]


def test_one_packet_is_given_only_so_often_but_a_new_one_in_its_place_again() -> None:
    history = History()
    history.keep(5, b"old", 97)
    assert [history.again(5) for _ in range(MOST_REPEATS + 3)] == [(b"old", 97)] * MOST_REPEATS + [None] * 3
    history.keep(5 + SIZE, b"new", 97)
    assert history.again(5) is None
    assert [history.again(5 + SIZE) for _ in range(MOST_REPEATS + 1)] == [(b"new", 97)] * MOST_REPEATS + [None]


def test_two_repeats_of_one_packet_are_as_far_apart_as_is_wanted() -> None:
    history = History()
    history.keep(5, b"one", 97)
    history.keep(6, b"two", 97)
    given = [history.again(5, now, 0.1) is not None for now in (0.0, 0.05, 0.1, 0.15, 0.25)]
    assert given == [True, False, True, False, True]
    assert history.again(6, 0.25, 0.1) is not None, "the first is not kept waiting"
    assert history.again(5, 0.26, 0.0) is not None
