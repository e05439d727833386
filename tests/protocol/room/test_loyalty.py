"""Which branch to follow when: whom we hear gets time, whom we voted for is followed, the weak are not looked at."""

from __future__ import annotations

from meshconf.protocol.room.acts import Deed
from meshconf.protocol.room.loyalty import CONCEDE, CONTEST, IGNORE, Loyalty
from tests.protocol.room.logs import A, B, Book, C, D


def test_what_our_host_orders_is_followed_at_once() -> None:
    book, loyalty = Book(B), Loyalty()
    head = book.head
    assert loyalty.may_follow(head, book.write(A, Deed.LOCK), holds=True, is_host=False, now=0.0)


def test_a_claim_waits_while_the_host_is_heard_and_no_longer() -> None:
    book, loyalty = Book(B, C), Loyalty()
    rival = book.history.add(book.claim(B))
    assert not loyalty.may_follow(book.head, rival, holds=True, is_host=False, now=0.0)
    assert loyalty.is_torn
    assert loyalty.may_follow(book.head, rival, holds=True, is_host=False, now=CONTEST)
    assert Loyalty().may_follow(book.head, rival, holds=False, is_host=False, now=0.0)


def test_a_claim_that_we_voted_for_is_followed_at_once_and_a_vote_is_given_once() -> None:
    book, loyalty = Book(B, C), Loyalty()
    assert loyalty.vote(book.head.digest, B.id) and not loyalty.vote(book.head.digest, B.id)
    rival = book.history.add(book.claim(B))
    assert loyalty.may_follow(book.head, rival, holds=True, is_host=False, now=0.0)


def test_a_host_that_was_away_takes_the_room_as_it_is_unless_it_acted() -> None:
    book, loyalty = Book(B, C), Loyalty()
    rival = book.history.add(book.claim(B))
    loyalty.cut_off()
    assert loyalty.is_cut_off
    loyalty.back(0.0)
    assert loyalty.may_follow(book.head, rival, holds=True, is_host=True, now=CONCEDE - 0.1)
    loyalty.acted()
    assert not loyalty.may_follow(book.head, rival, holds=True, is_host=True, now=CONCEDE - 0.1)


def test_whose_claim_came_to_nothing_is_not_looked_at_for_a_while_but_by_the_host() -> None:
    book, loyalty = Book(B, C), Loyalty()
    entry = book.claim(B)
    rival = book.history.add(entry)
    loyalty.may_follow(book.head, rival, holds=True, is_host=False, now=0.0)
    loyalty.stayed(A.id, 1.0)
    assert loyalty.ignores(entry, is_host=False, now=IGNORE)
    assert not loyalty.ignores(entry, is_host=False, now=1.0 + IGNORE)
    assert not loyalty.ignores(entry, is_host=True, now=IGNORE)
    assert not loyalty.ignores(book.entry(A, book.act(Deed.LOCK)), is_host=False, now=2.0)


def test_a_fresh_mandate_keeps_weaker_claims_away_and_no_others() -> None:
    book, loyalty = Book(B, C, D), Loyalty()
    loyalty.renewed(book.claim(A, C, D), 0.0)
    assert loyalty.ignores(book.claim(B, C), is_host=True, now=1.0)
    assert not loyalty.ignores(book.claim(B, C, D), is_host=True, now=1.0)
    assert not loyalty.ignores(book.claim(A), is_host=False, now=1.0)
    assert not loyalty.ignores(book.claim(B, C), is_host=True, now=IGNORE)
